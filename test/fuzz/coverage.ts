// Which code an input reached, by V8's own precise coverage: an input that reaches something new is worth changing further.
import { Session } from 'node:inspector/promises';

export interface Coverage {
  /** In how many functions of the watched code something was reached for the first time since this was last asked. */
  news(): Promise<number>;
  stop(): void;
}

/** Watches the code whose path holds one of these. */
export async function watchCoverage(paths: readonly string[]): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  /** By function, the blocks of it that nobody has reached yet. */
  const unreached = new Map<string, ReadonlySet<string>>();
  return {
    async news() {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      let news = 0;
      for (const { url, functions } of result) {
        if (!paths.some((path) => url.includes(path))) continue;
        for (const { functionName, ranges } of functions) {
          const [whole, ...blocks] = ranges;
          if (whole === undefined || whole.count === 0) continue;
          const key = `${url} ${functionName} ${whole.startOffset}`;
          // Blocks are told where they were not run this time; what was run at any time is reached.
          const now = blocks
            .filter((one) => one.count === 0)
            .map((one) => `${one.startOffset} ${one.endOffset}`);
          const before = unreached.get(key);
          const left = new Set(before === undefined ? now : now.filter((one) => before.has(one)));
          if (before === undefined || left.size < before.size) news++;
          unreached.set(
            key,
            before === undefined ? left : new Set([...before].filter((one) => left.has(one))),
          );
        }
      }
      return news;
    },
    stop: () => session.disconnect(),
  };
}
