// nginx with ModSecurity in front of a small server, both on loopback: the engine that ours is compared with. What its rules say of a request is read from its audit log.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { daemon, NGINX } from './daemons.ts';
import { freePort, type Running } from './servers.ts';

const MODSECURITY_MODULE = '/usr/lib/nginx/modules/ngx_http_modsecurity_module.so';
export const CRS_RULES = '/usr/share/modsecurity-crs/rules';
export const CRS_SETUP = '/etc/modsecurity/crs/crs-setup.conf';

export function hasModSecurity(): boolean {
  return existsSync(NGINX) && existsSync(MODSECURITY_MODULE) && existsSync(CRS_RULES);
}

export interface ModSecurity extends Running {
  readonly pid: number;
  /** Sends raw bytes on a connection of its own; the local port tells the request in the log. */
  send(request: Buffer): Promise<SentRequest>;
  /** What the log says so far, in the order of the requests; one that the server refused by itself may be missing. */
  log(): Promise<readonly LoggedRequest[]>;
}

export interface LoggedRequest {
  readonly port: number;
  /** Rules that matched. */
  readonly ids: readonly number[];
}

export interface SentRequest {
  readonly port: number;
  readonly answer: Buffer;
}

const AUDIT = `
SecAuditEngine On
SecAuditLogParts AHZ
SecAuditLogType Serial
SecAuditLogFormat JSON
`;
const Entry = z.object({
  transaction: z.object({
    client_port: z.number(),
    messages: z.array(z.object({ details: z.object({ ruleId: z.string() }) })),
  }),
});

/** nginx with these rules in front of an upstream, without the module where they are null; `audit` false leaves the log out; `hold` is a command to start it under. */
export async function modsecurity(
  upstreamPort: number,
  rules: string | null,
  { audit, hold = [] }: { readonly audit: boolean; readonly hold?: readonly string[] },
): Promise<ModSecurity> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-modsecurity-'));
  const port = await freePort();
  const log = join(dir, 'audit.log');
  writeFileSync(
    join(dir, 'rules.conf'),
    `${rules ?? ''}\n${audit ? `${AUDIT}SecAuditLog ${log}` : 'SecAuditEngine Off'}\n`,
  );
  writeFileSync(
    join(dir, 'nginx.conf'),
    `load_module ${MODSECURITY_MODULE};
daemon off; master_process off; pid ${dir}/nginx.pid; error_log ${dir}/error.log crit;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
  underscores_in_headers on; ignore_invalid_headers off; large_client_header_buffers 8 64k; client_max_body_size 20m; client_body_buffer_size 1m;
  upstream shop { server 127.0.0.1:${upstreamPort}; keepalive 64; }
  server {
    listen 127.0.0.1:${port} reuseport backlog=1024; keepalive_requests 1000000;
    ${rules === null ? '' : `modsecurity on; modsecurity_rules_file ${dir}/rules.conf;`}
    location / { proxy_ignore_client_abort on; proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`,
  );
  const nginx = [NGINX, '-p', dir, '-c', join(dir, 'nginx.conf')];
  const [command = NGINX, ...args] = [...hold, ...nginx];
  const child = spawn(command, args, { stdio: 'ignore' });
  const running = await daemon(port, child);
  return {
    ...running,
    pid: child.pid ?? 0,
    send: (request) => send(port, request),
    log: () => readLog(log),
    async close() {
      await running.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function send(port: number, request: Buffer): Promise<SentRequest> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const pieces: Buffer[] = [];
    let local = 0;
    socket.setTimeout(3000, () => socket.destroy());
    socket.on('connect', () => {
      local = socket.localPort ?? 0;
      socket.end(request);
    });
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('error', reject);
    socket.on('close', () => resolve({ port: local, answer: Buffer.concat(pieces) }));
  });
}

/** The log once nothing is being written to it: a request is logged after it was answered. */
async function readLog(path: string): Promise<readonly LoggedRequest[]> {
  for (let size = -1; size !== statSync(path).size; ) {
    size = statSync(path).size;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const lines = readFileSync(path, 'latin1')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const { transaction } = Entry.parse(JSON.parse(line));
    return {
      port: transaction.client_port,
      ids: transaction.messages.map(({ details }) => Number(details.ruleId)),
    };
  });
}
