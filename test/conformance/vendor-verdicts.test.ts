// Our verdicts about third parties beside those of the tools that people trust for it: testssl.sh for TLS, MDN's HTTP Observatory for headers.
// Every server here is broken on purpose in one way, or sound.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steadyClock } from '#kernel';
import { lookAtVendor, VENDOR_DEADLINE_MS, type VendorLook } from '#look';
import { outboundToLoopback } from '../support/builders.ts';
import { type TestAuthority, type TestCertificate, testAuthority } from '../support/certificates.ts';
import { OPENSSL, opensslServer } from '../support/daemons.ts';
import { optional } from '../support/optional.ts';
import type { Running } from '../support/servers.ts';
import { HEADER_CASES, type HeaderCase } from './header-cases.ts';
import { TLS_CASES, type TlsCase } from './tls-cases.ts';

const TESTSSL = '/usr/bin/testssl';
const OBSERVATORY = process.env['LOUPE_TEST_OBSERVATORY'];
/** How many servers may be judged differently. */
const AGREED = 0.95;
const clock = steadyClock();
const run = promisify(execFile);

/** What a check of ours came to, for one host: `true` holds, `false` falls short, `null` neither. */
function verdict(look: VendorLook, check: string): boolean | null {
  const finding = look.findings.find((one) => one.check === `vendor.${check}`);
  return finding?.outcome === 'holds' ? true : finding?.outcome === 'falls-short' ? false : null;
}

interface Compared {
  readonly name: string;
  readonly differs: readonly string[];
  readonly ms: number;
}

function compare(name: string, look: VendorLook, theirs: Readonly<Record<string, boolean | null>>): Compared {
  const differs = Object.entries(theirs).flatMap(([check, pass]) =>
    pass === null || verdict(look, check) === pass
      ? []
      : [`${check}: ours ${String(verdict(look, check))}, theirs ${String(pass)}`],
  );
  return { name, differs, ms: look.ms };
}

const all: Compared[] = [];

describe.runIf(optional('testssl.sh', existsSync(TESTSSL) && existsSync(OPENSSL)))(
  'TLS, beside testssl.sh',
  () => {
    let authority: TestAuthority;
    const servers: { readonly tls: TlsCase; readonly server: Running }[] = [];

    beforeAll(async () => {
      authority = await testAuthority();
      const other = await testAuthority();
      for (const tls of TLS_CASES) {
        const issuer = tls.certificate === 'unknown-authority' ? other : authority;
        const names = tls.certificate === 'other-name' ? ['other.test'] : ['vendor.test'];
        const days = tls.certificate === 'expired' ? -3 : tls.certificate === 'ends-soon' ? 5 : 120;
        const pem =
          tls.certificate === 'self-signed' ? await selfSigned() : await issuer.issue(names, { days });
        servers.push({ tls, server: await opensslServer(pem, tls.args) });
      }
    }, 120_000);
    afterAll(async () => {
      for (const { server } of servers) await server.close();
    });

    it('comes to the same verdicts', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'loupe-testssl-'));
      const ca = join(folder, 'ca.pem');
      // testssl.sh joins it with other files as it is: without the last line end it would read neither.
      writeFileSync(ca, `${authority.ca}\n`);
      const queue = [...servers.entries()];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const [at, { tls, server }] = next;
          // One after the other: s_server speaks with one client at a time.
          const look = await lookAtVendor(
            outboundToLoopback({
              extraCa: [authority.ca],
              connectTo: { 'vendor.test:443': `127.0.0.1:${server.port}` },
            }),
            { hosts: [], apiHosts: ['vendor.test'] },
            { clock },
          );
          const theirs = await testssl(server.port, ca, join(folder, `${at}.json`));
          all.push(compare(`TLS: ${tls.name}`, look, theirs));
        }
      };
      // Most of a run is waiting.
      await Promise.all(Array.from({ length: 6 }, worker));
      expect(all.filter((one) => one.name.startsWith('TLS'))).toHaveLength(TLS_CASES.length);
    }, 600_000);
  },
);

async function selfSigned(): Promise<TestCertificate> {
  const folder = mkdtempSync(join(tmpdir(), 'loupe-self-'));
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=vendor.test', '-addext', 'subjectAltName=DNS:vendor.test'];
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    keyPath,
    '-out',
    certPath,
    '-days',
    '120',
    ...subject,
  ]);
  return { keyPath, certPath, key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8') };
}

/** testssl.sh's verdicts, as ours are put: what it calls offered, expired, not trusted. */
async function testssl(port: number, ca: string, out: string): Promise<Record<string, boolean | null>> {
  const args = [
    '--quiet',
    '--color',
    '0',
    '--warnings',
    'off',
    '--nodns',
    'none',
    '--ip',
    '127.0.0.1',
    '-p',
    '-s',
    '-S',
    '--add-ca',
    ca,
    '--jsonfile',
    out,
    `vendor.test:${port}`,
  ];
  await run(TESTSSL, args, { timeout: 120_000 }).catch(() => undefined); // its exit code counts findings
  const rows: { id: string; severity: string; finding: string }[] = JSON.parse(readFileSync(out, 'utf8'));
  const finding = (id: string): string => rows.find((row) => row.id === id)?.finding ?? '';
  const offered = (...ids: string[]): boolean => ids.some((id) => finding(id).startsWith('offered'));
  const chain = finding('cert_chain_of_trust');
  const trusted =
    /^Ok/iu.test(finding('cert_trust')) && (chain.startsWith('passed') || /expired/iu.test(chain));
  const expiry = rows.find((row) => row.id === 'cert_expirationStatus');
  return {
    'tls.versions': !offered('SSLv2', 'SSLv3', 'TLS1', 'TLS1_1'),
    'tls.suites': !offered(
      'cipherlist_NULL',
      'cipherlist_aNULL',
      'cipherlist_EXPORT',
      'cipherlist_LOW',
      'cipherlist_3DES_IDEA',
    ),
    // A server without a certificate (anonymous suites alone) has none to judge.
    'tls.certificate': finding('cert_trust') === '' ? null : trusted,
    'tls.expiry': expiry === undefined ? null : !['HIGH', 'CRITICAL'].includes(expiry.severity),
  };
}

