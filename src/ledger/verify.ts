// Checking a whole log against nothing but its key and the checkpoints that left the machine. An attacker here has
// the disk and may have changed anything on it; without an anchor that lies elsewhere, one who also has the signing
// key could rewrite the log whole, and this cannot tell.
import { type NoteVerifier, openNote } from '#crypto';
import { equalBytes } from '#kernel';
import { type Checkpoint, openCheckpoint, parseCheckpointUnverified } from './checkpoint.ts';
import type { LedgerStore, LogRow } from './store.ts';
import { decodeBundle } from './tile.ts';
import { type FullTile, Tree } from './tree.ts';

/** What can be wrong with a log. */
export type LogProblem =
  | { readonly kind: 'entries-malformed' | 'entries-missing'; readonly at: number }
  | { readonly kind: 'tile-differs' | 'tile-missing'; readonly level: number; readonly index: number }
  | {
      readonly kind: 'checkpoint-unsigned' | 'checkpoint-differs' | 'checkpoint-beyond-log';
      readonly size: number;
    }
  | { readonly kind: 'anchor-unsigned' | 'anchor-differs' | 'anchor-beyond-log'; readonly size: number };

export interface LogVerdict {
  readonly log: string;
  readonly origin: string;
  /** Leaves found and hashed. */
  readonly size: number;
  /** The newest size that an anchor from outside bears out, or null: nothing outside speaks for this log. */
  readonly anchoredTo: number | null;
  readonly problems: readonly LogProblem[];
}

const ROWS_AT_ONCE = 512;
const MAX_PROBLEMS = 100;

/** Splits a file of checkpoints, one after another, each note ended by its signatures and an empty line. */
export function splitAnchors(text: string): string[] {
  const notes: string[] = [];
  let note: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '' && note.some((l) => l.startsWith('— '))) {
      notes.push(`${note.join('\n')}\n`);
      note = [];
    } else note.push(line);
  }
  if (note.some((l) => l.startsWith('— '))) notes.push(`${note.join('\n')}\n`);
  return notes;
}

/**
 * Re-reads and re-hashes every leaf of a log and compares every stored tile, its own last checkpoint and all
 * anchors (checkpoints kept elsewhere; those of other logs are passed over).
 */
export async function verifyLog(
  store: LedgerStore,
  row: LogRow,
  key: NoteVerifier,
  anchors: readonly string[],
): Promise<LogVerdict> {
  const problems: LogProblem[] = [];
  const add = (problem: LogProblem): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  };

  const expected = new Map<number, { root: Uint8Array; kind: 'checkpoint' | 'anchor' }[]>();
  const expectRoot = (checkpoint: Checkpoint, kind: 'checkpoint' | 'anchor'): void => {
    const list = expected.get(checkpoint.size) ?? [];
    list.push({ root: checkpoint.root, kind });
    expected.set(checkpoint.size, list);
  };
  for (const note of anchors) {
    const claimed = parseCheckpointUnverified(note);
    if (claimed?.origin !== row.origin) continue;
    const opened = openCheckpoint(note, key);
    if (opened === null) add({ kind: 'anchor-unsigned', size: claimed.size });
    else expectRoot(opened.checkpoint, 'anchor');
  }
  if (row.checkpoint !== null) {
    const opened = openNote(row.checkpoint, [key]) === null ? null : openCheckpoint(row.checkpoint, key);
    if (opened === null) add({ kind: 'checkpoint-unsigned', size: row.size });
    else expectRoot(opened.checkpoint, 'checkpoint');
  }

  const tree = new Tree();
  let anchoredTo: number | null = null;
  const compareRoot = (): void => {
    const due = expected.get(tree.size);
    if (due === undefined) return;
    expected.delete(tree.size);
    const root = tree.root();
    for (const { root: want, kind } of due) {
      if (!equalBytes(root, want)) add({ kind: `${kind}-differs`, size: tree.size });
      else if (kind === 'anchor') anchoredTo = tree.size;
    }
  };

  const full: FullTile[] = [];
  const keep = (tile: FullTile): void => {
    full.push(tile);
  };
  compareRoot();
  while (tree.size < row.size) {
    const rows = await store.entries(row.id, tree.size, ROWS_AT_ONCE);
    let grown = false;
    for (const entry of rows) {
      if (entry.first !== tree.size) break;
      const leaves = decodeBundle(entry.data);
      if (leaves?.length !== entry.count) {
        add({ kind: 'entries-malformed', at: entry.first });
        return verdict();
      }
      for (const leaf of leaves) {
        tree.append(leaf, keep);
        if (expected.size > 0) compareRoot();
      }
      grown = true;
    }
    await compareTiles(store, row.id, full.splice(0), add);
    if (!grown) {
      add({ kind: 'entries-missing', at: tree.size });
      return verdict();
    }
  }
  return verdict();

  function verdict(): LogVerdict {
    for (const [size, due] of expected) for (const { kind } of due) add({ kind: `${kind}-beyond-log`, size });
    return { log: row.id, origin: row.origin, size: tree.size, anchoredTo, problems };
  }
}

async function compareTiles(
  store: LedgerStore,
  log: string,
  full: readonly FullTile[],
  add: (problem: LogProblem) => void,
): Promise<void> {
  const byLevel = Map.groupBy(full, (tile) => tile.level);
  for (const [level, tiles] of byLevel) {
    const first = tiles[0];
    if (first === undefined) continue;
    const stored = await store.tiles(log, level, first.index, tiles.length);
    const found = new Map(stored.map((tile) => [tile.index, tile.hashes]));
    for (const { index, hashes } of tiles) {
      const have = found.get(index);
      if (have === undefined) add({ kind: 'tile-missing', level, index });
      else if (!equalBytes(have, hashes)) add({ kind: 'tile-differs', level, index });
    }
  }
}
