import { LoupeError } from '#kernel';

/** What a child tells `loupe start`. */
export type ChildWord =
  | {
      readonly word: 'ready';
      readonly setupToken?: string;
      readonly port?: number;
      readonly ports?: readonly number[];
      readonly publicationKey?: string;
    }
  | { readonly word: 'failed'; readonly code: string; readonly says: string; readonly hint: string };

async function tellParent(word: ChildWord): Promise<void> {
  if (process.send === undefined) return;
  await new Promise<void>((resolve) => process.send?.(word, undefined, undefined, () => resolve()));
}

/** One line on stderr: when, who, what. Only codes and messages of our own, which never hold secrets. */
export function logError(who: string, error: unknown): void {
  const what =
    error instanceof LoupeError
      ? `${error.code}: ${error.message}`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`${new Date().toISOString()} ${who}: ${what}\n`);
}

/**
 * Runs one of Loupe's processes: starts it, says so, and ends it on SIGTERM, SIGINT or when the parent is gone.
 */
export async function runProcess(
  who: string,
  start: () => Promise<{ ready?: Partial<ChildWord & { word: 'ready' }>; close(): Promise<void> }>,
): Promise<void> {
  let running: Awaited<ReturnType<typeof start>>;
  try {
    running = await start();
  } catch (error) {
    if (error instanceof LoupeError) {
      await tellParent({ word: 'failed', code: error.code, says: error.message, hint: error.hint });
    } else logError(who, error);
    // Whatever was opened before the failure is let go with the process: nothing stays half started.
    process.exit(3);
  }
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logError(who, error);
        process.exit(3);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
  await tellParent({ word: 'ready', ...running.ready });
}
