// What is said between who uses sealed files and the thread that seals and opens them. Bytes go through shared memory, in slots of one piece each.
import type { SealContext } from '#crypto';
import type { SealedPieces } from './sealed-file.ts';

/** Slots of a file: one is used, the one before it may be, and one is filled or emptied meanwhile. */
export const SLOTS = 3;

/** Each file has a number, the user's to choose. */
export type Asked =
  | {
      readonly do: 'write';
      readonly file: number;
      readonly path: string;
      readonly key: Uint8Array;
      readonly context: SealContext;
      readonly memory: SharedArrayBuffer;
    }
  | { readonly do: 'take'; readonly file: number; readonly slot: number; readonly bytes: number }
  | { readonly do: 'finish' | 'abandon' | 'close'; readonly file: number }
  | {
      readonly do: 'read';
      readonly file: number;
      readonly pieces: SealedPieces;
      readonly memory: SharedArrayBuffer;
      readonly states: SharedArrayBuffer;
    }
  | { readonly do: 'open'; readonly file: number; readonly number: number };

export type Told =
  | { readonly file: number; readonly is: 'begun' | 'abandoned' }
  | { readonly file: number; readonly is: 'taken'; readonly slot: number }
  | { readonly file: number; readonly is: 'finished'; readonly bytes: number; readonly sha256: string }
  | { readonly file: number; readonly is: 'failed'; readonly code: string; readonly says: string };

/** What a slot holds, in the memory that both see: nothing yet, a piece, or that it could not be opened. */
export const SLOT = {
  waits: 0,
  holds: (number: number): number => number + 1,
  failed: (number: number): number => -number - 1,
} as const;
