import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listening } from './daemons.ts';
import { freePort } from './servers.ts';

export const REDIS = '/usr/bin/redis-server';

export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A Redis of this test's own, in memory alone. */
export async function redisServer(): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-redis-'));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = spawn(REDIS, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir], {
        stdio: 'ignore',
      });
      await listening(port);
    },
    async stop() {
      const running = child;
      if (running === null) return;
      child = null;
      const gone = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await gone;
    },
    close: () => server.stop(),
  };
  await server.start();
  return server;
}
