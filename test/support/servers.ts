import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Running {
  readonly port: number;
  close(): Promise<void>;
}

interface Listening {
  listen(port: number, host: string, done: () => void): unknown;
  address(): AddressInfo | string | null;
  close(done: () => void): unknown;
  closeAllConnections?(): void;
}

async function running(server: Listening, sockets?: Set<Socket>): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    async close() {
      for (const socket of sockets ?? []) socket.destroy();
      server.closeAllConnections?.();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

export const httpServer = (listener: RequestListener): Promise<Running> => running(createServer(listener));

export const httpsServer = (options: ServerOptions, listener: RequestListener): Promise<Running> =>
  running(createHttps(options, listener));

/** A server that writes whatever it likes: for answers no HTTP library would send. */
export function rawServer(act: (socket: Socket) => void): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    act(socket);
  });
  return running(server, sockets);
}

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  readonly keyPath: string;
  readonly certPath: string;
}

export interface TestAuthority {
  readonly ca: string;
  /** A leaf for these names; `days` may be negative (expired that many days ago). */
  issue(names: readonly string[], options?: { days?: number; bits?: number }): TestCertificate;
}

/** A certificate authority of this test's own, made with OpenSSL. */
export function testAuthority(): TestAuthority {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-ca-'));
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  run(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '3650',
    '-subj',
    '/CN=Loupe test CA',
  );
  let count = 0;
  return {
    ca: readFileSync(join(dir, 'ca.pem'), 'utf8'),
    issue(names, { days = 90, bits = 2048 } = {}) {
      const base = `leaf${count++}`;
      const san = names.map((name) => (/^[\d.]+$/u.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',');
      run(
        'req',
        '-newkey',
        `rsa:${bits}`,
        '-nodes',
        '-keyout',
        `${base}.key`,
        '-out',
        `${base}.csr`,
        '-subj',
        `/CN=${names[0]}`,
        '-addext',
        `subjectAltName=${san}`,
      );
      const at = (offsetDays: number) =>
        new Date(Date.now() + offsetDays * 86_400_000)
          .toISOString()
          .replaceAll(/[-:T]/gu, '')
          .slice(0, 14)
          .concat('Z');
      const dates = ['-not_before', at(Math.min(days, 0) - 30), '-not_after', at(days)];
      // OpenSSL 3.0 takes dates only in "ca"; its little database is made anew each time.
      execFileSync('sh', ['-c', ': > index.txt; echo 0$RANDOM > serial; date +%s%N | cut -c1-16 > serial'], {
        cwd: dir,
      });
      const config = `[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n`;
      execFileSync('sh', ['-c', 'cat > ca.cnf'], { cwd: dir, input: config });
      run(
        'ca',
        '-batch',
        '-config',
        'ca.cnf',
        '-cert',
        'ca.pem',
        '-keyfile',
        'ca.key',
        '-in',
        `${base}.csr`,
        '-out',
        `${base}.pem`,
        '-startdate',
        dates[1]!,
        '-enddate',
        dates[3]!,
        '-notext',
      );
      return {
        key: readFileSync(join(dir, `${base}.key`), 'utf8'),
        cert: readFileSync(join(dir, `${base}.pem`), 'utf8'),
        keyPath: join(dir, `${base}.key`),
        certPath: join(dir, `${base}.pem`),
      };
    },
  };
}
