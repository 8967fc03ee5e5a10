import { cpus } from 'node:os';

/** One thing to measure: runs once and says how many units it did. */
export interface Contender {
  readonly name: string;
  run(): Promise<number> | number;
}

export interface Measured {
  readonly name: string;
  /** Median of units per second over the rounds. */
  readonly perS: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/**
 * Runs contenders in turn, round after round, in one process on one machine: only the ratio of their medians is worth
 * reporting, since these machines are shared. One warm-up round is not counted.
 */
export async function inTurn(contenders: readonly Contender[], rounds: number): Promise<Measured[]> {
  const rates = contenders.map(() => [] as number[]);
  for (let round = -1; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const begin = performance.now();
      const units = await contender.run();
      if (round >= 0) rates[i]?.push((units / (performance.now() - begin)) * 1000);
    }
  }
  return contenders.map((contender, i) => ({ name: contender.name, perS: median(rates[i] ?? []) }));
}

export function machineLine(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, SQLite ${process.versions['sqlite'] ?? '?'}`;
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Rounds a figure to three significant digits: more would pretend. */
export function figure(value: number): number {
  return Number(value.toPrecision(3));
}
