import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ed25519Signer, writeNote } from '#crypto';
import { steadyClock, utf8 } from '#kernel';
import {
  checkpointText,
  type HashReader,
  inclusionPath,
  leafHash,
  nodeHash,
  openLedger,
  openLedgerStore,
  verifyLog,
  verifyProofFile,
  writeProofFile,
} from '#ledger';
import { figure, inTurn, median, percentile, say } from './harness.ts';

const BATCH = 10_000;
const BATCHES = 10;
const ROUNDS = 5;
const WRITERS = 64;
const SINGLES_EACH = 600;

/** Leaves as they are: an observation in canonical JSON, some 330 bytes, each different. */
function leaves(count: number, salt: string): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    utf8(
      `{"at":1795446000000,"body":{"check":"tls.versions","evidence":"${salt}${String(i).padStart(60, '0')}","outcome":"holds",` +
        `"source":"seen","validUntil":1795532400000},"id":"obs_0199${String(i).padStart(28, '0')}","kind":"observation",` +
        `"shop":"shp_01990000000000000000000000000000","v":1}`,
    ),
  );
}

/** The disk's own time to sync 4 KiB appended to a file, median of 200. */
function syncMs(folder: string): number {
  const fd = openSync(join(folder, 'sync'), 'w');
  const block = randomBytes(4096);
  const times = Array.from({ length: 200 }, () => {
    writeSync(fd, block);
    const begin = performance.now();
    fdatasyncSync(fd);
    return performance.now() - begin;
  });
  closeSync(fd);
  return median(times);
}

export async function ledgerBench(): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-ledger-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(folder: string): Promise<Record<string, number>> {
  const sync = syncMs(folder);
  say(`the disk syncs 4 KiB in ${sync.toFixed(3)} ms`);
  const signer = ed25519Signer('loupe/bench', new Uint8Array(32).fill(3));
  const place = { engine: 'sqlite', path: join(folder, 'ledger.db') } as const;
  const ledger = await openLedger({ place, clock: steadyClock(), signerOf: () => signer });
  await ledger.ensureLog('bench', false);

  const plain = new DatabaseSync(join(folder, 'plain.db'));
  plain.exec(
    'pragma journal_mode = wal; pragma synchronous = full; create table leaf (n integer primary key, data blob)',
  );
  const insert = plain.prepare('insert into leaf (data) values (?)');
  const work = leaves(BATCH, 'abcd');
  const [ours, sqlite] = await inTurn(
    [
      {
        name: 'ledger',
        async run() {
          for (let n = 0; n < BATCHES; n++) await ledger.append('bench', work);
          return BATCH * BATCHES;
        },
      },
      {
        name: 'plain SQLite inserts',
        run() {
          for (let n = 0; n < BATCHES; n++) {
            plain.exec('begin');
            for (const leaf of work) insert.run(leaf);
            plain.exec('commit');
          }
          return BATCH * BATCHES;
        },
      },
    ],
    ROUNDS,
  );
  plain.close();

  const times: number[] = [];
  const [singles] = await inTurn(
    [
      {
        name: `${WRITERS} writers singly`,
        async run() {
          times.length = 0;
          await Promise.all(
            Array.from({ length: WRITERS }, async () => {
              for (let i = 0; i < SINGLES_EACH; i++) {
                const begin = performance.now();
                await ledger.append('bench', [work[i] ?? utf8('')]);
                times.push(performance.now() - begin);
              }
            }),
          );
          return WRITERS * SINGLES_EACH;
        },
      },
    ],
    ROUNDS,
  );
  await ledger.close();

  const store = await openLedgerStore(place);
  const [row] = await store.logs();
  const begin = performance.now();
  const verdict = row === undefined ? undefined : await verifyLog(store, row, signer.verifier, []);
  const verifyS = (performance.now() - begin) / 1000;
  await store.close();
  if (verdict?.problems.length !== 0) throw new Error('the bench ledger does not verify');

  return {
    batchLeavesPerS: figure(ours?.perS ?? 0),
    ratioToSqlite: figure((ours?.perS ?? 0) / (sqlite?.perS ?? 1)),
    singlePerS: figure(singles?.perS ?? 0),
    singleP99Ms: figure(percentile(times, 0.99)),
    ...billion(),
    verifyLeavesPerS: figure(verdict.size / verifyS),
    diskSyncMs: figure(sync),
  };
}

/** A tree of a billion equal leaves: every subtree of one height is the same, so its hashes need no storage. */
function billion(): { proofBytes1e9: number; verifyUs: number } {
  const leaf = leaves(1, 'ffff')[0] ?? utf8('');
  const heights = [leafHash(leaf)];
  for (let h = 1; h <= 30; h++) {
    const below = heights[h - 1] ?? leafHash(leaf);
    heights.push(nodeHash(below, below));
  }
  const hashes: HashReader = { hash: (level) => heights[level] ?? leafHash(leaf) };
  const size = 1_000_000_000;
  const index = 777_777_777;
  const path = inclusionPath(hashes, index, size);
  // The root from the path itself: folding upward is what a verifier does.
  const signer = ed25519Signer('loupe/bench', new Uint8Array(32).fill(3));
  const text = checkpointText({ origin: 'loupe/bench', size, root: rootOf(hashes, size) });
  const file = writeProofFile({ leaf, index, path, checkpoint: writeNote(text, [signer.sign(text)]) });
  const times: number[] = [];
  for (let i = 0; i < 2_000; i++) {
    const begin = performance.now();
    const verdict = verifyProofFile(file, signer.verifier);
    times.push((performance.now() - begin) * 1000);
    if (!verdict.ok) throw new Error(`the bench proof does not verify: ${verdict.why}`);
  }
  return { proofBytes1e9: path.length * 32, verifyUs: figure(median(times)) };
}

function rootOf(hashes: HashReader, size: number): Buffer {
  let root: Buffer | undefined;
  for (let bit = 0; 2 ** bit <= size; bit++) {
    if (Math.floor(size / 2 ** bit) % 2 === 0) continue;
    const peak = hashes.hash(bit, 0);
    root = root === undefined ? peak : nodeHash(peak, root);
  }
  return root ?? hashes.hash(0, 0);
}
