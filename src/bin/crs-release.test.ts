// Releases of the Core Rule Set from a simulated project: real archives, signed by GnuPG, over HTTPS.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testAuthority } from '../../test/support/certificates.ts';
import { GPG, type Gpg, gpgHome } from '../../test/support/gpg.ts';
import { optional } from '../../test/support/optional.ts';
import { httpsServer, type Running } from '../../test/support/servers.ts';
import { dataOf, Firewall } from '#waf';
import { fetchCrs } from './crs-release.ts';

describe.runIf(optional('GnuPG', existsSync(GPG)))('a release of the Core Rule Set', () => {
  let server: Running;
  let keys: Gpg;
  let fingerprint: string;
  let policy: Parameters<typeof fetchCrs>[1];
  /** Answers by path; one that begins with `https:` is a redirect. */
  const answers = new Map<string, Buffer>();

  const signed = (bytes: Buffer, who = 'crs@example.test'): Buffer => Buffer.from(keys.signed(who, bytes));
  const archive = (version: string): Buffer => {
    const root = mkdtempSync(join(tmpdir(), 'loupe-release-'));
    const folder = join(root, `coreruleset-${version}`);
    mkdirSync(join(folder, 'rules'), { recursive: true });
    writeFileSync(join(folder, 'crs-setup.conf.example'), `SecComponentSignature "OWASP_CRS/${version}"\n`);
    writeFileSync(join(folder, 'CHANGES.md'), `## Version ${version} - 2026-10-30\n`);
    writeFileSync(
      join(folder, 'rules', 'REQUEST-901.conf'),
      'SecRule ARGS "@pmFromFile words.data" "id:1,phase:2,deny"\n',
    );
    writeFileSync(join(folder, 'rules', 'words.data'), 'goldsmith\n');
    return execFileSync('tar', ['-C', root, '-cz', `coreruleset-${version}`]);
  };
  const release = (version: string, bytes: Buffer, signature: Buffer): void => {
    const path = `/coreruleset/coreruleset/releases/download/v${version}/coreruleset-${version}-minimal.tar.gz`;
    answers.set(`github.com${path}`, Buffer.from(`https://objects.githubusercontent.com/${version}`));
    answers.set(`objects.githubusercontent.com/${version}`, bytes);
    answers.set(`github.com${path}.asc`, signature);
  };

  beforeAll(async () => {
    keys = gpgHome();
    for (const who of ['crs', 'stranger'])
      keys.run('--quick-gen-key', `${who}@example.test`, 'rsa3072', 'sign', 'never');
    fingerprint = keys.fingerprint('crs@example.test');
    const names = ['github.com', 'objects.githubusercontent.com', 'coreruleset.org'];
    const authority = await testAuthority();
    server = await httpsServer(await authority.issue(names), (request, response) => {
      const found = answers.get(`${request.headers.host}${request.url}`);
      if (found === undefined) response.writeHead(404).end();
      else if (found.subarray(0, 6).toString() === 'https:')
        response.writeHead(302, { location: found.toString() }).end();
      else response.end(found);
    });
    policy = {
      allowNetworks: ['127.0.0.0/8'],
      extraCa: [authority.ca],
      resolver: null,
      userAgent: 'LoupeTest/1',
      connectTo: Object.fromEntries(names.map((name) => [`${name}:443`, `127.0.0.1:${server.port}`])),
    };
    answers.set('coreruleset.org/security.asc', Buffer.from(keys.exported('crs@example.test')));
  });
  afterAll(async () => {
    await server.close();
    keys.close();
  });

  it('is taken in under the project’s signature, and inspects', async () => {
    const bytes = archive('4.20.0');
    release('4.20.0', bytes, signed(bytes));
    const pack = await fetchCrs('4.20.0', policy, fingerprint);
    expect(pack).toMatchObject({ name: 'crs', version: '4.20.0', madeOn: '2026-10-30' });
    const firewall = new Firewall({ rules: pack.rules, files: dataOf(pack) });
    const here = { address: '127.0.0.1', port: 1 };
    const judged = firewall.judge({
      connection: { id: 'x', at: 0, client: here, server: here },
      head: { method: 'GET', target: '/?q=goldsmith', protocol: 'HTTP/1.1', headers: [] },
      body: Buffer.alloc(0),
      beyond: false,
    });
    expect(judged.outcome.kind).toBe('refuse');
  });

  it('is refused where anything about it is not the project’s', async () => {
    const bytes = archive('4.21.0');
    const code = async (version: string): Promise<string> =>
      await fetchCrs(version, policy, fingerprint).then(
        () => 'taken in',
        (error: { code?: string }) => error.code ?? 'fault',
      );
    release('4.21.0', bytes, signed(bytes, 'stranger@example.test'));
    expect(await code('4.21.0')).toBe('waf/not-signed');
    const changed = Buffer.from(bytes);
    changed[changed.length - 9] = (changed[changed.length - 9] ?? 0) ^ 1;
    release('4.21.0', changed, signed(bytes));
    expect(await code('4.21.0')).toBe('waf/not-signed');
    // An older release, signed, under a newer one's name.
    release('4.22.0', bytes, signed(bytes));
    expect(await code('4.22.0')).toBe('waf/not-signed');
    const junk = Buffer.from('no archive');
    release('4.23.0', junk, signed(junk));
    expect(await code('4.23.0')).toBe('waf/pack-refused');
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    release('4.24.0', bomb, signed(bomb));
    expect(await code('4.24.0')).toBe('waf/pack-refused');
    release('4.25.0', bytes, Buffer.from('nothing'));
    expect(await code('4.25.0')).toBe('crypto/bad-openpgp');
    expect(await code('4.26.0')).toBe('waf/not-fetched');
    expect(await code('../x')).toBe('waf/not-fetched');
  });

  it('is not followed to somebody else’s host', async () => {
    const bytes = archive('4.27.0');
    release('4.27.0', bytes, signed(bytes));
    answers.set(
      'github.com/coreruleset/coreruleset/releases/download/v4.27.0/coreruleset-4.27.0-minimal.tar.gz',
      Buffer.from('https://elsewhere.example/4.27.0'),
    );
    await expect(fetchCrs('4.27.0', policy, fingerprint)).rejects.toMatchObject({ code: 'waf/not-fetched' });
  });

  it('is the one project’s whose key is known, whatever the key file holds', async () => {
    const bytes = archive('4.28.0');
    release('4.28.0', bytes, signed(bytes));
    await expect(fetchCrs('4.28.0', policy)).rejects.toMatchObject({ code: 'crypto/bad-openpgp' });
  });
});
