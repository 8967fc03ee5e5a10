import { afterAll, describe, expect, it } from 'vitest';
import { steadyClock } from '#kernel';
import { lookAt, type LookResult, readTarget } from '#look';
import { found, NGINX, NSD, OPENSSL, nginxServer, nsdServer, opensslServer } from '../support/daemons.ts';
import { outboundToLoopback } from '../support/builders.ts';
import { optional } from '../support/optional.ts';
import { testAuthority } from '../support/certificates.ts';
import { httpServer, rawServer, type Running } from '../support/servers.ts';

const authority = await testAuthority();
const pem = await authority.issue(['shop.test']);
const clock = steadyClock();
const opened: Running[] = [];
const keep = async (server: Promise<Running>) => {
  const running = await server;
  opened.push(running);
  return running;
};
afterAll(async () => {
  for (const server of opened) await server.close();
});

async function lookAtPort(
  secure: number,
  more: { plain?: number; resolver?: number; address?: string; connectTo?: Record<string, string> } = {},
): Promise<LookResult> {
  const outbound = outboundToLoopback({
    extraCa: [authority.ca],
    resolver: more.resolver === undefined ? '127.0.0.1:1' : `127.0.0.1:${more.resolver}`,
    connectTo: {
      'shop.test:443': `127.0.0.1:${secure}`,
      'shop.test:80': `127.0.0.1:${more.plain ?? 1}`,
      ...more.connectTo,
    },
  });
  return await lookAt(outbound, readTarget(more.address ?? 'https://shop.test'), {
    clock,
    browser: { mode: 'off', executable: null },
  });
}

const of = (look: LookResult, check: string) => look.findings.find((f) => f.check === check)!;
const outcomes = (look: LookResult, ...checks: string[]) =>
  Object.fromEntries(checks.map((check) => [check, of(look, check).outcome]));

