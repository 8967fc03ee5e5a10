import type { Phase } from '../seclang/rule.ts';

/** What becomes of a request after a phase. */
export type Outcome =
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly ruleId: number;
      readonly drop: boolean;
      /** What a score had to reach, where the rule compares one (anomaly scoring); null: the rule refuses by what it found. */
      readonly threshold: number | null;
    }
  | {
      readonly kind: 'redirect';
      readonly status: number;
      readonly ruleId: number;
      readonly location: string;
    };

/** One value that a rule matched. Names and values are byte strings of the request, cut to 200 bytes: of a long value, those in which the match lies, where that can be told. */
export interface MatchedValue {
  /** As `ARGS:size`. */
  readonly name: string;
  /** The value as the operator saw it. */
  readonly value: string;
}

/** What a rule added to a variable of the transaction. */
export interface Added {
  readonly variable: string;
  readonly amount: number;
  /** For a rule's own `score`: the values of the request, as the transaction counts those that have signs, that it counts for; none: it counts with any. */
  readonly values?: readonly number[];
}

/** A rule that matched, and wants to be told of. */
export interface Match {
  readonly ruleId: number;
  readonly phase: Phase;
  readonly message: string;
  readonly data: string;
  /** 0 (emergency) to 7 (debug), or null. */
  readonly severity: number | null;
  readonly tags: readonly string[];

  /** What the rule found in the message: values of the last of its chain that looks at it, at most 8. None for a rule that compares scores. */
  readonly values: readonly MatchedValue[];
  readonly added: readonly Added[];
}

export const PASS: Outcome = { kind: 'pass' };
