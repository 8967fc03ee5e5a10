import { existsSync, readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { systemCode } from '#kernel';

const THREADS = '/proc/self/task';

/**
 * Has this process do its work with what others leave: whoever serves shoppers comes first on a busy machine.
 *
 * Linux keeps a priority for each thread, and hands it on to those that a thread begins (setpriority(2), NOTES). Some were begun before any script could say a word, so each is told.
 */
export function runInBackground(): void {
  const { PRIORITY_LOW } = constants.priority;
  setPriority(PRIORITY_LOW);
  if (!existsSync(THREADS)) return;
  for (const thread of readdirSync(THREADS)) {
    try {
      setPriority(Number(thread), PRIORITY_LOW);
    } catch (error) {
      // It has ended since.
      if (systemCode(error) !== 'ERR_SYSTEM_ERROR') throw error;
    }
  }
}
