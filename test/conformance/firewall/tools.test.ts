// Attack tools as they are, at the sample shop's weak corner: straight they find its holes, through the edge none. All of it on loopback, bounded in time.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FIREWALL_ON } from '#plane';
import { legacyCorner } from '../../../sample/shops/legacy.ts';
import { ALL_WEAKNESSES } from '../../../sample/weaknesses.ts';
import { startTestEdge, type TestEdge, testRoute } from '../../support/edge.ts';
import { optional } from '../../support/optional.ts';
import { httpServer, type Running } from '../../support/servers.ts';

const LIMIT_MS = 150_000;
/** No tool may be known by its name alone. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const there = (tool: string): boolean => optional(tool, existsSync(`/usr/bin/${tool}`));

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** What a tool says, whatever its exit code. */
function run(tool: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(
      `/usr/bin/${tool}`,
      [...args],
      { timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 },
      (_, out, err) => resolve(out + err),
    );
    child.stdin?.end();
  });
}

describe('attack tools at the weak corner', () => {
  let shop: Running;
  let edge: TestEdge;

  beforeAll(async () => {
    const app = new Hono().route('/legacy', legacyCorner(ALL_WEAKNESSES));
    const listener = getRequestListener((request) => app.fetch(request));
    shop = await httpServer((request, response) => void listener(request, response));
    edge = await startTestEdge(
      { routes: [testRoute(shop.port, { firewall: FIREWALL_ON })] },
      { bounds: { perAddress: 2_000 } },
    );
  });
  afterAll(async () => {
    await edge.close();
    await shop.close();
  });

  describe.runIf(there('sqlmap'))('sqlmap', () => {
    const sqlmap = async (port: number, more: string): Promise<string> =>
      await run('sqlmap', [
        ...words(`-u http://127.0.0.1:${port}/legacy/search?q=ring -p q --batch --flush-session`),
        ...words('--threads=4 --time-sec=1 --dbms=SQLite --skip-waf'),
        ...words(`--output-dir ${mkdtempSync(join(tmpdir(), 'loupe-sqlmap-'))} ${more}`),
        `--user-agent=${BROWSER}`,
      ]);

    it('finds the hole straight', async () => {
      expect(await sqlmap(shop.port, '--level=2 --risk=2')).toContain('Parameter: q (GET)');
    });

    it.each([
      ['as it comes', ''],
      ['with comments for spaces', '--tamper=space2comment,between,randomcase'],
      ['encoded twice', '--tamper=chardoubleencode'],
      ['with bytes that are spaces to some', '--tamper=space2mssqlblank'],
      ['with comments that one database carries out', '--tamper=versionedkeywords'],
    ])(
      'finds none through the edge, %s',
      async (_, tamper) => {
        const said = await sqlmap(edge.port, `--level=3 --risk=3 ${tamper}`);
        expect(said).toContain('not seem to be injectable');
        expect(said).not.toContain('Parameter: q (GET)');
      },
      LIMIT_MS,
    );
  });

  describe.runIf(there('wapiti'))('wapiti', () => {
    const Report = z.object({
      vulnerabilities: z.record(z.string(), z.array(z.object({ parameter: z.string() }))),
    });
    const wapiti = async (port: number): Promise<readonly string[]> => {
      const folder = mkdtempSync(join(tmpdir(), 'loupe-wapiti-'));
      const report = join(folder, 'report.json');
      await run('wapiti', [
        // These modules ask nobody but the shop.
        ...words(`-u http://127.0.0.1:${port}/legacy -m sql,xss,permanentxss,file,exec,crlf`),
        ...words('--scope domain -d 3 -S normal --no-bugreport --flush-session --max-scan-time 60'),
        ...words(`--max-attack-time 60 --store-session ${folder} -f json -o ${report}`),
        '-A',
        BROWSER,
      ]);
      const { vulnerabilities } = Report.parse(JSON.parse(readFileSync(report, 'utf8')));
      return Object.entries(vulnerabilities).flatMap(([kind, found]) =>
        found.map(({ parameter }) => `${kind}: ${parameter}`),
      );
    };

    it(
      'finds holes straight, and through the edge none',
      async () => {
        expect((await wapiti(shop.port)).toSorted()).toEqual([
          'Cross Site Scripting: entry',
          'Cross Site Scripting: q',
          'Path Traversal: file',
        ]);
        expect(await wapiti(edge.port)).toEqual([]);
      },
      LIMIT_MS,
    );
  });

  describe.runIf(there('ffuf'))('ffuf', () => {
    /** A file of the machine, by as many ways as there are to write it. */
    const ways = ['../', '..%2f', '%2e%2e/', '%2e%2e%2f', '..%252f', '....//', '..%c0%af', '..;/'].flatMap(
      (step) =>
        [4, 8, 12].flatMap((times) => [
          `${step.repeat(times)}etc/passwd`,
          `1.txt/${step.repeat(times)}etc/passwd`,
        ]),
    );
    const ffuf = async (port: number): Promise<number> => {
      const folder = mkdtempSync(join(tmpdir(), 'loupe-ffuf-'));
      const [list, report] = [join(folder, 'list'), join(folder, 'report.json')];
      writeFileSync(list, `${ways.join('\n')}\n`);
      await run('ffuf', [
        ...words(`-u http://127.0.0.1:${port}/legacy/certificate?file=FUZZ -w ${list}`),
        ...words(`-mr root:[^:]*:0: -maxtime 60 -s -of json -o ${report}`),
        '-H',
        `User-Agent: ${BROWSER}`,
      ]);
      const { results } = z
        .object({ results: z.array(z.unknown()) })
        .parse(JSON.parse(readFileSync(report, 'utf8')));
      return results.length;
    };

    it('reads a file of the machine straight, and through the edge none', async () => {
      expect(await ffuf(shop.port)).toBeGreaterThan(0);
      expect(await ffuf(edge.port)).toBe(0);
    });
  });
});
