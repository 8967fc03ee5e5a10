// What a rule file says, read and checked.
import type { ByteRegex } from '../regex/pattern.ts';
import type { NamePattern } from './name-pattern.ts';
import type { Place } from './place.ts';
import type { VariableName } from './variable.ts';

/** 1 request headers, 2 request body, 3 response headers, 4 response body, 5 logging. */
export type Phase = 1 | 2 | 3 | 4 | 5;

/** Members of a collection: one name in lower case, or all whose name a pattern finds. */
export type Selector =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'pattern'; readonly pattern: NamePattern };

export interface Target {
  readonly variable: VariableName;
  /** Null: the whole variable. */
  readonly selector: Selector | null;
}

/** A target, or the number of values it has. */
export interface CountedTarget extends Target {
  readonly count: boolean;
}

export interface Targets {
  readonly included: readonly CountedTarget[];
  readonly excluded: readonly Target[];
}

/** Text with references that are filled in when it is used: `%{TX.score}`. */
export interface Template {
  readonly source: string;
  readonly parts: readonly (string | { readonly variable: VariableName; readonly name: string | null })[];
}

export interface SetVariable {
  /** `tx`, or one of the collections that an engine without memory keeps for the transaction only. */
  readonly collection: 'TX' | 'IP' | 'GLOBAL' | 'SESSION' | 'USER' | 'RESOURCE';
  readonly name: Template;
  /** `add` and `subtract` take what is no number for 0. */
  readonly change: 'set' | 'add' | 'subtract' | 'remove';
  readonly value: Template;
}

/** Changes of the engine for the rest of the transaction. */
export type Control =
  | { readonly kind: 'engine'; readonly mode: EngineMode }
  | { readonly kind: 'body-processor'; readonly processor: BodyProcessor }
  | { readonly kind: 'body-access'; readonly request: boolean; readonly on: boolean }
  | { readonly kind: 'force-request-body'; readonly on: boolean }
  | { readonly kind: 'body-limit'; readonly request: boolean; readonly bytes: number }
  | { readonly kind: 'remove-rules'; readonly which: RuleFilter }
  | { readonly kind: 'remove-targets'; readonly which: RuleFilter; readonly target: Target };

export type EngineMode = 'on' | 'off' | 'detect';
export type BodyProcessor = 'URLENCODED' | 'MULTIPART' | 'JSON' | 'XML';

/** Which rules an exclusion is about. Tags and messages are patterns. */
export type RuleFilter =
  | { readonly by: 'id'; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly by: 'tag' | 'message'; readonly pattern: ByteRegex };

/** What becomes of the transaction when a rule matches. */
export type Disruption =
  | { readonly kind: 'pass' | 'block' | 'deny' | 'drop' }
  /** Skips rules: of this phase, of the request, or all. */
  | { readonly kind: 'allow'; readonly what: 'phase' | 'request' | 'all' }
  | { readonly kind: 'redirect'; readonly location: Template };

export interface Actions {
  readonly disruption: Disruption | null;
  /** HTTP status of a refusal, or null for the default. */
  readonly status: number | null;
  readonly message: Template | null;
  readonly logData: Template | null;
  readonly tags: readonly Template[];
  /** 0 (emergency) to 7 (debug), or null. */
  readonly severity: number | null;
  readonly log: boolean | null;
  readonly transformations: readonly string[];
  /** Whether `t:none` took away what the phase's default would add. */
  readonly transformationsAlone: boolean;
  readonly capture: boolean;
  readonly multiMatch: boolean;
  readonly setVariables: readonly SetVariable[];
  readonly controls: readonly Control[];
  /** What the rule adds to the score of each value that it matched, once; `TX:score` is that of the value with most (see `score.ts`). Loupe's own. 0 for nothing. */
  readonly score: number;
  readonly skip: number;
  readonly skipAfter: string | null;
}

export interface OperatorCall {
  readonly name: string;
  readonly negated: boolean;
  readonly argument: Template;
}

/** One `SecRule` or `SecAction`; the first of its chain carries id and phase. */
export interface Link {
  readonly place: Place;
  /** Null for `SecAction`: matches always. */
  readonly condition: { readonly targets: Targets; readonly operator: OperatorCall } | null;
  readonly actions: Actions;
}

export interface Rule {
  readonly kind: 'rule';
  readonly id: number;
  readonly phase: Phase;
  readonly links: readonly [Link, ...Link[]];
}

export interface Marker {
  readonly kind: 'marker';
  readonly name: string;
}

/** A rule set, read: rules and markers in order, and what the files set for the engine. */
export interface RuleSet {
  readonly rules: readonly (Rule | Marker)[];
  readonly settings: Settings;
  /** What was understood and has no effect here, each with its place. */
  readonly notices: readonly Notice[];
}

export interface Notice {
  readonly place: Place;
  readonly what: string;
}

export interface Settings {
  readonly engine: EngineMode;
  readonly requestBody: boolean;
  readonly responseBody: boolean;
  readonly requestBodyLimit: number;
  readonly responseBodyLimit: number;
  /** Media types, lower case, whose bodies are inspected on the way back. */
  readonly responseTypes: readonly string[];
  readonly argumentLimit: number;
  readonly jsonDepth: number;
  readonly argumentSeparator: string;
  /** Whether a body whose type says nothing is read as what it looks like; Loupe's own. */
  readonly sniffBody: boolean;
}
