// What is to be done with a value: which texts are made of it, and what each is asked. Chains that leave a value as it is, or do the same to it, make one text; which those are
// depends on the classes of its bytes alone. Whoever sends values of ever new classes makes ever new courses, so that a course must cost little more than its value does.
import { ANY_BYTE } from '../byte-class.ts';
import { LOWERCASE } from '../transform/shape.ts';
import type { Transformation } from '../transform/transformation.ts';
import { type Check, masksOf, wordsOf } from './check.ts';
import { type TransformChain, type TransformChains, transformationsOf } from './value.ts';

/** A check under a plan. */
export interface Candidate {
  readonly check: Check;
  /** Masks of byte classes; a text must have a byte of each. */
  readonly masks: readonly number[];
  /** The place of its chain in the plan. */
  readonly chain: number;
  /** The places of chains by which its rule asked before: of a rule that asks after each step. */
  readonly earlier: readonly number[];
}

interface PlannedChain {
  readonly steps: readonly Transformation[];
  /** A shorter text has none of the words, and meets nothing. */
  readonly shortest: number;
  /** Checks of which no word is known, or for which a single byte will do. */
  readonly others: readonly Candidate[];
}

/** A text that is made of a value, and what it is asked besides what its words lead to. */
export interface Look {
  /** What makes it. */
  readonly chain: TransformChain;
  /** Whether its letters are lowered then. */
  readonly isLowered: boolean;
  readonly shortest: number;
  readonly others: readonly Candidate[];
}

export interface Course {
  readonly looks: readonly Look[];
  /** For each chain of the plan the place of its look. */
  readonly lookOf: Uint16Array;
}

/** More than honest values have; each is some kilobytes. */
const MAX_COURSES = 128;
const NONE: readonly number[] = [];

/** Whether the same look was asked about the same rule already: steps that change nothing are no reason to ask again. */
export function isAsked({ earlier }: Candidate, lookOf: Uint16Array, place: number): boolean {
  for (const chain of earlier) if (lookOf[chain] === place) return true;
  return false;
}

/** What looks at one variable, or one member. */
export class Plan {
  readonly id: number;
  /** Checks by a word they need. */
  readonly byWord = new Map<number, Candidate[]>();
  readonly #chains: readonly PlannedChain[];
  /** Classes of bytes that some chain touches. */
  readonly #touches: number;
  readonly #known: TransformChains;
  readonly #courses = new Map<number, Course>();

  /** `known`: what the checks' chains are of; `wordIds`: the numbers of words. */
  constructor(
    id: number,
    checks: readonly Check[],
    known: TransformChains,
    wordIds: ReadonlyMap<string, number>,
  ) {
    this.id = id;
    this.#known = known;
    const byChain = Map.groupBy(checks, ({ chain }) => chain);
    this.#touches = [...byChain.keys()].reduce((mask, { touches }) => mask | touches, 0);
    const placesOf = new Map<number, readonly number[]>();
    this.#chains = [...byChain].map(([chain, ofChain], at) => {
      const others: Candidate[] = [];
      let shortest = Infinity;
      for (const check of ofChain) {
        const masks = masksOf(check);
        const words = wordsOf(check);
        const earlier = placesOf.get(check.rule) ?? NONE;
        placesOf.set(check.rule, [...earlier, at]);
        for (const word of words?.long ?? []) {
          const wordId = wordIds.get(word) ?? -1;
          const list = this.byWord.get(wordId) ?? [];
          list.push({ check, masks, chain: at, earlier });
          this.byWord.set(wordId, list);
          shortest = Math.min(shortest, word.length);
        }
        if (words === null) others.push({ check, masks, chain: at, earlier });
        else if (words.short !== 0)
          others.push({ check, masks: [words.short, ...masks], chain: at, earlier });
      }
      return { steps: transformationsOf(chain), shortest: others.length > 0 ? 0 : shortest, others };
    });
  }

  /** What is done with values of these classes. */
  courseOf(classes: number): Course {
    const touched = classes & this.#touches;
    const known = this.#courses.get(touched);
    if (known !== undefined) return known;
    const course = this.#course(touched);
    if (this.#courses.size >= MAX_COURSES) this.#courses.clear();
    this.#courses.set(touched, course);
    return course;
  }

  #course(touched: number): Course {
    const looks: { chain: TransformChain; isLowered: boolean; shortest: number; others: Candidate[] }[] = [];
    const lookOf = new Uint16Array(this.#chains.length);
    const lowering = this.#known.after(this.#known.root, LOWERCASE);
    const places = new Map<TransformChain, number>();
    for (const [at, { steps, shortest, others }] of this.#chains.entries()) {
      const chain = this.#effectOf(steps, touched);
      let place = places.get(chain);
      if (place === undefined) {
        place = looks.length;
        places.set(chain, place);
        const isLowered = chain === lowering;
        looks.push({
          chain: isLowered ? this.#known.root : chain,
          isLowered,
          shortest: Infinity,
          others: [],
        });
      }
      lookOf[at] = place;
      const look = looks[place];
      if (look === undefined) continue;
      look.shortest = Math.min(look.shortest, shortest);
      for (const each of others) if (!isAsked(each, lookOf, place)) look.others.push(each);
    }
    return { looks, lookOf };
  }

  /** What of a chain does anything to values of these classes. What does nothing to them but lower letters is `lowercase`, whatever its name. */
  #effectOf(steps: readonly Transformation[], touched: number): TransformChain {
    let chain = this.#known.root;
    let classes = touched;
    for (const step of steps) {
      if (step.touches !== ANY_BYTE && (step.touches & classes) === 0) continue;
      const isLowering = step.beyondCase !== undefined && (step.beyondCase & classes) === 0;
      chain = this.#known.after(chain, isLowering ? LOWERCASE : step);
      classes = step.yields?.(classes) ?? ANY_BYTE;
    }
    return chain;
  }
}
