import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openOutbound } from '#outbound';
import { type SampleSftp, type SftpTrouble, startSampleSftp } from '../../../sample/feeds/sftp.ts';
import { SSHD, type SshServer, sshServer } from '../../../test/support/daemons.ts';
import { optional } from '../../../test/support/optional.ts';
import { openSession } from './session.ts';
import type { SftpFile } from './sftp.ts';

const outbound = openOutbound({
  allowNetworks: ['127.0.0.1'],
  extraCa: [],
  resolver: null,
  userAgent: 'test',
  connectTo: {},
});
const session = (bounds: object = {}, networks = outbound) =>
  openSession({
    outbound: networks,
    hosts: ['127.0.0.1'],
    credentials: {},
    gapMs: 0,
    plain: false,
    handedIn: null,
    bounds: {
      maxBytes: 20_000_000,
      timeoutMs: 20_000,
      idleMs: 15_000,
      minBytesPerS: 50_000,
      maxTries: 4,
      ...bounds,
    },
    signal: new AbortController().signal,
    wait: () => Promise.resolve(),
  });

async function read(file: SftpFile, given = session()): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of given.file(file)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a file on an SFTP server', () => {
  const account = { username: 'jeweler', password: 'correct horse' };
  const FILE = randomBytes(3_000_001);
  let server: SampleSftp;
  let place: SftpFile;
  beforeAll(async () => {
    server = await startSampleSftp(account, '/out/list.csv');
    place = {
      host: '127.0.0.1',
      port: server.port,
      path: '/out/list.csv',
      hostKey: server.hostKey,
      username: account.username,
      secret: { password: account.password },
    };
  });
  afterAll(() => server.close());
  afterEach(() => {
    server.trouble = null;
    server.file = FILE;
  });

  it.each(['whole', 'short-answers', 'out-of-order'] as const)('comes as it lies there: %s', async (how) => {
    server.file = FILE;
    server.trouble = how === 'whole' ? null : how;
    const given = session();
    expect((await read(place, given)).equals(FILE)).toBe(true);
    expect(given.reached).toEqual([{ host: '127.0.0.1', protocol: 'SSH-2.0', certificateUntil: null }]);
  });

  it.each([0, 1, 32 * 1024, 32 * 1024 * 32])('ends where it ends: %i bytes', async (length) => {
    server.file = FILE.subarray(0, length);
    expect((await read(place)).equals(server.file)).toBe(true);
  });

  it('tells nobody a password whose host key is another', async () => {
    server.tried.length = 0;
    const other = `SHA256:${'A'.repeat(43)}`;
    for (const hostKey of [other, ''])
      await expect(read({ ...place, hostKey })).rejects.toMatchObject({
        code: 'feeds/not-fetched',
        details: { why: 'host-key', seen: server.hostKey, host: '127.0.0.1' },
      });
    expect(server.tried).toEqual([]);
  });

  it('is refused with words that hold no secret', async () => {
    const wrong = read({ ...place, secret: { password: 'hunter2' } });
    await expect(wrong).rejects.toMatchObject({ details: { why: 'credentials' } });
    await expect(wrong).rejects.not.toThrow('hunter2');
    await expect(read({ ...place, path: '/etc/passwd' })).rejects.toMatchObject({
      details: { why: 'no-file' },
    });
    await expect(read({ ...place, secret: { privateKey: 'no key' } })).rejects.toMatchObject({
      details: { why: 'private-key' },
    });
  });

  it('is asked for at no address inside, and at no other host', async () => {
    const guarded = openOutbound({ ...outbound.policy, allowNetworks: [] });
    await expect(read(place, session({}, guarded))).rejects.toMatchObject({
      details: { why: 'address-refused' },
    });
    await expect(read({ ...place, host: 'localhost' })).rejects.toMatchObject({
      details: { why: 'leads-elsewhere' },
    });
  });

  it.each([
    ['silent', 'timeout'],
    ['drips', 'timeout'],
    ['never-ends', 'too-large'],
    ['floods', 'malformed-answer'],
    ['unasked-answer', 'malformed-answer'],
    ['more-than-asked', 'malformed-answer'],
    ['huge-message', 'malformed-answer'],
    ['breaks-off', 'connection-reset'],
  ] as const satisfies readonly (readonly [SftpTrouble, string])[])(
    'ends where its server is hostile: %s',
    async (trouble, why) => {
      server.trouble = trouble;
      await expect(read(place, session({ idleMs: 700 }))).rejects.toMatchObject({
        code: 'feeds/not-fetched',
        details: { why },
      });
    },
  );

  it('ends where a server of another protocol answers', async () => {
    const http = session({ timeoutMs: 3_000 });
    server.trouble = null;
    const { createServer } = await import('node:http');
    const other = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(read({ ...place, port }, http)).rejects.toMatchObject({ code: 'feeds/not-fetched' });
    other.closeAllConnections();
    other.close();
  });
});

describe.runIf(optional('OpenSSH', existsSync(SSHD)))('a file on OpenSSH’s server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loupe-sftp-'));
  const FILE = randomBytes(5_000_003);
  const path = join(folder, 'list of stones.csv');
  writeFileSync(path, FILE);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const pem = { format: 'pem', type: 'pkcs8' } as const;

  it.each([
    ['ECDSA on P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ECDSA on P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 3072 })],
  ])('is read with a key: %s', async (_, { privateKey }) => {
    const key = privateKey.export(pem);
    const server: SshServer = await sshServer(key);
    try {
      const place = {
        host: '127.0.0.1',
        port: server.port,
        path,
        hostKey: server.hostKey,
        username: server.username,
        secret: { privateKey: key },
      };
      expect((await read(place)).equals(FILE)).toBe(true);
      // As it comes out of a field for passwords.
      const inOneLine = { privateKey: key.replaceAll('\n', '') };
      expect((await read({ ...place, secret: inOneLine })).equals(FILE)).toBe(true);
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem);
      await expect(read({ ...place, secret: { privateKey: other } })).rejects.toMatchObject({
        details: { why: 'credentials' },
      });
    } finally {
      await server.close();
    }
  });
});
