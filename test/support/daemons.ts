import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestCertificate } from './certificates.ts';
import { freePort, type Running } from './servers.ts';

export async function listening(port: number): Promise<void> {
  for (let n = 0; n < 100; n++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${port}`);
}

export async function daemon(port: number, child: ChildProcess): Promise<Running> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await listening(port);
  return {
    port,
    async close() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** OpenSSL's own server, which speaks what node:tls will not. */
export async function opensslServer(pem: TestCertificate, args: readonly string[]): Promise<Running> {
  const port = await freePort();
  const child = spawn(
    'openssl',
    [
      's_server',
      '-accept',
      `127.0.0.1:${port}`,
      '-key',
      pem.keyPath,
      '-cert',
      pem.certPath,
      '-www',
      '-quiet',
      ...args,
    ],
    { stdio: 'ignore' },
  );
  return await daemon(port, child);
}

export const OPENSSL = '/usr/bin/openssl';
export const NGINX = '/usr/sbin/nginx';
export const NSD = '/usr/sbin/nsd';
export const PEBBLE = '/usr/bin/pebble';
export const SSHD = '/usr/sbin/sshd';

/** nginx with one server block, on a port of its own. */
export async function nginxServer(pem: TestCertificate, block: string): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-nginx-'));
  const port = await freePort();
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
events {}
http { access_log off; client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
server { listen 127.0.0.1:${port} ssl; server_name shop.test; ssl_certificate ${pem.certPath}; ssl_certificate_key ${pem.keyPath};
${block} } }`,
  );
  // The certificate's folder is root's alone; nginx reads it before it gives up its rights.
  return await daemon(port, spawn(NGINX, ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' }));
}

/** NSD, an authoritative name server, with one zone. */
export async function nsdServer(zone: string, records: string): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-nsd-'));
  const port = await freePort();
  mkdirSync(join(dir, 'zones'));
  writeFileSync(
    join(dir, 'zones', zone),
    `$ORIGIN ${zone}.\n$TTL 300\n@ SOA ns1 admin 1 3600 900 604800 300\n@ NS ns1\nns1 A 127.0.0.1\n${records}\n`,
  );
  writeFileSync(
    join(dir, 'nsd.conf'),
    `server:
  ip-address: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  zonesdir: "${dir}/zones"
  database: ""
  logfile: "${dir}/log"
  pidfile: "${dir}/pid"
  xfrdfile: "${dir}/xfrd"
  zonelistfile: "${dir}/zonelist"
  xfrdir: "${dir}"
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: ${zone}
  zonefile: ${zone}
`,
  );
  execFileSync('/usr/sbin/nsd-checkconf', [join(dir, 'nsd.conf')]);
  return await daemon(port, spawn(NSD, ['-d', '-c', join(dir, 'nsd.conf')], { stdio: 'ignore' }));
}

export interface PebbleServer extends Running {
  readonly directory: string;
  /** The authority that certificates are issued below; a new one each time. */
  root(ca: string): Promise<string>;
}

/** Pebble, Let's Encrypt's own test server: it looks at names through `dns`, on `httpPort`, and refuses every fourth nonce. */
export async function pebbleServer(
  pem: TestCertificate,
  dns: number,
  httpPort: number,
): Promise<PebbleServer> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-pebble-'));
  const [port, management] = [await freePort(), await freePort()];
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: pem.certPath,
    privateKey: pem.keyPath,
    httpPort,
    tlsPort: 1,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  };
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ pebble: config }));
  const child = spawn(
    PEBBLE,
    ['-strict', '-config', join(dir, 'config.json'), '-dnsserver', `127.0.0.1:${dns}`],
    {
      stdio: 'ignore',
      env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '25' },
    },
  );
  const running = await daemon(port, child);
  return {
    ...running,
    directory: `https://127.0.0.1:${port}/dir`,
    root: async (ca) =>
      await new Promise((resolve, reject) => {
        httpsGet({ host: '127.0.0.1', port: management, path: '/roots/0', ca }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve(text));
        }).on('error', reject);
      }),
  };
}

export function found(path: string): boolean {
  return existsSync(path);
}

export interface SshServer extends Running {
  /** What its RSA host key comes to. */
  readonly hostKey: string;
  /** Whose account it is: whoever runs the tests. */
  readonly username: string;
}

/** OpenSSH's own server with its SFTP, as whoever runs the tests; lets in whoever has the private key (PEM). */
export async function sshServer(privateKey: string): Promise<SshServer> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-sshd-'));
  const port = await freePort();
  writeFileSync(join(dir, 'client'), privateKey, { mode: 0o600 });
  writeFileSync(join(dir, 'authorized'), execFileSync('ssh-keygen', ['-y', '-f', join(dir, 'client')]));
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '3072', '-N', '', '-f', join(dir, 'host')]);
  const told = execFileSync('ssh-keygen', ['-l', '-f', join(dir, 'host')]).toString();
  writeFileSync(
    join(dir, 'config'),
    `Port ${port}
ListenAddress 127.0.0.1
HostKey ${dir}/host
AuthorizedKeysFile ${dir}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
PidFile none
Subsystem sftp internal-sftp
`,
  );
  // Where it gives up its rights.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const child = spawn(SSHD, ['-D', '-f', join(dir, 'config'), '-E', join(dir, 'log')], { stdio: 'ignore' });
  return {
    ...(await daemon(port, child)),
    hostKey: /SHA256:\S+/u.exec(told)?.[0] ?? '',
    username: userInfo().username,
  };
}
