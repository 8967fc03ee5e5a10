// A reporter that ends a run in which a file hangs, and says which. Limits on tests count only while the process that runs them turns its event loop: a loop without end, or a
// child that is waited for in place, would hold up the run for ever and leave nobody a name.
import type { Reporter, TestModule } from 'vitest/node';

const LIMIT_MS = 20 * 60_000;
const LOOK_EVERY_MS = 15_000;

export class Overdue implements Reporter {
  /** When each file began, by its path. */
  readonly #underWay = new Map<string, number>();
  readonly #watch = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();

  onTestModuleQueued(file: TestModule): void {
    this.#underWay.set(file.moduleId, performance.now());
  }

  onTestModuleEnd(file: TestModule): void {
    this.#underWay.delete(file.moduleId);
  }

  onTestRunEnd(): void {
    clearInterval(this.#watch);
  }

  #look(): void {
    for (const [file, since] of this.#underWay) {
      if (performance.now() - since < LIMIT_MS) continue;
      process.stderr.write(`hangs: ${file}\n`);
      process.exit(1);
    }
  }
}
