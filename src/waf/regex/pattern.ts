import { ANY } from './byte-set.ts';
import { Automaton } from './automaton.ts';
import { Backtracker, type Captures, StepLimit } from './backtracker.ts';
import { parsePattern, type PatternOptions } from './parse.ts';
import { assemble, type Program } from './program.ts';
import { type Requirement, requirementOf } from './requirement.ts';
import { isRegular, type Pattern, relaxed } from './syntax.ts';

/**
 * A pattern, ready. Whether it matches is told by an automaton, in time linear in the text; what exactly matched is found by the backtracker, where somebody asks.
 * Patterns beyond an automaton are first asked of a wider one that an automaton can tell.
 */
export class ByteRegex {
  readonly source: string;
  readonly requirement: Requirement;
  readonly #pattern: Pattern;
  readonly #regular: boolean;
  #automaton: Automaton | null = null;
  #backtracker: Backtracker | null = null;

  /** Throws `PatternError` and `ProgramTooLong`. */
  constructor(source: string, options: PatternOptions) {
    this.source = source;
    this.#pattern = parsePattern(source, options);
    this.#regular = isRegular(this.#pattern.root);
    this.requirement = requirementOf(this.#pattern.root);
    // Assembled here to find out whether it can be; made again when first used, so that rules that never run cost no memory.
    this.#program(0);
  }

  get groups(): number {
    return this.#pattern.groups;
  }

  /** Whether the pattern is found in the text. Throws `StepLimit`, but for regular patterns. */
  test(text: string): boolean {
    if (this.#found(text) < 0) return false;
    return this.#regular || this.#exactly().exec(text) !== null;
  }

  /**
   * What was found: the whole first, then each group, null for one that took no part. A text too long to search exactly gives the last 256 bytes before the place where
   * the automaton knew. Throws `StepLimit`, but for regular patterns.
   */
  exec(text: string): readonly (string | null)[] | null {
    const end = this.#found(text);
    if (end < 0) return null;
    try {
      const captures = this.#exactly().exec(text);
      return captures === null ? null : groupsOf(text, captures);
    } catch (error) {
      if (!this.#regular || !(error instanceof StepLimit)) throw error;
      return [text.slice(Math.max(0, end - 256), end)];
    }
  }

  #found(text: string): number {
    this.#automaton ??= new Automaton(this.#program(0));
    return this.#automaton.find(text);
  }

  #exactly(): Backtracker {
    this.#backtracker ??= new Backtracker(assemble(this.#pattern.root, this.#pattern.groups));
    return this.#backtracker;
  }

  #program(groups: number): Program {
    return assemble(this.#regular ? this.#pattern.root : relaxed(this.#pattern.root, ANY), groups);
  }
}

function groupsOf(text: string, captures: Captures): readonly (string | null)[] {
  const groups: (string | null)[] = [];
  for (let i = 0; i + 1 < captures.length; i += 2) {
    const start = captures[i] ?? -1;
    const end = captures[i + 1] ?? -1;
    groups.push(start < 0 || end < start ? null : text.slice(start, end));
  }
  return groups;
}
