import { availableParallelism } from 'node:os';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { Overdue } from './test/support/overdue.ts';

/** Files that take a minute and more begin first: one that begins last is waited for alone. */
const LONG = [
  'test/conformance/vendor-verdicts.test.ts',
  'src/control/platforms/platforms.test.ts',
  'test/e2e/start.test.ts',
  'src/control/feeds/feeds.test.ts',
  'src/control/mail/mailer.test.ts',
  'test/e2e/feeds-kill.test.ts',
  'test/e2e/feeds.test.ts',
];

function placeOf({ moduleId }: TestSpecification): number {
  const found = LONG.findIndex((name) => moduleId.endsWith(name));
  return found < 0 ? LONG.length : found;
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'contract/**/*.test.ts', 'sample/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    pool: 'forks',
    reporters: ['default', new Overdue()],
    // Most of what long files do is wait: for leases, back-off, other processes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
  },
});
