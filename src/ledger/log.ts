import { type NoteSigner, writeNote } from '#crypto';
import { equalBytes } from '#kernel';
import { checkpointText, parseCheckpointUnverified } from './checkpoint.ts';
import { ledgerError } from './errors.ts';
import { consistencyPath, type HashReader, hashReader, inclusionPath } from './proof.ts';
import type { EntriesRow, LedgerStore, LogCommit, LogRow, SourceMark } from './store.ts';
import { decodeBundle, encodeBundle, MAX_LEAF_BYTES, TILE_WIDTH } from './tile.ts';
import { type FullTile, Tree } from './tree.ts';

/** An ordered source's batch: `lastSeq` only ever grows, and a repeated batch is appended once. */
export interface SourceBatch {
  readonly source: string;
  readonly lastSeq: number;
}

export interface Appended {
  /** The number of the first leaf; the others follow it. */
  readonly first: number;
  readonly count: number;
}

interface Waiting {
  readonly leaves: readonly Uint8Array[];
  readonly batch: SourceBatch | undefined;
  resolve(appended: Appended): void;
  reject(error: unknown): void;
}

/** A log open for appending: its right edge in memory, everything acknowledged on disk. */
export class Log {
  readonly id: string;
  readonly origin: string;
  readonly sample: boolean;
  readonly #store: LedgerStore;
  readonly #signer: NoteSigner;
  #tree: Tree;
  /** Leaves of the last, unfinished bundle. */
  #tail: Uint8Array[];
  #waiting: Waiting[] = [];
  #busy = false;
  #checkpoint: string | null;
  #checkpointSize = -1;
  #wanting: { resolve(note: string): void; reject(error: unknown): void }[] = [];
  /** Set when memory and disk may differ after a failed commit: the edge is read back before going on. */
  #stale = false;

  private constructor(
    row: LogRow,
    store: LedgerStore,
    signer: NoteSigner,
    edge: { tree: Tree; tail: Uint8Array[] },
  ) {
    this.id = row.id;
    this.origin = row.origin;
    this.sample = row.sample;
    this.#store = store;
    this.#signer = signer;
    this.#tree = edge.tree;
    this.#tail = edge.tail;
    this.#checkpoint = row.checkpoint;
  }

  /** Opens a log where it was left. Throws `ledger/damaged` where it does not bear out its own last checkpoint. */
  static async open(row: LogRow, store: LedgerStore, signer: NoteSigner): Promise<Log> {
    const log = new Log(row, store, signer, await readEdge(store, row.id, row.size));
    const signed = row.checkpoint === null ? null : parseCheckpointUnverified(row.checkpoint);
    if (signed !== null) {
      const holds =
        signed.size < row.size || (signed.size === row.size && equalBytes(signed.root, log.#tree.root()));
      if (!holds)
        throw ledgerError('ledger/damaged', {
          details: { log: row.id, size: row.size, signed: signed.size },
        });
      log.#checkpointSize = signed.size;
    }
    return log;
  }

  get size(): number {
    return this.#tree.size;
  }

  get vkey(): string {
    return this.#signer.verifier.vkey;
  }

  /**
   * Appends leaves in order. When the promise is fulfilled they MUST survive kill -9 and loss of power, and every
   * later checkpoint includes them. When it is rejected they are not in the log, with one exception: a database server
   * that went away during the commit may have kept them. Repeat with the same `batch`, and they are there once.
   *
   * Callers that wait at the same time share one commit. With `batch`, leaves of a batch that was already
   * appended are not appended again: the answer names where they are.
   *
   * Errors: `ledger/leaf-too-large`, `storage/disk-full` and the store's others.
   */
  async append(leaves: readonly Uint8Array[], batch?: SourceBatch): Promise<Appended> {
    if (leaves.some((leaf) => leaf.byteLength > MAX_LEAF_BYTES)) throw ledgerError('ledger/leaf-too-large');
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ leaves, batch, resolve, reject });
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#busy) return;
    this.#busy = true;
    // Every failure is told to the callers it concerns; #flush itself does not fail.
    void this.#flush();
  }

