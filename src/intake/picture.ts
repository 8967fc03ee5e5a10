// Pictures, walked from their first byte to their last: what has a whole structure and nothing behind it cannot be another kind
// of file as well.
import { crc32 } from 'node:zlib';
import { Refused } from './kind.ts';

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const IHDR_BYTES = 13;
/** Width times height: what a viewer unpacks. */
const MAX_PIXELS = 50_000_000;

export function looksLikePng(file: Buffer): boolean {
  return file.subarray(0, 8).equals(PNG_SIGNATURE);
}

/** Checks a PNG (W3C PNG, third edition, section 5). Throws Refused. */
export function checkPng(file: Buffer): void {
  let at = 8;
  for (let first = true; ; first = false) {
    if (at + 12 > file.byteLength) throw new Refused('broken');
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    if (end > file.byteLength || first !== (type === 'IHDR')) throw new Refused('broken');
    if (crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4)) throw new Refused('broken');
    if (type === 'IHDR') {
      if (length !== IHDR_BYTES) throw new Refused('broken');
      if (file.readUInt32BE(at + 8) * file.readUInt32BE(at + 12) > MAX_PIXELS) throw new Refused('bomb');
    }
    at = end;
    if (type === 'IEND') break;
  }
  if (at !== file.byteLength) throw new Refused('two-files');
}

export function looksLikeJpeg(file: Buffer): boolean {
  return file.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]));
}

/** Checks a JPEG's segments (ITU T.81, annex B): begins with SOI, ends with EOI, and nothing follows. Throws Refused. */
export function checkJpeg(file: Buffer): void {
  let at = 2;
  while (at + 4 <= file.byteLength) {
    if (file[at] !== 0xff) throw new Refused('broken');
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = file.readUInt16BE(at + 2);
    if (length < 2) throw new Refused('broken');
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (
      isFrame &&
      at + 9 <= file.byteLength &&
      file.readUInt16BE(at + 5) * file.readUInt16BE(at + 7) > MAX_PIXELS
    )
      throw new Refused('bomb');
    at += 2 + length;
    if (marker === 0xda) at = endOfScan(file, at);
    if (file[at] === 0xff && file[at + 1] === 0xd9) {
      if (at + 2 !== file.byteLength) throw new Refused('two-files');
      return;
    }
  }
  throw new Refused('broken');
}

/** Where the entropy-coded data end: at the next marker that is neither a stuffed byte nor a restart. */
function endOfScan(file: Buffer, from: number): number {
  let at = from;
  for (;;) {
    at = file.indexOf(0xff, at);
    if (at < 0 || at + 1 >= file.byteLength) throw new Refused('broken');
    const next = file[at + 1] ?? 0;
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
    at += 2;
  }
}
