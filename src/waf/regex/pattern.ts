import { ANY } from './byte-set.ts';
import { Automaton } from './automaton.ts';
import { Backtracker, type Captures, StepLimit } from './backtracker.ts';
import { parsePattern, type PatternOptions } from './parse.ts';
import { assemble, type Program } from './program.ts';
import { type Requirement, requirementOf } from './requirement.ts';
import { isRegular, type Node, relaxed } from './syntax.ts';

/**
 * A pattern, ready. Whether it matches is told by an automaton, in time linear in the text; what exactly matched is found by the backtracker, where somebody asks.
 * Patterns beyond an automaton are first asked of a wider one that an automaton can tell.
 */
export class ByteRegex {
  readonly source: string;
  readonly groups: number;
  readonly requirement: Requirement;
  readonly #options: PatternOptions;
  readonly #regular: boolean;
  /** Whether it is a way to say `all of it`; rules do, to have a value as a group. */
  readonly #takesAll: boolean;
  #automaton: Automaton | null = null;
  #backtracker: Backtracker | null = null;

  /** Throws `PatternError` and `ProgramTooLong`. */
  constructor(source: string, options: PatternOptions) {
    this.source = source;
    this.#options = options;
    const { root, groups } = parsePattern(source, options);
    this.groups = groups;
    this.#regular = isRegular(root);
    this.#takesAll = options.dotAll && !options.multiline && /^\^(?:\.\*|\(\.\*\))\$$/u.test(source);
    this.requirement = requirementOf(root);
    // Assembled to find out whether it can be, and again when first used: rules that never run keep no memory.
    this.#assembled(root);
  }

  /** Whether the pattern is found in the text. Throws `StepLimit`, but for regular patterns. */
  test(text: string): boolean {
    if (this.#takesAll) return true;
    if (this.#found(text) < 0) return false;
    return this.#regular || this.#exactly().exec(text) !== null;
  }

  /**
   * What was found: the whole first, then each group, null for one that took no part. Where that is too long to search, or `exact` is false and the text is longer
   * than 512 bytes, the 256 bytes before the place where the automaton knew. Throws `StepLimit`, but for regular patterns.
   */
  exec(text: string, exact = true): readonly (string | null)[] | null {
    if (this.#takesAll) return this.groups === 0 ? [text] : [text, text];
    const end = this.#found(text);
    if (end < 0) return null;
    const about = [text.slice(Math.max(0, end - 256), end)];
    if (this.#regular && !exact && text.length > 512) return about;
    try {
      const captures = this.#exactly().exec(text);
      return captures === null ? null : groupsOf(text, captures);
    } catch (error) {
      if (!this.#regular || !(error instanceof StepLimit)) throw error;
      return about;
    }
  }

  #found(text: string): number {
    this.#automaton ??= new Automaton(this.#assembled(parsePattern(this.source, this.#options).root));
    return this.#automaton.find(text);
  }

  #exactly(): Backtracker {
    this.#backtracker ??= new Backtracker(
      assemble(parsePattern(this.source, this.#options).root, this.groups),
    );
    return this.#backtracker;
  }

  #assembled(root: Node): Program {
    return assemble(this.#regular ? root : relaxed(root, ANY), 0);
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
