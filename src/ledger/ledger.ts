import type { NoteSigner } from '#crypto';
import { type Clock, SECOND_MS } from '#kernel';
import type { DatabasePlace } from '#storage';
import { parseCheckpointUnverified } from './checkpoint.ts';
import { ledgerError } from './errors.ts';
import { type Appended, Log, type SourceBatch } from './log.ts';
import { writeProofFile } from './proof-file.ts';
import { openLedgerStore } from './store.ts';

export interface LedgerOptions {
  readonly place: DatabasePlace;
  readonly clock: Clock;
  /** The signer of a log: its key is the log's alone. */
  signerOf(log: { readonly id: string; readonly origin: string; readonly sample: boolean }): NoteSigner;
}

export interface LogInfo {
  readonly id: string;
  readonly origin: string;
  readonly sample: boolean;
  readonly size: number;
  /** The key that verifies its checkpoints. */
  readonly vkey: string;
}

/** All logs of an installation, open for appending by this process alone. */
export interface Ledger {
  logs(): LogInfo[];
  /** Opens a log by id, making it where it does not exist yet. */
  ensureLog(id: string, sample: boolean): Promise<LogInfo>;
  /** See `Log.append`: durable when fulfilled. */
  append(log: string, leaves: readonly Uint8Array[], batch?: SourceBatch): Promise<Appended>;
  /** The newest checkpoint; it covers everything acknowledged before the call. */
  checkpoint(log: string): Promise<string>;
  leaf(log: string, index: number): Promise<Uint8Array>;
  /** A proof file for one leaf, against the newest checkpoint. */
  prove(log: string, index: number): Promise<string>;
  consistency(log: string, oldSize: number, newSize: number): Promise<Buffer[]>;
  close(): Promise<void>;
}

/** How soon after an append a checkpoint covers it. */
const CHECKPOINT_MS = SECOND_MS;

/** A log's public name. A sample's name says so, and so does every proof from it. */
export function originOf(id: string, sample: boolean): string {
  return sample ? `loupe/SAMPLE/${id}` : `loupe/${id}`;
}

/** Opens the ledger; a checkpoint follows every append within a second. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const store = await openLedgerStore(options.place);
  const logs = new Map<string, Log>();
  for (const row of await store.logs()) logs.set(row.id, await Log.open(row, store, options.signerOf(row)));

  const due = new Set<Log>();
  let timer: NodeJS.Timeout | undefined;
  const soon = (log: Log): void => {
    due.add(log);
    timer ??= setTimeout(() => {
      timer = undefined;
      const now = [...due];
      due.clear();
      // A checkpoint that fails (a full disk, say) is tried again with the next append or request.
      for (const one of now) one.checkpoint().catch(() => due.add(one));
    }, CHECKPOINT_MS / 2);
  };

  function find(id: string): Log {
    const log = logs.get(id);
    if (log === undefined) throw ledgerError('ledger/no-such-log', { details: { log: id } });
    return log;
  }

  return {
    logs: () => [...logs.values()].map(infoOf),
    async ensureLog(id, sample) {
      const known = logs.get(id);
      if (known !== undefined) return infoOf(known);
      const row = {
        id,
        origin: originOf(id, sample),
        sample,
        size: 0,
        madeAt: options.clock.now(),
        checkpoint: null,
      };
      await store.addLog(row);
      const log = await Log.open(row, store, options.signerOf(row));
      logs.set(id, log);
      await log.checkpoint();
      return infoOf(log);
    },
    async append(id, leaves, batch) {
      const log = find(id);
      const appended = await log.append(leaves, batch);
      soon(log);
      return appended;
    },
    checkpoint: (id) => find(id).checkpoint(),
    leaf: (id, index) => find(id).leaf(index),
    async prove(id, index) {
      const log = find(id);
      const checkpoint = await log.checkpoint();
      const size = parseCheckpointUnverified(checkpoint)?.size ?? 0;
      const [leaf, path] = await Promise.all([log.leaf(index), log.inclusion(index, size)]);
      return writeProofFile({ leaf, index, path, checkpoint });
    },
    consistency: (id, oldSize, newSize) => find(id).consistency(oldSize, newSize),
    async close() {
      clearTimeout(timer);
      for (const log of logs.values()) await log.checkpoint().catch(() => undefined); // the next start makes it
      await store.close();
    },
  };
}

function infoOf(log: Log): LogInfo {
  return { id: log.id, origin: log.origin, sample: log.sample, size: log.size, vkey: log.vkey };
}
