import { afterAll, describe, expect, it } from 'vitest';
import { request } from 'undici';
import { ProxyAgent } from 'undici';
import { testAuthority } from '../../test/support/certificates.ts';
import { httpServer, httpsServer, rawServer, type Running } from '../../test/support/servers.ts';
import {
  addressGate,
  headerValues,
  isPublicAddress,
  openEgressProxy,
  openOutbound,
  type OutboundPolicy,
} from './index.ts';
import { parseNameServer } from './dns.ts';

const POLICY: OutboundPolicy = {
  allowNetworks: ['127.0.0.1'],
  extraCa: [],
  resolver: null,
  userAgent: 'LoupeTest/1',
  connectTo: {},
};
const opened: Running[] = [];
const keep = async (server: Promise<Running>) => {
  const running = await server;
  opened.push(running);
  return running;
};
afterAll(async () => {
  for (const server of opened) await server.close();
});

const signal = new AbortController().signal;
const get = (
  url: string,
  more: {
    policy?: Partial<OutboundPolicy>;
    maxBodyBytes?: number;
    timeoutMs?: number;
    certificate?: 'require' | 'observe';
  } = {},
) =>
  openOutbound({ ...POLICY, ...more.policy }).request({
    url: new URL(url),
    maxBodyBytes: more.maxBodyBytes ?? 10_000,
    timeoutMs: more.timeoutMs ?? 2_000,
    signal,
    certificate: more.certificate ?? 'require',
  });

describe('the address gate', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.2.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001:0:1::1',
    '64:ff9b::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a00:1',
    '::127.0.0.1',
    'not an address',
    '',
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
    expect(addressGate([]).allows(address)).toBe(false);
  });

  it.each(['1.1.1.1', '172.15.0.1', '172.32.0.1', '192.0.1.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    'allows %s',
    (address) => {
      expect(addressGate([]).allows(address)).toBe(true);
    },
  );

  it('allows what an operator named, and only that', () => {
    const gate = addressGate(['127.0.0.1', '10.2.0.0/16', 'fd00::/8']);
    expect(['127.0.0.1', '10.2.3.4', 'fd12::1', '::ffff:10.2.3.4'].map((a) => gate.allows(a))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['127.0.0.2', '10.3.0.1', 'fe80::1'].map((a) => gate.allows(a))).toEqual([false, false, false]);
  });

  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', '10.0.0/8'])(
    'cannot be made from %j',
    (network) => {
      expect(() => addressGate([network])).toThrow(RangeError);
      expect(() => openOutbound({ ...POLICY, allowNetworks: [network] })).toThrow(
        expect.objectContaining({ code: 'outbound/bad-network' }),
      );
    },
  );
});

describe('a request', () => {
  it('gives the answer as it was sent: status, repeated headers, body, address', async () => {
    const server = await keep(
      httpServer((req, res) => {
        res.setHeader('Set-Cookie', ['a=1', 'b=2']);
        res.writeHead(404, { 'X-Seen': req.headers['user-agent'] ?? '' }).end('gone');
      }),
    );
    const answer = await get(`http://127.0.0.1:${server.port}/x?y`);
    if (!answer.ok) throw new Error(answer.kind);
    expect(answer).toMatchObject({ status: 404, truncated: false, address: '127.0.0.1', tls: null });
    expect(headerValues(answer, 'set-cookie')).toEqual(['a=1', 'b=2']);
    expect(headerValues(answer, 'x-seen')).toEqual(['LoupeTest/1']);
    expect(Buffer.from(answer.body).toString()).toBe('gone');
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://2130706433:1/',
    'http://0x7f.1:1/',
    'http://[::1]:1/',
    'http://[::ffff:127.0.0.1]:1/',
    'http://localhost:1/',
    'http://169.254.169.254/',
  ])('to %s is refused before a byte is sent', async (url) => {
    expect(await get(url, { policy: { allowNetworks: [] } })).toMatchObject({
      ok: false,
      kind: 'address-refused',
    });
  });

  it.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'ftp://127.0.0.1/'])('speaks no %s', async (url) => {
    expect(await get(url)).toMatchObject({ ok: false, kind: 'unreachable' });
  });

  it('names what a stranger’s server did', async () => {
    const drip = await keep(
      rawServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
        const timer = setInterval(() => socket.write('x'), 50);
        socket.on('close', () => clearInterval(timer));
      }),
    );
    const dripHeaders = await keep(
      rawServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write('A: b\r\n'), 50);
        socket.on('close', () => clearInterval(timer));
      }),
    );
    const silent = await keep(rawServer(() => undefined));
    const hangsUp = await keep(rawServer((socket) => socket.destroy()));
    const prose = await keep(rawServer((socket) => socket.end('You are not authorized to do this.\r\n\r\n')));
    const short = await keep(
      rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort')),
    );
    const twice = await keep(
      rawServer((socket) =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
      ),
    );
    const bigHeaders = await keep(
      rawServer((socket) => socket.end(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(100_000)}\r\n\r\n`)),
    );
    const kinds: Record<string, string> = {};
    const cases = { drip, dripHeaders, silent, hangsUp, prose, short, twice, bigHeaders };
    for (const [name, server] of Object.entries(cases)) {
      const answer = await get(`http://127.0.0.1:${server.port}/`, { timeoutMs: 400 });
      kinds[name] = answer.ok ? 'ok' : answer.kind;
    }
    expect(kinds).toEqual({
      drip: 'timeout',
      dripHeaders: 'timeout',
      silent: 'timeout',
      hangsUp: 'connection-reset',
      prose: 'malformed-answer',
      short: 'connection-reset',
      twice: 'malformed-answer',
      bigHeaders: 'too-large',
    });
  });

  it('reads no more than its bound of a body without end', async () => {
    const endless = await keep(
      httpServer((_, res) => {
        const more = (): void => {
          while (res.write(Buffer.alloc(65_536))) if (res.destroyed) return;
          res.once('drain', more);
        };
        more();
      }),
    );
    const answer = await get(`http://127.0.0.1:${endless.port}/`, { maxBodyBytes: 100_000 });
    expect(answer).toMatchObject({ ok: true, truncated: true });
    expect(answer.ok && answer.body.byteLength).toBe(100_000);
  });
});

