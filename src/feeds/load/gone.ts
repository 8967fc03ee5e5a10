// Certificates of stones that have gone: what each was when it was last seen. A stone that is away for a load and comes back as another, under the certificate it had, is seen all the same. The list goes on from load to load, as
// long as a load may be kept; it holds hashed match keys, a few codes and a day, and nothing that names a stone.
import type { SealedReader } from '#storage';
import { feedError } from '../errors.ts';
import { bit, RELEASED } from '../rows/checks.ts';
import { keyIndex } from './key-index.ts';
import type { LoadMatch } from './match.ts';
import { isSameStone, SAME_CODES, type Specs } from './same-stone.ts';
import type { LoadTable } from './table.ts';

export interface GoneCertificates extends Specs {
  readonly rows: number;
  /** The halves of a certificate's match key. */
  high(row: number): number;
  low(row: number): number;
  /** The day it was last seen, counted from 1970. */
  day(row: number): number;
  /** The list as bytes; read again by `readGone`. */
  save(): Iterable<Uint8Array>;
}

/** More are not remembered; those that went first are forgotten first. */
const MOST = 500_000;
/** Both halves of the key, the weight, the day. */
const WORDS = 4;
const CODES = SAME_CODES.length;
const ROW_BYTES = WORDS * Uint32Array.BYTES_PER_ELEMENT + CODES;
/** Whose certificate it is was in doubt. */
const DOUBTED = bit('certificate-moved') | bit('certificate-conflict');

function listOf(words: Uint32Array, codes: Uint8Array): GoneCertificates {
  const word = (row: number, place: number): number => words[row * WORDS + place] ?? 0;
  return {
    rows: words.length / WORDS,
    high: (row) => word(row, 0),
    low: (row) => word(row, 1),
    day: (row) => word(row, 3),
    of: (spec, row) =>
      spec === 'caratMilli' ? word(row, 2) : (codes[row * CODES + SAME_CODES.indexOf(spec)] ?? 0),
    save: () => [new Uint8Array(words.buffer, words.byteOffset, words.byteLength), codes],
  };
}

export const NOBODY: GoneCertificates = listOf(new Uint32Array(0), new Uint8Array(0));

/** Reads what `save` wrote. Throws `feeds/unreadable` for another form. */
export function readGone(source: Pick<SealedReader, 'bytes' | 'read'>): GoneCertificates {
  const rows = source.bytes / ROW_BYTES;
  if (!Number.isInteger(rows))
    throw feedError('feeds/unreadable', { details: { why: 'list of another release' } });
  const bytes = Uint8Array.from(source.read(0, source.bytes));
  return listOf(
    new Uint32Array(bytes.buffer, 0, rows * WORDS),
    bytes.subarray(bytes.byteLength - rows * CODES),
  );
}

export interface Remembering {
  /** The day of the load, counted from 1970. */
  readonly today: number;
  /** How many days anything of a load may be kept. */
  readonly keepDays: number;
}

/**
 * The list after a load: certificates of the load before that are no longer there as what they were, and those of the list that have not come back as such. Of a stone whose certificate was in doubt nothing is learnt: what was known of it stays.
 */
export function goneAfter(
  now: LoadTable,
  before: LoadTable | null,
  match: LoadMatch,
  gone: GoneCertificates,
  { today, keepDays }: Remembering,
): GoneCertificates {
  const room = Math.min(MOST, (before?.rows ?? 0) + gone.rows);
  const words = new Uint32Array(room * WORDS);
  const codes = new Uint8Array(room * CODES);
  const listed = keyIndex();
  let rows = 0;

  if (before !== null) {
    const there = stillHeld(now, before, match);
    const findings = before.column('findings');
    for (let row = 0; row < before.rows; row++) {
      const found = findings[row] ?? 0;
      const isDoubted = (found & DOUBTED) !== 0 && (found & RELEASED) === 0;
      const [high, low] = [before.certificates.high(row), before.certificates.low(row)];
      if (there[row] === 0 && !isDoubted && (high !== 0 || low !== 0)) list(high, low, today, before, row);
    }
  }
  for (let row = 0; row < gone.rows; row++)
    if (today - gone.day(row) <= keepDays) list(gone.high(row), gone.low(row), gone.day(row), gone, row);
  return listOf(words.slice(0, rows * WORDS), codes.slice(0, rows * CODES));

  /** Lists a certificate, unless it is there now as what it was. */
  function list(high: number, low: number, day: number, of: Specs, row: number): void {
    const back = now.certificates.find(high, low);
    if (back < 0 || !isSameStone(of, row, now, back)) add(high, low, day, of, row);
  }

  function add(high: number, low: number, day: number, of: Specs, row: number): void {
    if (rows === room || listed.claim(high, low, rows) !== rows) return;
    words.set([high, low, of.of('caratMilli', row), day], rows * WORDS);
    codes.set(
      SAME_CODES.map((code) => of.of(code, row)),
      rows * CODES,
    );
    rows++;
  }
}

/** By row of the load before: 1 where the same offer has the same certificate now, and is the same stone. */
function stillHeld(now: LoadTable, before: LoadTable, match: LoadMatch): Uint8Array {
  const held = new Uint8Array(before.rows);
  for (let row = 0; row < now.rows; row++) {
    const old = match.old(row);
    if (
      old >= 0 &&
      now.certificates.high(row) === before.certificates.high(old) &&
      now.certificates.low(row) === before.certificates.low(old) &&
      isSameStone(now, row, before, old)
    )
      held[old] = 1;
  }
  return held;
}
