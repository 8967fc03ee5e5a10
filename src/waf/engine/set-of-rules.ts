/** A set of rules by their ordinals, a bit each: most are empty for long stretches, which are passed 32 at a time. */
export class SetOfRules {
  /** A plain list, which is copied faster than a typed array is made. */
  readonly #bits: number[];

  private constructor(bits: number[]) {
    this.#bits = bits;
  }

  /** For so many rules; none of them yet. */
  static for(count: number): SetOfRules {
    return new SetOfRules(Array.from({ length: Math.ceil(count / 32) }, () => 0));
  }

  copy(): SetOfRules {
    return new SetOfRules(this.#bits.slice());
  }

  add(ordinal: number): void {
    this.#bits[ordinal >>> 5] = (this.#bits[ordinal >>> 5] ?? 0) | (1 << (ordinal & 31));
  }

  /** The first from an ordinal on; where there is none, a number beyond all. */
  from(ordinal: number): number {
    const bits = this.#bits;
    let at = ordinal >>> 5;
    let rest = (bits[at] ?? 0) & (-1 << (ordinal & 31));
    while (rest === 0 && at < bits.length) {
      at += 1;
      rest = bits[at] ?? 0;
    }
    return rest === 0 ? bits.length * 32 : at * 32 + 31 - Math.clz32(rest & -rest);
  }
}
