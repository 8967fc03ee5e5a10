// Every hostile message, through the edge, with three servers behind it that read HTTP in their own ways.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { found, NGINX, listening } from '../support/daemons.ts';
import { startTestEdge, type TestEdge, testRoute } from '../support/edge.ts';
import { optional } from '../support/optional.ts';
import { freePort, httpServer, type Running } from '../support/servers.ts';
import { HOSTILE_MESSAGES } from './hostile-messages.ts';

const APACHE = '/usr/sbin/apache2';

interface Behind extends Running {
  /** Requests that arrived since the last time: request line and headers, a line each. */
  seen(): readonly string[];
}

/** Sends bytes and gives what comes back until the other side ends or falls silent. */
async function exchange(port: number, bytes: string): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const done = (): void => {
      socket.destroy();
      resolve(answer);
    };
    let timer = setTimeout(done, 1_500);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      clearTimeout(timer);
      timer = setTimeout(done, 60);
    });
    socket.on('error', done);
    socket.on('close', done);
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

async function nodeBehind(): Promise<Behind> {
  const seen: string[] = [];
  const server = await httpServer((request, response) => {
    seen.push(
      `${request.method} ${request.url}`,
      ...Object.keys(request.headers).map((name) => `header ${name}`),
    );
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  return { ...server, seen: () => seen.splice(0) };
}

async function daemonBehind(child: ChildProcess, port: number, log: string): Promise<Behind> {
  await listening(port);
  let read = 0;
  return {
    port,
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
    seen() {
      const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
      const fresh = lines.slice(read);
      read = lines.length;
      return fresh.flatMap((line) => line.split('|').filter((part) => part !== ''));
    },
  };
}

async function nginxBehind(): Promise<Behind> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-behind-'));
  const port = await freePort();
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
events {}
http { client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
log_format seen '$request_method $request_uri|';
server { listen 127.0.0.1:${port}; access_log ${dir}/access.log seen; location / { return 200 "ok"; } } }`,
  );
  writeFileSync(join(dir, 'access.log'), '');
  const child = spawn(NGINX, ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
  return await daemonBehind(child, port, join(dir, 'access.log'));
}

async function apacheBehind(): Promise<Behind> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-behind-'));
  const port = await freePort();
  writeFileSync(
    join(dir, 'apache.conf'),
    `ServerRoot ${dir}
PidFile ${dir}/pid
Listen 127.0.0.1:${port}
ServerName shop.test
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
ErrorLog ${dir}/error.log
LogFormat "%m %U%q|" seen
CustomLog ${dir}/access.log seen
RedirectMatch 404 .*
`,
  );
  writeFileSync(join(dir, 'access.log'), '');
  const child = spawn(APACHE, ['-X', '-f', join(dir, 'apache.conf')], { stdio: 'ignore' });
  return await daemonBehind(child, port, join(dir, 'access.log'));
}

const servers = [
  { name: 'Node', there: true, start: nodeBehind },
  { name: 'nginx', there: optional('nginx', found(NGINX)), start: nginxBehind },
  { name: 'Apache', there: optional('Apache', found(APACHE)), start: apacheBehind },
];

describe.each(servers.filter((server) => server.there))(
  'hostile messages with $name behind',
  ({ name, start }) => {
    let behind: Behind;
    let edge: TestEdge;

    beforeAll(async () => {
      behind = await start();
      edge = await startTestEdge({ routes: [testRoute(behind.port)] });
    });
    afterAll(async () => {
      await edge.close();
      await behind.close();
    });

    test.each(HOSTILE_MESSAGES)('$name', async ({ bytes, becomes, without }) => {
      behind.seen();
      const answer = await exchange(edge.port, bytes.replaceAll('HOST', 'shop.test'));
      if (name !== 'Node') await new Promise((resolve) => setTimeout(resolve, 30));
      const seen = behind.seen();
      const requests = seen.filter((line) => !line.startsWith('header '));
      if (becomes === 'refused') {
        expect(requests).toEqual([]);
        expect(answer).not.toMatch(/^HTTP\/1\.1 2/u);
      } else if (becomes === 'cut') {
        expect(requests.length).toBeLessThanOrEqual(1);
        expect(answer).not.toMatch(/^HTTP\/1\.1 2/u);
      } else {
        const decoded = name === 'Apache' ? decodeURIComponent(becomes) : becomes;
        expect(
          requests.map((line) =>
            Buffer.from(
              line.replace(/\\x([0-9a-f]{2})/gu, (_, hex: string) =>
                String.fromCharCode(Number.parseInt(hex, 16)),
              ),
              'latin1',
            ).toString(),
          ),
        ).toEqual([decoded]);
        for (const header of without ?? []) expect(seen).not.toContain(`header ${header}`);
        // One request, one answer: nothing was left over to be answered as a second.
        expect(answer.match(/HTTP\/1\.1 \d{3} /gu)?.filter((line) => !line.includes(' 100 '))).toHaveLength(
          1,
        );
      }
    });
  },
);
