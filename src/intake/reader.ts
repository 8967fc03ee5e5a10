import { Worker } from 'node:worker_threads';
import { SECOND_MS, systemCode } from '#kernel';
import type { Hunk } from './compare.ts';
import { type IntakeAnswer, type IntakeTask, isTooLarge } from './task.ts';

const TIME_MS = 10 * SECOND_MS;
const MEMORY_MB = 256;

/**
 * Reads one file in a thread of its own, 10 s and 256 MiB at most; a file that needs more is refused as `too-slow`.
 */
export async function readFile(task: IntakeTask, timeMs: number = TIME_MS): Promise<IntakeAnswer> {
  if (isTooLarge(task)) return { ok: false, why: 'too-large' };
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    env: {},
    stdout: true,
    stderr: true,
  });
  try {
    return await new Promise<IntakeAnswer>((resolve) => {
      const timer = setTimeout(() => resolve({ ok: false, why: 'too-slow' }), timeMs);
      thread.once('message', (answer: IntakeAnswer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      // A thread that ran out of memory, or met a flaw of a parser, says so by its end: the file is what made it.
      thread.once('error', (error: unknown) => {
        clearTimeout(timer);
        const outOfMemory = systemCode(error) === 'ERR_WORKER_OUT_OF_MEMORY';
        resolve({ ok: false, why: outOfMemory ? 'too-slow' : 'broken' });
      });
    });
  } finally {
    await thread.terminate();
  }
}

/** What differs between two texts, line by line, worked out in such a thread; null where they differ too much to be read. */
export async function compareTexts(before: string, after: string): Promise<readonly Hunk[] | null> {
  const answer = await readFile({ kind: 'texts', before, after });
  return answer.ok && 'hunks' in answer ? answer.hunks : null;
}
