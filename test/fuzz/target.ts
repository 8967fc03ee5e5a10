/** Code that reads what strangers send, to be given every input that there is. */
export interface FuzzTarget {
  readonly name: string;
  /** The code whose reaching counts, as a part of its path. */
  readonly paths: readonly string[];
  /** Inputs to begin with: honest ones and known attacks. */
  readonly seeds: readonly Buffer[];
  /** Words of the format. */
  readonly words: readonly string[];
  /** Reads an input. Whatever it throws is a flaw; a refusal that its reader documents is none, and is not thrown. */
  read(input: Buffer): Promise<void>;
}

export interface Flaw {
  readonly target: string;
  readonly input: Buffer;
  readonly error: unknown;
}
