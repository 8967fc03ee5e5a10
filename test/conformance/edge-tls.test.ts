// The edge's TLS as testssl.sh judges it: nothing above LOW, but for what the test's own certificate authority brings about.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { testAuthority } from '../support/certificates.ts';
import { PLAIN_RESPONSE, startTestEdge, testListener, testRoute } from '../support/edge.ts';
import { optional } from '../support/optional.ts';
import { httpServer } from '../support/servers.ts';

const TESTSSL = '/usr/bin/testssl';
const run = promisify(execFile);

/** Findings about a certificate of an authority that only this test knows: no revocation, no transparency, no CAA record. */
const OF_THE_TEST = /^(?:cert_|OCSP|DNS_CAArecord|certs_|scanTime|overall_grade|grade_cap|final_score)/u;

describe.runIf(optional('testssl.sh', existsSync(TESTSSL)))('TLS of the edge, by testssl.sh', () => {
  test('nothing above LOW', { timeout: 300_000 }, async () => {
    const authority = await testAuthority();
    const upstream = await httpServer((_, response) => response.end('ok'));
    const pem = await authority.issue(['vendor.test']);
    const edge = await startTestEdge(
      {
        routes: [
          testRoute(upstream.port, {
            hosts: ['vendor.test'],
            response: {
              ...PLAIN_RESPONSE,
              nosniff: true,
              referrer: 'strict-origin-when-cross-origin',
              csp: { mode: 'enforce', directives: { 'default-src': ["'self'"] } },
            },
          }),
        ],
      },
      {
        listeners: [testListener({ tls: true })],
        certificates: [{ cert: pem.certPath, key: pem.keyPath }],
        bounds: { perAddress: 5_000 },
      },
    );
    const folder = mkdtempSync(join(tmpdir(), 'loupe-testssl-'));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, `${authority.ca}\n`);
    const out = join(folder, 'out.json');
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
      '--add-ca',
      ca,
      '--jsonfile',
      out,
    ];
    // Protocols, server defaults, headers, and every vulnerability it knows.
    await run(TESTSSL, [...args, '-p', '-s', '-f', '-S', '-h', '-U', `vendor.test:${edge.port}`], {
      timeout: 280_000,
    }).catch(() => undefined); // its exit code counts findings
    const rows: { id: string; severity: string; finding: string }[] = JSON.parse(readFileSync(out, 'utf8'));
    expect(rows.length).toBeGreaterThan(40);
    const worse = rows.filter(
      (row) => ['MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'].includes(row.severity) && !OF_THE_TEST.test(row.id),
    );
    expect(worse).toEqual([]);
    const finding = (id: string): string => rows.find((row) => row.id === id)?.finding ?? '';
    expect(finding('TLS1_2')).toMatch(/^offered/u);
    expect(finding('TLS1_3')).toMatch(/^offered/u);
    expect(finding('HSTS_time')).toMatch(/365 days/u);
    await edge.close();
    await upstream.close();
  });
});