  async #flush(): Promise<void> {
    // One turn of the event loop, so that callers of the same moment share a commit.
    await new Promise(setImmediate);
    while (this.#waiting.length + this.#wanting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#stale) await this.#restore();
        await this.#commit(group);
      } catch (error) {
        this.#stale = true;
        for (const waiting of group) waiting.reject(error);
      }
      await this.#answerWanting();
    }
    this.#busy = false;
  }

  /** Signs between two commits, when the tree in memory is exactly what is on disk. */
  async #answerWanting(): Promise<void> {
    const wanting = this.#wanting;
    this.#wanting = [];
    if (wanting.length === 0) return;
    try {
      if (this.#stale) await this.#restore();
      const note = await this.#sign();
      for (const one of wanting) one.resolve(note);
    } catch (error) {
      for (const one of wanting) one.reject(error);
    }
  }

  async #restore(): Promise<void> {
    const row = (await this.#store.logs()).find((log) => log.id === this.id);
    if (row === undefined) throw ledgerError('ledger/no-such-log');
    const edge = await readEdge(this.#store, row.id, row.size);
    this.#tree = edge.tree;
    this.#tail = edge.tail;
    this.#stale = false;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const done: Appended[] = [];
    const marks = new Map<string, SourceMark>();
    const fresh: Uint8Array[] = [];
    const first = this.#tree.size;
    for (const { leaves, batch } of group) {
      const mark = batch && (marks.get(batch.source) ?? (await this.#store.mark(this.id, batch.source)));
      if (batch && mark && mark.lastSeq >= batch.lastSeq) {
        done.push({ first: mark.first, count: mark.count });
        continue;
      }
      const appended = { first: first + fresh.length, count: leaves.length };
      for (const leaf of leaves) fresh.push(leaf);
      if (batch) marks.set(batch.source, { source: batch.source, lastSeq: batch.lastSeq, ...appended });
      done.push(appended);
    }
    if (fresh.length > 0 || marks.size > 0) {
      const commit = this.#grow(fresh, [...marks.values()]);
      await this.#store.commit([commit]);
    }
    group.forEach((waiting, i) => waiting.resolve(done[i] ?? { first, count: 0 }));
  }

  /** Adds leaves to the edge in memory and says what must be written for them. */
  #grow(leaves: readonly Uint8Array[], marks: readonly SourceMark[]): LogCommit {
    const entries: EntriesRow[] = [];
    const bundles: EntriesRow[] = [];
    const tiles: FullTile[] = [];
    for (let at = 0; at < leaves.length; ) {
      const first = this.#tree.size;
      const fragment = leaves.slice(at, at + TILE_WIDTH - (first % TILE_WIDTH));
      for (const leaf of fragment) {
        this.#tree.append(leaf, (tile) => tiles.push(tile));
        this.#tail.push(leaf);
      }
      if (this.#tail.length === TILE_WIDTH) {
        const bundleFirst = this.#tree.size - TILE_WIDTH;
        bundles.push({ first: bundleFirst, count: TILE_WIDTH, data: encodeBundle(this.#tail) });
        this.#tail = [];
      } else {
        entries.push({ first, count: fragment.length, data: encodeBundle(fragment) });
      }
      at += fragment.length;
    }
    return { log: this.id, size: this.#tree.size, entries, bundles, tiles, marks };
  }

  /** The newest checkpoint; it covers every append that was acknowledged before the call. */
  async checkpoint(): Promise<string> {
    return await new Promise((resolve, reject) => {
      this.#wanting.push({ resolve, reject });
      this.#wake();
    });
  }

  async #sign(): Promise<string> {
    const size = this.#tree.size;
    if (this.#checkpoint !== null && this.#checkpointSize === size) return this.#checkpoint;
    const text = checkpointText({ origin: this.origin, size, root: this.#tree.root() });
    const note = writeNote(text, [this.#signer.sign(text)]);
    await this.#store.saveCheckpoint(this.id, note);
    this.#checkpoint = note;
    this.#checkpointSize = size;
    return note;
  }

  async leaf(index: number): Promise<Uint8Array> {
    const [row] = await this.#store.entries(this.id, index, 1);
    const leaves = row === undefined ? null : decodeBundle(row.data);
    const leaf = row === undefined ? undefined : leaves?.[index - row.first];
    if (leaf === undefined) throw ledgerError('ledger/no-such-leaf', { details: { index } });
    return leaf;
  }

  /** The path from a leaf to the root of the first `size` leaves. */
  async inclusion(index: number, size: number): Promise<Buffer[]> {
    if (!(index >= 0 && index < size && size <= this.#tree.size)) {
      throw ledgerError('ledger/no-such-leaf', { details: { index, size } });
    }
    return await this.#withHashes((hashes) => inclusionPath(hashes, index, size));
  }

  /** The proof that the first `oldSize` leaves are a prefix of the first `newSize`. */
  async consistency(oldSize: number, newSize: number): Promise<Buffer[]> {
    if (!(oldSize >= 0 && oldSize <= newSize && newSize <= this.#tree.size)) {
      throw ledgerError('ledger/no-such-leaf', { details: { oldSize, newSize } });
    }
    return await this.#withHashes((hashes) => consistencyPath(hashes, oldSize, newSize));
  }

  /** Paths are pure over hashes in memory: each missing tile is read and the path begun again. */
  async #withHashes<T>(act: (hashes: HashReader) => T): Promise<T> {
    const read = new Map<string, Buffer>();
    let missing: { level: number; index: number } | undefined;
    const tiles = {
      tile(level: number, index: number): Buffer {
        const tile = read.get(`${level}/${index}`);
        if (tile !== undefined) return tile;
        missing = { level, index };
        throw MISSING;
      },
    };
    for (;;) {
      try {
        return act(hashReader(this.#tree, tiles));
      } catch (error) {
        if (error !== MISSING || missing === undefined) throw error;
        const { level, index } = missing;
        read.set(`${level}/${index}`, await readTile(this.#store, this.id, level, index));
      }
    }
  }
}

const MISSING = new Error('tile not read yet');

async function readTile(store: LedgerStore, log: string, level: number, index: number): Promise<Buffer> {
  const [row] = await store.tiles(log, level, index, 1);
  if (row?.index !== index) throw ledgerError('ledger/damaged', { details: { log, level, tile: index } });
  return Buffer.from(row.hashes);
}

/** Reads what a log's growing end needs: fewer than 256 tiles a level, and the leaves of the unfinished bundle. */
async function readEdge(
  store: LedgerStore,
  log: string,
  size: number,
): Promise<{ tree: Tree; tail: Uint8Array[] }> {
  const tailFirst = size - (size % TILE_WIDTH);
  const tail: Uint8Array[] = [];
  for (const row of size === tailFirst ? [] : await store.entries(log, tailFirst, TILE_WIDTH)) {
    const leaves = decodeBundle(row.data);
    if (leaves?.length !== row.count || row.first !== tailFirst + tail.length) {
      throw ledgerError('ledger/damaged', { details: { log, leaf: row.first } });
    }
    tail.push(...leaves);
  }
  if (tail.length !== size - tailFirst) throw ledgerError('ledger/damaged', { details: { log, size } });
  const tiles = new Map<string, Buffer>();
  let full = Math.floor(size / TILE_WIDTH);
  for (let level = 0; full > 0; level++) {
    const width = full % TILE_WIDTH;
    const rows = width === 0 ? [] : await store.tiles(log, level, full - width, width);
    if (rows.length !== width) throw ledgerError('ledger/damaged', { details: { log, level } });
    for (const row of rows) tiles.set(`${level}/${row.index}`, Buffer.from(row.hashes));
    full = Math.floor(full / TILE_WIDTH);
  }
  const tree = Tree.restore(size, tail, {
    tile(level, index) {
      const tile = tiles.get(`${level}/${index}`);
      if (tile === undefined) throw ledgerError('ledger/damaged', { details: { log, level, tile: index } });
      return tile;
    },
  });
  return { tree, tail };
}
