// The directory of a ZIP archive (APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16), read strictly: a reader that believes the
// directory and one that believes the local headers must find the same files, and nothing may lie before, between or behind them.
import { inflateRawSync } from 'node:zlib';
import { Refused } from './kind.ts';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_ENTRIES = 2_000;
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const ENCRYPTED = 0x1;
const STORED = 0;
const DEFLATED = 8;

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function looksLikeZip(file: Buffer): boolean {
  return file.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'));
}

/** Unpacks an archive whole, at most 64 MiB. Throws Refused: `broken`, `encrypted`, `bomb`, `two-files`. */
export function unpackZip(file: Buffer): ZipEntry[] {
  const end = file.byteLength - END_BYTES;
  // No archive comment is accepted: behind it another file could hide.
  if (end < 0 || file.readUInt32LE(end) !== END)
    throw new Refused(hasLaterEnd(file) ? 'two-files' : 'broken');
  const count = file.readUInt16LE(end + 10);
  const size = file.readUInt32LE(end + 12);
  const start = file.readUInt32LE(end + 16);
  if (count > MAX_ENTRIES) throw new Refused('bomb');
  if (start + size !== end) throw new Refused('two-files');
  const entries: ZipEntry[] = [];
  let at = start;
  let expected = 0;
  let left = MAX_UNPACKED_BYTES;
  const directory: { offset: number; read(): ZipEntry; ends: number }[] = [];
  for (let n = 0; n < count; n++) {
    if (at + ENTRY_BYTES > end || file.readUInt32LE(at) !== ENTRY) throw new Refused('broken');
    const flags = file.readUInt16LE(at + 8);
    const method = file.readUInt16LE(at + 10);
    const packed = file.readUInt32LE(at + 20);
    const unpacked = file.readUInt32LE(at + 24);
    const nameBytes = file.readUInt16LE(at + 28);
    const extraBytes = file.readUInt16LE(at + 30);
    const commentBytes = file.readUInt16LE(at + 32);
    const offset = file.readUInt32LE(at + 42);
    const name = file.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
    if ((flags & ENCRYPTED) !== 0) throw new Refused('encrypted');
    if (method !== STORED && method !== DEFLATED) throw new Refused('broken');
    if (offset + LOCAL_BYTES > start || file.readUInt32LE(offset) !== LOCAL) throw new Refused('broken');
    const localName = file.readUInt16LE(offset + 26);
    const begin = offset + LOCAL_BYTES + localName + file.readUInt16LE(offset + 28);
    if (file.toString('utf8', offset + LOCAL_BYTES, offset + LOCAL_BYTES + localName) !== name)
      throw new Refused('two-files');
    if (begin + packed > start) throw new Refused('broken');
    directory.push({
      offset,
      ends: begin + packed,
      read() {
        const data = file.subarray(begin, begin + packed);
        const bytes = method === STORED ? data : inflate(data, left);
        if (bytes.byteLength !== unpacked) throw new Refused('broken');
        left -= bytes.byteLength;
        if (left < 0) throw new Refused('bomb');
        return { name, bytes };
      },
    });
  }
  if (at !== end) throw new Refused('broken');
  // Each file begins where the one before ended (a data descriptor of 12 or 16 bytes may stand between): no room for another.
  for (const entry of directory.toSorted((a, b) => a.offset - b.offset)) {
    if (![0, 12, 16].includes(entry.offset - expected)) throw new Refused('two-files');
    expected = entry.ends;
    entries.push(entry.read());
  }
  if (![0, 12, 16].includes(start - expected)) throw new Refused('two-files');
  return entries;
}

function inflate(data: Buffer, maxBytes: number): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (error) {
    const tooLong = error instanceof RangeError;
    throw new Refused(tooLong ? 'bomb' : 'broken');
  }
}

function hasLaterEnd(file: Buffer): boolean {
  return file.includes(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
}
