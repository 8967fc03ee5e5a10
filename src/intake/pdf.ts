// A PDF from outside before pdf.js reads it (ISO 32000-2, section 7.5): a header at the first byte, an end at the last, and no name in
// it, plain or in a compressed object stream, that makes a viewer run, launch or unpack something.
import { inflateSync } from 'node:zlib';
import { Refused } from './kind.ts';

const NAMES: readonly (readonly [RegExp, 'scripts' | 'embedded-file' | 'encrypted'])[] = [
  [/\/(JavaScript|JS|Launch|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z0-9])/u, 'scripts'],
  [/\/(EmbeddedFiles?|GoToE)(?![A-Za-z0-9])/u, 'embedded-file'],
  [/\/Encrypt(?![A-Za-z0-9])/u, 'encrypted'],
];

/** What all object streams of a file may unpack to. */
const MAX_OBJECTS_BYTES = 32 * 1024 * 1024;

export function looksLikePdf(file: Buffer): boolean {
  return /^%PDF-[12]\.\d/u.test(file.toString('latin1', 0, 8));
}

/** Checks a PDF's shape and names. Throws Refused. */
export function checkPdf(file: Buffer): void {
  const text = file.toString('latin1');
  const end = text.lastIndexOf('%%EOF');
  if (end < 0) throw new Refused('broken');
  if (text.slice(end + 5).trim() !== '') throw new Refused('two-files');
  // A ZIP's end record inside a PDF's last bytes makes it open as both.
  if (file.subarray(-66_000).includes(Buffer.from([0x50, 0x4b, 0x05, 0x06]))) throw new Refused('two-files');
  judgeNames(outsideStreams(text));
  for (const objects of objectStreams(file, text)) judgeNames(objects);
}

function judgeNames(text: string): void {
  // Names may be written with #xx for any character (section 7.3.5).
  const plain = text.replaceAll(/#([0-9A-Fa-f]{2})/gu, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  for (const [name, why] of NAMES) if (name.test(plain)) throw new Refused(why);
}

/** The text of everything but stream contents, in which any bytes may stand by chance. */
function outsideStreams(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf('stream', at);
    if (begin < 0) break;
    const end = text.indexOf('endstream', begin);
    if (end < 0) break;
    parts.push(text.slice(at, begin));
    at = end + 'endstream'.length;
  }
  parts.push(text.slice(at));
  return parts.join(' ');
}

/** Unpacked object streams, in which a file may keep its dictionaries. */
function* objectStreams(file: Buffer, text: string): Generator<string> {
  let left = MAX_OBJECTS_BYTES;
  for (const match of text.matchAll(/\/ObjStm\b/gu)) {
    const keyword = text.indexOf('stream', match.index);
    const end = text.indexOf('endstream', keyword);
    if (keyword < 0 || end < 0) throw new Refused('broken');
    const begin = keyword + 'stream'.length + (text[keyword + 6] === '\r' ? 2 : 1);
    let unpacked: Buffer;
    try {
      unpacked = inflateSync(file.subarray(begin, end), {
        maxOutputLength: Math.max(1, left),
        finishFlush: 2,
      });
    } catch (error) {
      // What cannot be unpacked cannot be checked, and so is not kept.
      throw new Refused(error instanceof RangeError ? 'bomb' : 'broken');
    }
    left -= unpacked.byteLength;
    yield unpacked.toString('latin1');
  }
}
