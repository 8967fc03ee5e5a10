import { textOf } from '#kernel';
import { type FileKind, MAX_FILE_BYTES, nameFits, Refused, type Refusal } from './kind.ts';
import { checkPdf, looksLikePdf } from './pdf.ts';
import { checkJpeg, checkPng, looksLikeJpeg, looksLikePng } from './picture.ts';
import { looksLikeZip, unpackZip, type ZipEntry } from './zip.ts';

/**
 * Which kind of file this is, by its bytes and their whole structure. Throws Refused: for every kind that is not accepted, for
 * files that are two kinds at once, and where the name promises another kind.
 */
export function inspect(bytes: Uint8Array, name: string): FileKind {
  if (bytes.byteLength === 0) throw new Refused('empty');
  if (bytes.byteLength > MAX_FILE_BYTES) throw new Refused('too-large');
  const kind = kindOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (!nameFits(name, kind)) throw new Refused('name-lies');
  return kind;
}

function kindOf(file: Buffer): FileKind {
  if (looksLikePdf(file)) {
    checkPdf(file);
    return 'pdf';
  }
  if (looksLikePng(file)) {
    checkPng(file);
    return 'png';
  }
  if (looksLikeJpeg(file)) {
    checkJpeg(file);
    return 'jpeg';
  }
  if (looksLikeZip(file)) {
    checkWorkbook(file);
    return 'xlsx';
  }
  if (isPlainText(file)) return 'text';
  // The old office formats are one container with room for macros: OLE2.
  throw new Refused(file.subarray(0, 4).toString('hex') === 'd0cf11e0' ? 'macros' : 'unknown-kind');
}

/** An Office Open XML workbook (ECMA-376) without macros, embedded objects or outside connections. */
function checkWorkbook(file: Buffer): ZipEntry[] {
  const entries = unpackZip(file);
  const names = entries.map((entry) => entry.name);
  if (names.some((name) => /vbaProject|macrosheets|\.bin$/iu.test(name))) throw new Refused('macros');
  if (names.some((name) => /(^|\/)(embeddings|activeX|externalLinks)\//iu.test(name)))
    throw new Refused('embedded-file');
  if (!names.includes('xl/workbook.xml') || !names.includes('[Content_Types].xml'))
    throw new Refused('unknown-kind');
  for (const { name, bytes } of entries) {
    // XML needs no document type here, and entities live in one.
    if (/\.(xml|rels)$/iu.test(name) && Buffer.from(bytes).includes('<!DOCTYPE')) throw new Refused('bomb');
  }
  return entries;
}

/** The files of a workbook. */
export type Workbook = readonly ZipEntry[];

/** Opens a workbook that is read elsewhere: as strictly as one that is read here, 64 MiB unpacked at most. */
export function openWorkbook(
  bytes: Uint8Array,
): { readonly ok: true; readonly workbook: Workbook } | { readonly ok: false; readonly why: Refusal } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (!looksLikeZip(file)) throw new Refused('unknown-kind');
    return { ok: true, workbook: checkWorkbook(file) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, why: error.why };
    throw error;
  }
}

/** UTF-8 without control characters, and not markup: a page that a browser would run is no plain text. */
function isPlainText(file: Buffer): boolean {
  const text = textOf(file);
  // oxlint-disable-next-line no-control-regex -- these are what plain text has none of
  if (text === null || /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/u.test(text)) return false;
  return !/^\ufeff?\s*</u.test(text) && !/<(script|html|svg|iframe|object|embed)\b/iu.test(text);
}
