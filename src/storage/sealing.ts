// Sealed files whose bytes are packed, sealed and opened on a thread of their own: what takes a second core where there is one, and leaves no garbage with who uses them.
import { Worker } from 'node:worker_threads';
import { SECOND_MS } from '#kernel';
import { STORAGE_ERRORS, storageError } from './errors.ts';
import {
  openSealedFile,
  PIECE_BYTES,
  type PiecesAhead,
  sealedFiles,
  type SealedFiles,
  type SealedPieces,
  type SealedWriter,
} from './sealed-file.ts';
import { type Asked, SLOT, SLOTS, type Told } from './sealing-words.ts';

export interface Sealing extends SealedFiles {
  /** Ends the thread; files that were not finished are given up. */
  close(): Promise<void>;
}

/** Pieces that are opened before they are asked for. */
const AHEAD = 1;
/** A piece takes milliseconds. A thread that needs longer is dead, and who waits goes on without it. */
const PATIENCE_MS = 20 * SECOND_MS;

/** Begins the thread. */
export function openSealing(): Sealing {
  const thread = new Worker(new URL('./sealing-thread.ts', import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 4 },
  });
  const listeners = new Map<number, (told: Told) => void>();
  const life = { isOver: false };
  let files = 0;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  const ask = (asked: Asked): void => thread.postMessage(asked);
  thread.on('message', (told: Told) => listeners.get(told.file)?.(told));
  const end = (says: string): void => {
    life.isOver = true;
    for (const [file, hear] of listeners) hear({ file, is: 'failed', code: '', says });
    listeners.clear();
  };
  thread.on('error', (error) => end(String(error)));
  thread.on('exit', () => end('the thread that seals has ended'));
  return {
    async write(path, key, context) {
      if (life.isOver) return await sealedFiles.write(path, key, context);
      const file = files++;
      const memory = new SharedArrayBuffer(SLOTS * PIECE_BYTES);
      const writer = slotWriter(file, new Uint8Array(memory), ask);
      listeners.set(file, (told) => writer.hear(told));
      ask({ do: 'write', file, path, key, context, memory });
      await writer.begun;
      return writer;
    },
    open: (path, key, context, keep) =>
      openSealedFile(path, key, context, keep, (pieces) => slotReader(files++, pieces, ask, life)),
    async close() {
      await thread.terminate();
    },
  };
}

interface SlotWriter extends SealedWriter {
  readonly begun: Promise<void>;
  hear(told: Told): void;
}

/** Writes a file by filling slots; each is free again when the thread has taken it. */
function slotWriter(file: number, memory: Uint8Array, ask: (asked: Asked) => void): SlotWriter {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<{ readonly bytes: number; readonly sha256: string }>();
  const gone = Promise.withResolvers<void>();
  const free = Array.from({ length: SLOTS }, (_, slot) => slot);
  let slot = free.shift() ?? 0;
  let filled = 0;
  let waiting: PromiseWithResolvers<void> | null = null;
  let failure: Error | null = null;
  // Each is told to who waits for it, if anybody does.
  begun.promise.catch(() => undefined);
  ended.promise.catch(() => undefined);

  async function send(): Promise<void> {
    ask({ do: 'take', file, slot, bytes: filled });
    filled = 0;
    if (free.length === 0) {
      waiting = Promise.withResolvers();
      await waiting.promise;
    }
    slot = free.shift() ?? 0;
  }

  function fail(error: Error): void {
    failure ??= error;
    begun.reject(error);
    ended.reject(error);
    waiting?.reject(error);
    gone.resolve();
  }

  return {
    begun: begun.promise,
    hear(told) {
      switch (told.is) {
        case 'begun':
          begun.resolve();
          break;
        case 'taken':
          free.push(told.slot);
          waiting?.resolve();
          waiting = null;
          break;
        case 'finished':
          ended.resolve({ bytes: told.bytes, sha256: told.sha256 });
          gone.resolve();
          break;
        case 'abandoned':
          gone.resolve();
          break;
        case 'failed':
          fail(errorOf(told));
          break;
      }
    },
    async write(given) {
      for (let at = 0; at < given.byteLength; ) {
        if (failure !== null) throw failure;
        const taken = Math.min(PIECE_BYTES - filled, given.byteLength - at);
        memory.set(given.subarray(at, at + taken), slot * PIECE_BYTES + filled);
        filled += taken;
        at += taken;
        if (filled === PIECE_BYTES) await send();
      }
    },
    async finish() {
      if (failure !== null) throw failure;
      if (filled > 0) ask({ do: 'take', file, slot, bytes: filled });
      ask({ do: 'finish', file });
      return await ended.promise;
    },
    async abandon() {
      ask({ do: 'abandon', file });
      await gone.promise;
    },
  };
}

function errorOf({ code, says }: { readonly code: string; readonly says: string }): Error {
  return isStorageCode(code) ? storageError(code) : new Error(says);
}

function isStorageCode(code: string): code is keyof typeof STORAGE_ERRORS {
  return code in STORAGE_ERRORS;
}

/** Reads a file piece after piece; those after the one that is taken are opened meanwhile. */
function slotReader(
  file: number,
  pieces: SealedPieces,
  ask: (asked: Asked) => void,
  life: { isOver: boolean },
): PiecesAhead {
  const memory = new SharedArrayBuffer(SLOTS * PIECE_BYTES);
  const shared = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT);
  const states = new Int32Array(shared);
  /** The piece that each slot was last asked for. */
  const asked: number[] = Array.from({ length: SLOTS }, () => -1);
  ask({ do: 'read', file, pieces, memory, states: shared });

  function want(number: number): void {
    const slot = number % SLOTS;
    if (number >= pieces.ends.length || asked[slot] === number) return;
    asked[slot] = number;
    // What it held may be overwritten from now on.
    Atomics.store(states, slot, SLOT.waits);
    ask({ do: 'open', file, number });
  }

  /** Whether a slot came to hold the piece it was asked for. */
  function holds(slot: number, number: number): boolean {
    while (!life.isOver) {
      const state = Atomics.load(states, slot);
      if (state === SLOT.holds(number)) return true;
      if (state === SLOT.failed(number)) return false;
      life.isOver = Atomics.wait(states, slot, state, PATIENCE_MS) === 'timed-out';
    }
    return false;
  }

  return {
    take(number) {
      for (let next = 0; next <= AHEAD; next++) want(number + next);
      const slot = number % SLOTS;
      return holds(slot, number) ? new Uint8Array(memory, slot * PIECE_BYTES, bytesOf(number)) : null;
    },
    close() {
      for (const [slot, number] of asked.entries()) if (number >= 0) holds(slot, number);
      ask({ do: 'close', file });
    },
  };

  function bytesOf(number: number): number {
    return Math.min(PIECE_BYTES, pieces.bytes - number * PIECE_BYTES);
  }
}
