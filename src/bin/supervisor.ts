import { type ChildProcess, fork } from 'node:child_process';
import { SECOND_MS } from '#kernel';
import { logError } from './process.ts';

export interface ChildSpec {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** The word that says it is ready; `onWord` gets every other. */
  readonly readyWord: string;
  /** A child that is not essential is restarted all the same, but may fail at the start. */
  readonly essential: boolean;
  /** What it begins with besides what this process has. */
  readonly begins?: { readonly execArgv: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

export interface Word {
  readonly word: string;
  readonly [name: string]: unknown;
}

/** A child that stays: restarted with back-off when it dies. */
export interface Supervised {
  /** Its first word of being ready. Rejects with ChildFailed where it ended first and is essential. */
  readonly ready: Promise<Word>;
  stop(): Promise<void>;
}

export class ChildFailed extends Error {
  readonly child: string;
  readonly word: Word | undefined;

  constructor(child: string, word: Word | undefined) {
    super(`${child} could not start`);
    this.child = child;
    this.word = word;
  }
}

const FIRST_BACKOFF_MS = SECOND_MS / 4;
const MAX_BACKOFF_MS = 30 * SECOND_MS;
/** A child that ran this long had not failed to start. */
const STEADY_MS = 30 * SECOND_MS;
const STOP_MS = 10 * SECOND_MS;

function isWord(value: unknown): value is Word {
  return typeof value === 'object' && value !== null && 'word' in value && typeof value.word === 'string';
}

export function supervise(spec: ChildSpec): Supervised {
  let child: ChildProcess | undefined;
  let stopping = false;
  let backoffMs = FIRST_BACKOFF_MS;
  let timer: NodeJS.Timeout | undefined;
  const first = Promise.withResolvers<Word>();
  let settled = false;

  function run(): void {
    const startedAt = performance.now();
    let failure: Word | undefined;
    const running = fork(spec.script, [...spec.args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, ...(spec.begins?.execArgv ?? [])],
      env: { ...process.env, ...spec.begins?.env },
    });
    child = running;
    running.on('message', (message) => {
      if (!isWord(message)) return;
      if (message.word === spec.readyWord) {
        settled = true;
        first.resolve(message);
      } else if (message.word === 'failed') failure = message;
    });
    running.on('exit', (code, signal) => {
      child = undefined;
      if (stopping) return;
      if (!settled) {
        settled = true;
        first.reject(new ChildFailed(spec.name, failure));
        return;
      }
      if (performance.now() - startedAt > STEADY_MS) backoffMs = FIRST_BACKOFF_MS;
      logError(
        'loupe',
        new Error(`${spec.name} ended (${signal ?? code}); starting it again in ${backoffMs} ms`),
      );
      timer = setTimeout(run, backoffMs);
      backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
    });
  }

  run();
  return {
    ready: first.promise,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (running === undefined) return;
      await new Promise<void>((resolve) => {
        const force = setTimeout(() => running.kill('SIGKILL'), STOP_MS);
        running.once('exit', () => {
          clearTimeout(force);
          resolve();
        });
        running.kill('SIGTERM');
      });
    },
  };
}