describe('TLS', async () => {
  const authority = await testAuthority();

  it('is verified against the authorities it was given', async () => {
    const { key, cert } = await authority.issue(['127.0.0.1']);
    const server = await keep(httpsServer({ key, cert }, (_, res) => res.end('ok')));
    const url = `https://127.0.0.1:${server.port}/`;
    expect(await get(url)).toMatchObject({
      ok: false,
      kind: 'tls-failed',
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    const trusted = await get(url, { policy: { extraCa: [authority.ca] } });
    expect(trusted).toMatchObject({ ok: true, tls: { problem: null, protocol: 'TLSv1.3' } });
    expect(trusted.ok && trusted.tls?.chain[0]).toMatchObject({
      names: ['IP Address:127.0.0.1'],
      keyBits: 2048,
    });
  });

  it('with a wrong name or an expired certificate is observed only where that was asked', async () => {
    const wrong = await authority.issue(['other.example']);
    const expired = await authority.issue(['127.0.0.1'], { days: -3 });
    for (const [{ key, cert }, code] of [
      [wrong, 'ERR_TLS_CERT_ALTNAME_INVALID'],
      [expired, 'CERT_HAS_EXPIRED'],
    ] as const) {
      const server = await keep(httpsServer({ key, cert }, (_, res) => res.end('ok')));
      const url = `https://127.0.0.1:${server.port}/`;
      const policy = { extraCa: [authority.ca] };
      expect(await get(url, { policy })).toMatchObject({ ok: false, kind: 'tls-failed', code });
      expect(await get(url, { policy, certificate: 'observe' })).toMatchObject({
        ok: true,
        tls: { problem: code },
      });
    }
  });

  it('that is no TLS is a failed handshake', async () => {
    const plain = await keep(rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await get(`https://127.0.0.1:${plain.port}/`)).toMatchObject({ ok: false, kind: 'tls-failed' });
  });
});

describe('the egress proxy', () => {
  it('lets a browser reach what the gate allows and nothing else, and counts', async () => {
    const server = await keep(httpServer((_, res) => res.end('x'.repeat(50_000))));
    const ports = [server.port, 80];
    const proxy = await openEgressProxy(openOutbound(POLICY), {
      maxBytes: 120_000,
      maxConnections: 20,
      ports,
      signal,
    });
    const dispatcher = new ProxyAgent({ uri: proxy.url, proxyTunnel: true });
    const fetchThrough = async (url: string) => {
      try {
        const answer = await request(url, { dispatcher, reset: true });
        return (await answer.body.text()).length;
      } catch {
        return 'refused';
      }
    };
    const good = `http://127.0.0.1:${server.port}/`;
    expect(await fetchThrough(good)).toBe(50_000);
    expect(await fetchThrough('http://127.0.0.2/')).toBe('refused');
    expect(await fetchThrough('http://127.0.0.1:22/')).toBe('refused');
    expect(await fetchThrough(good)).toBe(50_000);
    await fetchThrough(good); // passes the bound on bytes on its way
    expect(await fetchThrough(good)).toBe('refused');
    expect(proxy.reached.map((r) => r.outcome)).toEqual([
      'connected',
      'refused',
      'refused',
      'connected',
      'connected',
      'refused',
    ]);
    await dispatcher.close();
    await proxy.close();
  });
});

describe('name servers', () => {
  it.each([
    ['1.2.3.4', { address: '1.2.3.4', port: 53 }],
    ['1.2.3.4:5353', { address: '1.2.3.4', port: 5353 }],
    ['[::1]:5353', { address: '::1', port: 5353 }],
    ['::1', { address: '::1', port: 53 }],
    ['1.2.3.4:99999', null],
    ['dns.example', null],
    ['', null],
  ])('are read from %j', (text, expected) => {
    expect(parseNameServer(text)).toEqual(expected);
  });
});
