/** Something that waits for its turn. */
export interface Queued {
  /** Whose it is: an address, as it is counted. */
  readonly unit: string;
  readonly bytes: number;
}

export interface QueueBounds {
  readonly count: number;
  readonly bytes: number;
  readonly countOfOne: number;
  readonly bytesOfOne: number;
}

/** What waits, one of each unit in turn: who has much waiting waits for himself, and nobody for him. Bounded in number and bytes, for all and for each unit. */
export class FairQueue<T extends Queued> {
  readonly #bounds: QueueBounds;
  /** Of each unit that has anything waiting, the next unit first. */
  readonly #units = new Map<string, { readonly items: T[]; bytes: number }>();
  #count = 0;
  #bytes = 0;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  /** False where there is no room. What waits alone of its unit has room whatever its own length. */
  add(item: T): boolean {
    const { count, bytes, countOfOne, bytesOfOne } = this.#bounds;
    if (this.#count >= count || this.#bytes + item.bytes > bytes) return false;
    const own = this.#units.get(item.unit);
    if (own === undefined) this.#units.set(item.unit, { items: [item], bytes: item.bytes });
    else {
      if (own.items.length >= countOfOne || own.bytes + item.bytes > bytesOfOne) return false;
      own.items.push(item);
      own.bytes += item.bytes;
    }
    this.#count += 1;
    this.#bytes += item.bytes;
    return true;
  }

  /** The next one; undefined where nothing waits. */
  take(): T | undefined {
    for (const [unit, own] of this.#units) {
      this.#units.delete(unit);
      const item = own.items.shift();
      if (item === undefined) continue;
      own.bytes -= item.bytes;
      this.#count -= 1;
      this.#bytes -= item.bytes;
      if (own.items.length > 0) this.#units.set(unit, own);
      return item;
    }
    return undefined;
  }
}
