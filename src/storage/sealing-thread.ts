// The thread that seals and opens pieces of files beside who uses them. It does what it is told, in order for each file.
import { parentPort } from 'node:worker_threads';
import { LoupeError } from '#kernel';
import {
  openPieceAside,
  PIECE_BYTES,
  type SealedPieces,
  type SealedWriter,
  writeSealedFile,
} from './sealed-file.ts';
import { type Asked, SLOT, SLOTS, type Told } from './sealing-words.ts';

interface Writing {
  readonly writer: Promise<SealedWriter>;
  readonly memory: Uint8Array;
  /** What was asked last is done. */
  done: Promise<void>;
}

interface Reading {
  readonly pieces: SealedPieces;
  readonly memory: Uint8Array;
  readonly states: Int32Array;
  /** The piece that each slot was last asked for. */
  readonly wanted: number[];
}

const writings = new Map<number, Writing>();
const readings = new Map<number, Reading>();

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
const tell = (told: Told): void => parentPort?.postMessage(told);

parentPort?.on('message', (asked: Asked) => {
  switch (asked.do) {
    case 'write': {
      const writer = writeSealedFile(asked.path, asked.key, asked.context);
      const memory = new Uint8Array(asked.memory);
      writings.set(asked.file, { writer, memory, done: Promise.resolve() });
      next(asked.file, async () => {
        await writer;
        tell({ file: asked.file, is: 'begun' });
      });
      break;
    }
    case 'take':
    case 'finish':
    case 'abandon':
      next(asked.file, (writing) => go(writing, asked), asked.do === 'abandon');
      break;
    case 'read':
      readings.set(asked.file, {
        pieces: asked.pieces,
        memory: new Uint8Array(asked.memory),
        states: new Int32Array(asked.states),
        wanted: [],
      });
      break;
    case 'open':
      void open(asked.file, asked.number);
      break;
    case 'close':
      readings.delete(asked.file);
      break;
  }
});

/** Does something with a file that is written, after what was asked before. Its failure is told, and nothing more is done then, but for what is done `always`. */
function next(file: number, act: (writing: Writing) => Promise<void>, always = false): void {
  const writing = writings.get(file);
  if (writing === undefined) return;
  const before = always ? writing.done.catch(() => undefined) : writing.done;
  writing.done = before.then(() => act(writing));
  writing.done.catch((error: unknown) => {
    const code = error instanceof LoupeError ? error.code : '';
    tell({ file, is: 'failed', code, says: error instanceof Error ? error.message : String(error) });
  });
}

async function go({ writer, memory }: Writing, asked: Asked): Promise<void> {
  const { file } = asked;
  switch (asked.do) {
    case 'take': {
      const begin = asked.slot * PIECE_BYTES;
      await (await writer).write(memory.subarray(begin, begin + asked.bytes));
      tell({ file, is: 'taken', slot: asked.slot });
      break;
    }
    case 'finish':
      tell({ file, is: 'finished', ...(await (await writer).finish()) });
      writings.delete(file);
      break;
    case 'abandon':
      await (await writer).abandon();
      tell({ file, is: 'abandoned' });
      writings.delete(file);
      break;
    default:
  }
}

async function open(file: number, number: number): Promise<void> {
  const reading = readings.get(file);
  if (reading === undefined) return;
  const { pieces, memory, states, wanted } = reading;
  const slot = number % SLOTS;
  wanted[slot] = number;
  // Whoever wants it opens it, and says what is wrong.
  const plain = await openPieceAside(pieces, number).catch(() => null);
  // The slot may be another piece's by now.
  if (wanted[slot] !== number) return;
  if (plain !== null) memory.set(plain, slot * PIECE_BYTES);
  Atomics.store(states, slot, plain === null ? SLOT.failed(number) : SLOT.holds(number));
  Atomics.notify(states, slot);
}