describe.runIf(optional('OpenSSL', found(OPENSSL)))('OpenSSL’s server', async () => {
  it.each<[string, readonly string[], string[], string]>([
    ['TLS 1.3 alone', ['-tls1_3'], ['TLS 1.3'], 'holds'],
    ['TLS 1.2 alone', ['-tls1_2'], ['TLS 1.2'], 'holds'],
    ['TLS 1.1 alone', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], ['TLS 1.1'], 'falls-short'],
    ['TLS 1.0 alone', ['-tls1', '-cipher', 'ALL:@SECLEVEL=0'], ['TLS 1.0'], 'falls-short'],
    [
      'everything',
      ['-cipher', 'ALL:@SECLEVEL=0'],
      ['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'],
      'falls-short',
    ],
    ['what a careful server speaks', [], ['TLS 1.2', 'TLS 1.3'], 'holds'],
  ])('with %s is seen to speak just that', async (_what, args, versions, outcome) => {
    const server = await keep(opensslServer(pem, args));
    const look = await lookAtPort(server.port);
    expect(look.evidence.tls.versions.filter((v) => v.accepted === true).map((v) => v.version)).toEqual(
      versions,
    );
    expect(of(look, 'tls.versions').outcome).toBe(outcome);
  });

  it.each([
    ['no encryption', 'NULL-SHA256:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0', 'TLS_RSA_WITH_NULL_SHA256'],
    [
      'no authentication',
      'ADH-AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0',
      'TLS_DH_anon_WITH_AES_128_CBC_SHA',
    ],
  ])('that accepts %s is caught at it', async (_what, ciphers, name) => {
    const server = await keep(opensslServer(pem, ['-cipher', ciphers]));
    const look = await lookAtPort(server.port);
    expect(look.evidence.tls.weakSuites).toContain(name);
    expect(of(look, 'tls.suites').outcome).toBe('falls-short');
  });

  it.each([
    [
      'of another name',
      await authority.issue(['other.test']),
      'tls.certificate',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['that has ended', await authority.issue(['shop.test'], { days: -2 }), 'tls.expiry', undefined],
    [
      'from nobody known',
      await (await testAuthority()).issue(['shop.test']),
      'tls.certificate',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('with a certificate %s is told so', async (_what, certificate, check, problem) => {
    const server = await keep(opensslServer(certificate, []));
    const look = await lookAtPort(server.port);
    expect(of(look, check)).toMatchObject({
      outcome: 'falls-short',
      ...(problem === undefined ? {} : { facts: { problem } }),
    });
  });
});

describe.runIf(optional('nginx', found(NGINX)))('nginx', () => {
  it('as it comes falls short where it does', async () => {
    const server = await keep(
      nginxServer(pem, 'location / { return 200 "<title>Shop</title>"; default_type text/html; }'),
    );
    const look = await lookAtPort(server.port);
    expect(
      outcomes(
        look,
        'tls.certificate',
        'tls.expiry',
        'http.hsts',
        'http.csp',
        'http.framing',
        'http.nosniff',
        'http.banner',
      ),
    ).toEqual({
      'tls.certificate': 'holds',
      'tls.expiry': 'holds',
      'http.hsts': 'falls-short',
      'http.csp': 'falls-short',
      'http.framing': 'falls-short',
      'http.nosniff': 'falls-short',
      'http.banner': 'falls-short',
    });
  });

  it('set up with care holds', async () => {
    const block = `server_tokens off; ssl_protocols TLSv1.2 TLSv1.3;
add_header Strict-Transport-Security "max-age=31536000" always; add_header X-Content-Type-Options nosniff always;
add_header Content-Security-Policy "default-src 'none'; script-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'" always;
location = /.well-known/security.txt { default_type text/plain; return 200 "Contact: mailto:s@shop.test\\nExpires: 2099-01-01T00:00:00Z\\n"; }
location / { return 200 "<title>Shop</title>"; default_type text/html; }`;
    const server = await keep(nginxServer(pem, block));
    const plain = await keep(
      httpServer((_, res) => {
        res.writeHead(301, { location: 'https://shop.test/' }).end();
      }),
    );
    const look = await lookAtPort(server.port, { plain: plain.port });
    const web = look.findings.filter((f) => /^(tls|http|web|pages)\./u.test(f.check));
    expect(web.filter((f) => f.outcome !== 'holds').map((f) => f.check)).toEqual([]);
  });
});

describe.runIf(optional('NSD', found(NSD)))('a name server', () => {
  it.each<[string, string, Record<string, string>]>([
    ['with nothing', '', { 'mail.spf': 'missing', 'mail.dmarc': 'missing', 'dns.caa': '', 'dns.dnssec': '' }],
    [
      'with weak records',
      '@ TXT "v=spf1 +all"\n_dmarc TXT "v=DMARC1; p=none"',
      { 'mail.spf': 'open', 'mail.dmarc': 'none' },
    ],
    [
      'with two SPF records',
      '@ TXT "v=spf1 -all"\n@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; q=reject"',
      { 'mail.spf': 'several', 'mail.dmarc': 'malformed' },
    ],
    [
      'with an SPF record nobody can follow',
      `@ TXT "v=spf1 ${Array.from({ length: 11 }, (_, i) => `include:i${i}.test`).join(' ')} -all"`,
      { 'mail.spf': 'too-many' },
    ],
  ])('%s falls short', async (_what, records, expected) => {
    const name = await keep(nsdServer('shop.test', `@ A 127.0.0.1\n${records}`));
    const server = await keep(opensslServer(pem, []));
    const look = await lookAtPort(server.port, { resolver: name.port });
    for (const [check, why] of Object.entries(expected)) {
      expect(of(look, check), check).toMatchObject({
        outcome: 'falls-short',
        ...(why === '' ? {} : { facts: { why } }),
      });
    }
  });

  it('with good records holds, also in an answer too long for UDP', async () => {
    const long = Array.from({ length: 30 }, (_, i) => `@ TXT "filler ${i} ${'x'.repeat(180)}"`).join('\n');
    const name = await keep(
      nsdServer(
        'shop.test',
        `@ A 127.0.0.1\n@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=reject"\n@ CAA 0 issue "authority.test"\n@ MX 10 mail\nmail A 127.0.0.1\nselector1._domainkey TXT "v=DKIM1; p=MIGf"\n${long}`,
      ),
    );
    const server = await keep(opensslServer(pem, []));
    const look = await lookAtPort(server.port, { resolver: name.port });
    expect(outcomes(look, 'mail.spf', 'mail.dmarc', 'mail.dkim', 'dns.caa', 'mail.mta-sts')).toEqual({
      'mail.spf': 'holds',
      'mail.dmarc': 'holds',
      'mail.dkim': 'holds',
      'dns.caa': 'holds',
      'mail.mta-sts': 'falls-short',
    });
  });
});

describe('a shop that does not play by the rules', () => {
  const NEVER_HOLDS = (look: LookResult) =>
    look.findings.filter(
      (f) =>
        f.outcome === 'holds' &&
        /^(tls|http\.(hsts|csp|framing|nosniff|cookies|banner)|pages)/u.test(f.check),
    );

  it.each<[string, () => Promise<Running>]>([
    ['says nothing', () => rawServer(() => undefined)],
    ['hangs up', () => rawServer((socket) => socket.destroy())],
    [
      'speaks plain http where TLS belongs',
      () => rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')),
    ],
    [
      'drips nonsense',
      () =>
        rawServer((socket) => {
          const timer = setInterval(() => socket.write('\u0016'), 100);
          socket.on('close', () => clearInterval(timer));
        }),
    ],
    [
      'promises a record of 16 kB and sends none',
      () => rawServer((socket) => socket.write(Buffer.from([22, 3, 3, 0x40, 0]))),
    ],
    [
      'answers with a hello that is cut short',
      () => rawServer((socket) => socket.end(Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0]))),
    ],
    [
      'answers with a hello full of lies',
      () =>
        rawServer((socket) =>
          socket.end(
            Buffer.concat([
              Buffer.from([22, 3, 3, 0, 60, 2, 0, 0, 56, 3, 3]),
              Buffer.alloc(32),
              Buffer.from([255]),
              Buffer.alloc(22),
            ]),
          ),
        ),
    ],
  ])('(%s) costs its time and holds nothing', async (_what, start) => {
    const server = await keep(start());
    const look = await lookAtPort(server.port);
    expect(look.ms).toBeLessThan(15_000);
    expect(NEVER_HOLDS(look)).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['to itself', 'https://shop.test/', 'no-answer'],
    ['into the private network', 'https://10.0.0.1/', 'address-refused'],
    ['to the metadata service', 'http://169.254.169.254/latest/meta-data/', 'address-refused'],
    ['in a circle', 'https://shop.test/a', 'no-answer'],
  ])('(redirects %s) is followed no further', async (_what, location, _why) => {
    const { createServer } = await import('node:https');
    const asked: string[] = [];
    const server = createServer({ key: pem.key, cert: pem.cert }, (req, res) => {
      asked.push(req.url ?? '');
      res.writeHead(302, { location: req.url === '/a' ? '/b' : location }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const look = await lookAtPort(port);
    server.closeAllConnections();
    server.close();
    expect(asked.length).toBeLessThan(20);
    const last = look.evidence.web.secure.at(-1)!;
    if (!location.includes('shop.test'))
      expect(last).toMatchObject({ failure: 'address-refused', status: null });
  });

  it('(a page without end, a gigabyte of headers, a length that lies) is bounded and told', async () => {
    const { createServer } = await import('node:https');
    const server = createServer({ key: pem.key, cert: pem.cert }, (req, res) => {
      if (req.url === '/robots.txt') {
        res.writeHead(200, { 'content-length': '100' });
        res.write('User-agent: *');
        res.destroy();
        return;
      }
      res.writeHead(200, { 'content-type': 'text/html' });
      const timer = setInterval(() => res.write(`<div>${'x'.repeat(200_000)}`), 5);
      res.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const look = await lookAtPort(port);
    server.closeAllConnections();
    server.close();
    expect(look.ms).toBeLessThan(15_000);
    expect(look.evidence.web.secure.at(-1)).toMatchObject({ truncated: true, bodyBytes: 2 * 1024 * 1024 });
    expect(look.evidence.web.robots).toMatchObject({ failure: 'connection-reset' });
  });

  it('that asks robots to stay out of one page is read but for that page', async () => {
    const { createServer } = await import('node:https');
    const asked: string[] = [];
    const server = createServer({ key: pem.key, cert: pem.cert }, (req, res) => {
      asked.push(req.url ?? '');
      if (req.url === '/robots.txt') res.end('User-agent: *\nDisallow: /account\n');
      else
        res
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<title>Shop</title><a href="/account/login">in</a>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const look = await lookAtPort(port);
    server.closeAllConnections();
    server.close();
    expect(of(look, 'pages.forms').outcome).toBe('holds');
    expect(asked).not.toContain('/account/login');
  });

  it('that asks robots to stay out is not read, and says so', async () => {
    const { createServer } = await import('node:https');
    const server = createServer({ key: pem.key, cert: pem.cert }, (req, res) => {
      if (req.url === '/robots.txt') res.end('User-agent: LoupeLook\nDisallow: /\n');
      else
        res
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<form action="http://x.test"><input type=password></form>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const look = await lookAtPort(port);
    server.closeAllConnections();
    server.close();
    expect(of(look, 'pages.forms')).toMatchObject({ outcome: 'unknown', facts: { why: 'robots' } });
  });
});
