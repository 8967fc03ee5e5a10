import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './servers.ts';

/** A real Loupe: `loupe start` in its own processes, on free ports, in a folder of its own. */
export interface Installation {
  readonly folder: string;
  readonly configFile: string;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The set-up link's token, where the installation is not claimed. */
  readonly setupToken: string | null;
  readonly output: () => string;
  /** The process id of one of its processes, by its script's name. */
  pidOf(name: 'keeper' | 'control' | 'worker' | 'edge'): number;
  kill(name: 'keeper' | 'control' | 'worker' | 'edge', signal?: NodeJS.Signals): void;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface InstallationOptions {
  /** An earlier installation's folder, to start it again. */
  readonly folder?: string;
  /** More of the config file. */
  readonly config?: string;
  readonly samples?: boolean;
  /** Where the data lie; `data` beside the config where absent. */
  readonly dataDir?: string;
  /** More environment for its processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

const READY_MS = 60_000;

/** A file of /proc, or nothing where the process has ended meanwhile. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid: string): number {
  return Number(/^PPid:\s*(\d+)/mu.exec(readProc(pid, 'status'))?.[1]);
}

export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'lp-'));
  const configFile = join(folder, 'loupe.yaml');
  const port = await freePort();
  const config = `dataDir: ${options.dataDir ?? './data'}\nlisten: { port: ${port} }\nsamples: ${options.samples ?? true}\nsampleFirstPort: 0\nlook: { browser: off }\n${options.config ?? ''}`;
  writeFileSync(configFile, config);
  const child: ChildProcess = spawn(process.execPath, ['src/bin/loupe.ts', '--config', configFile, 'start'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = /(http:\/\/127\.0\.0\.1:\d+)(?:\/claim#(\S+))?/u;
  const begin = performance.now();
  while (!/Ctrl-C/u.test(output)) {
    if (child.exitCode !== null || performance.now() - begin > READY_MS) {
      child.kill('SIGKILL');
      throw new Error(`loupe start did not get ready:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const lines = output.split('\n').filter((line) => ready.test(line) && !line.startsWith('sample'));
  const [, url = '', setupToken] = ready.exec(lines.at(-1) ?? '') ?? [];
  const pidOf = (name: string): number => {
    const own = readdirSync('/proc').filter((entry) => /^\d+$/u.test(entry) && parentOf(entry) === child.pid);
    const found = own.find((pid) => readProc(pid, 'cmdline').includes(`bin/${name}.ts`));
    if (found === undefined) throw new Error(`no ${name} is running`);
    return Number(found);
  };
  return {
    folder,
    configFile,
    url,
    setupToken: setupToken ?? null,
    output: () => output,
    pidOf,
    kill: (name, signal = 'SIGKILL') => process.kill(pidOf(name), signal),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return await ended;
    },
  };
}

/** A client of the API that keeps its cookie, as a browser does. */
export function apiClient(installation: Pick<Installation, 'url'>) {
  let cookie = '';
  return {
    async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const isFile = body instanceof Blob;
      const answer = await fetch(`${installation.url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(body === undefined
            ? {}
            : { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
          ...(cookie === '' ? {} : { cookie }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
      });
      const [set] = answer.headers.getSetCookie();
      if (set !== undefined) cookie = set.split(';')[0] ?? '';
      const text = await answer.text();
      const isJson = /json/u.test(answer.headers.get('content-type') ?? '');
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        json: isJson && text !== '' ? JSON.parse(text) : null,
      };
    },
    cookie: () => cookie,
  };
}

export type ApiClient = ReturnType<typeof apiClient>;

/** Waits until `act` gives something, and fails with its last word otherwise. */
export async function eventually<T>(
  act: () => Promise<T | null | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const begin = performance.now();
  for (;;) {
    const value = await act().catch(() => null);
    if (value !== null && value !== undefined && value !== false) return value;
    if (performance.now() - begin > withinMs) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Every file below a folder that contains one of the secrets, byte for byte. */
export function filesWith(folder: string, secrets: readonly string[]): string[] {
  const needles = secrets.map((secret) => Buffer.from(secret));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .filter((path) => {
      const bytes = readFileSync(path);
      return needles.some((needle) => bytes.includes(needle));
    });
}
