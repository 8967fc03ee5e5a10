import type { ByteSet } from '../regex/byte-set.ts';
import type { Requirement } from '../regex/requirement.ts';

/** What an operator, made from its argument, does with a value. */
export interface Matcher {
  readonly matches: (value: string) => boolean;
  /** What matched, the whole first, then groups; only asked where `matches` said yes. Null: the value itself. Unless `exact`, a long value gives about what matched. */
  readonly captures: ((value: string, exact: boolean) => readonly (string | null)[]) | null;
  /** What a value must contain to match; null where that cannot be told. */
  readonly requirement: Requirement | null;
  /** Phrases, lower case, one of which contained is a match; null for other operators. */
  readonly phrases: readonly string[] | null;
}

/** What an operator may need to be made: data files by their names beside the rules. */
export interface OperatorFiles {
  /** The bytes of a file as a byte string, or null. */
  read(name: string): string | null;
}

/** Why an argument is none for its operator; the message is for whoever wrote the rule. */
export class ArgumentError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'ArgumentError';
  }
}

export interface Operator {
  /** As rules write it. */
  readonly name: string;
  /** Asks what lies outside the engine: such an operator never matches. */
  readonly absent?: true;
  /** Makes a matcher; throws `ArgumentError`, `PatternError` or `ProgramTooLong`. */
  readonly make: (argument: string, files: OperatorFiles) => Matcher;
}

/** An operator that captures nothing. `words`, `sets`: what a value must contain to match, where that is known. */
export function simple(
  matches: (value: string) => boolean,
  words: readonly string[] | null = null,
  sets: readonly ByteSet[] = [],
): Matcher {
  const requirement = words === null && sets.length === 0 ? null : { words, sets };
  return { matches, captures: null, requirement, phrases: null };
}