describe.runIf(optional('MDN’s HTTP Observatory (LOUPE_TEST_OBSERVATORY)', OBSERVATORY !== undefined))(
  'headers, beside MDN’s HTTP Observatory',
  () => {
    let authority: TestAuthority;
    const servers: { readonly headers: HeaderCase; readonly httpsPort: number; readonly httpPort: number }[] =
      [];
    const closing: (() => void)[] = [];

    beforeAll(async () => {
      authority = await testAuthority();
      const pem = await authority.issue(['localhost', 'vendor.test']);
      for (const headers of HEADER_CASES) {
        const secure = createHttps({ key: pem.key, cert: pem.cert }, (_, response) => {
          for (const [name, value] of headers.answers) response.appendHeader(name, value);
          response.setHeader('content-type', 'text/html');
          response.end('<!doctype html><title>t</title>');
        });
        await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
        const httpsPort = (secure.address() as AddressInfo).port;
        const plain = createServer((request, response) => {
          const host = request.headers.host ?? '';
          const base = host.startsWith('localhost') ? `https://localhost:${httpsPort}` : `https://${host}`;
          const location =
            headers.plain === 'redirect'
              ? `${base}/`
              : headers.plain === 'twice' && request.url === '/'
                ? `http://${host}/b`
                : headers.plain === 'twice'
                  ? `${base}/`
                  : null;
          if (location === null)
            response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>hello');
          else response.writeHead(headers.status ?? 301, { location }).end();
        });
        await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
        const httpPort = (plain.address() as AddressInfo).port;
        if (headers.plain === 'closed') await new Promise((resolve) => plain.close(resolve));
        else closing.push(() => plain.close().closeAllConnections());
        closing.push(() => secure.close().closeAllConnections());
        servers.push({ headers, httpsPort, httpPort });
      }
    });
    afterAll(() => closing.forEach((close) => close()));

    it('come to the same verdicts', async () => {
      const oracle = spawn(process.execPath, ['test/conformance/observatory.mjs', OBSERVATORY ?? ''], {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: await caFile(authority) },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      oracle.stdin.end(JSON.stringify(servers.map(({ httpPort, httpsPort }) => ({ httpPort, httpsPort }))));
      const theirs = JSON.parse(await text(oracle.stdout)) as Record<
        string,
        { pass: boolean; result: string }
      >[];
      for (const [at, { headers, httpPort, httpsPort }] of servers.entries()) {
        const look = await lookAtVendor(
          outboundToLoopback({
            extraCa: [authority.ca],
            resolver: '127.0.0.1:9',
            connectTo: {
              'vendor.test:443': `127.0.0.1:${httpsPort}`,
              'vendor.test:80': `127.0.0.1:${httpPort}`,
            },
          }),
          { hosts: ['vendor.test'], apiHosts: [] },
          { clock },
        );
        const judged = theirs[at] ?? {};
        const of = (test: string): boolean | null => judged[test]?.pass ?? null;
        all.push(
          compare(`headers: ${headers.name}`, look, {
            'http.redirect': of('redirection'),
            'http.hsts': of('strict-transport-security'),
            'http.csp': of('content-security-policy'),
            'http.framing': of('x-frame-options'),
            'http.nosniff': of('x-content-type-options'),
            'http.cookies': of('cookies'),
          }),
        );
      }
      expect(all.filter((one) => one.name.startsWith('headers'))).toHaveLength(HEADER_CASES.length);
    }, 300_000);
  },
);

async function caFile(authority: TestAuthority): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'loupe-ca-')), 'ca.pem');
  writeFileSync(path, authority.ca);
  return path;
}

describe('the servers', () => {
  it('are sixty or more, each broken in its own way', () => {
    const names = [...TLS_CASES, ...HEADER_CASES].map((one) => one.name);
    expect(names.length).toBeGreaterThanOrEqual(60);
    expect(new Set(names).size).toBe(names.length);
  });

  it.runIf(existsSync(TESTSSL) && OBSERVATORY !== undefined)(
    'are judged alike, 95 of 100 and more, and in time',
    () => {
      const differing = all.filter((one) => one.differs.length > 0);
      const said = differing.map((one) => `  ${one.name}: ${one.differs.join('; ')}`).join('\n');
      const share = 1 - differing.length / all.length;
      process.stderr.write(
        `${all.length} servers, ${(100 * share).toFixed(1)} % judged alike; not these:\n${said}\n`,
      );
      expect(all.length).toBe(TLS_CASES.length + HEADER_CASES.length);
      expect(share, said).toBeGreaterThanOrEqual(AGREED);
      for (const one of all) expect(one.ms, one.name).toBeLessThanOrEqual(VENDOR_DEADLINE_MS);
    },
  );
});
