// Gives a target changed inputs for a while, keeps those that reach new code, and stops at the first flaw: an error that is no refusal, or more time than its bytes may take.
import { seeded } from '../../sample/feeds/stones.ts';
import { watchCoverage } from './coverage.ts';
import { mutated } from './mutate.ts';
import type { Flaw, FuzzTarget } from './target.ts';

export interface FuzzBounds {
  readonly inputs: number;
  readonly ms: number;
  readonly seed: number;
}

export interface Fuzzed {
  readonly inputs: number;
  readonly kept: number;
  readonly flaw: Flaw | null;
}

/** A reader that takes longer for one input (256 KiB at most) holds everything up: there is a power of its length in it. */
const MAX_MS = 5_000;

/** Runs one target within bounds. The same seed gives the same inputs as long as the code reached is the same. */
export async function fuzz(target: FuzzTarget, { inputs, ms, seed }: FuzzBounds): Promise<Fuzzed> {
  const random = seeded(seed);
  const words = target.words.map((word) => Buffer.from(word, 'latin1'));
  const coverage = await watchCoverage(target.paths);
  const corpus = [...target.seeds];
  const pick = (): Buffer => corpus[Math.floor(random() * corpus.length)] ?? Buffer.alloc(0);
  const end = performance.now() + ms;
  let done = 0;
  try {
    for (const input of target.seeds) {
      const flaw = await flawIn(target, input);
      if (flaw !== null) return { inputs: done, kept: corpus.length, flaw };
    }
    await coverage.news();
    for (; done < inputs && performance.now() < end; done++) {
      const input = mutated(pick(), pick(), words, random);
      const flaw = await flawIn(target, input);
      if (flaw !== null) return { inputs: done + 1, kept: corpus.length, flaw };
      if ((await coverage.news()) > 0) corpus.push(input);
    }
    return { inputs: done, kept: corpus.length, flaw: null };
  } finally {
    coverage.stop();
  }
}

async function flawIn(target: FuzzTarget, input: Buffer): Promise<Flaw | null> {
  const begin = performance.now();
  try {
    await target.read(input);
  } catch (error) {
    return { target: target.name, input, error };
  }
  const tookMs = performance.now() - begin;
  if (tookMs <= MAX_MS) return null;
  return {
    target: target.name,
    input,
    error: new Error(`${Math.round(tookMs)} ms for ${input.length} bytes`),
  };
}
