// Encodings and digests: base64, hexadecimal, UTF-8, hashes.
import { createHash } from 'node:crypto';
import { ANY_BYTE, maskOf } from '../byte-class.ts';
import { roomFor, textIn } from '../bytes.ts';
import type { Transformation } from './transformation.ts';

/** Base64 up to the first byte that is none; padding ends it (RFC 4648, section 4). */
function base64Decode(text: string): string {
  const valid = text.slice(0, base64Length(text));
  const room = roomFor(valid.length);
  return textIn(room, room.write(valid, 'base64'));
}

/** How much of a text is base64. */
function base64Length(text: string): number {
  let at = 0;
  while (at < text.length && IN_BASE64[text.charCodeAt(at) & 0xff] === 1) at += 1;
  return at;
}

const IN_BASE64: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[0-9A-Za-z+/]/u.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** Base64 with everything that is none left out (RFC 2045, section 6.8). */
function base64DecodeExt(text: string): string {
  return Buffer.from(text.replaceAll(/[^0-9A-Za-z+/]/gu, ''), 'base64').toString('latin1');
}

function base64Encode(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64');
}

function hexEncode(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

/** Pairs of hexadecimal digits up to the first that is none. */
function hexDecode(text: string): string {
  return Buffer.from(text, 'hex').toString('latin1');
}

/** `0x41…` of SQL as the bytes it stands for. */
function sqlHexDecode(text: string): string {
  return text.replaceAll(/0[xX]((?:[0-9A-Fa-f]{2})+)/gu, (_, hex: string) =>
    Buffer.from(hex, 'hex').toString('latin1'),
  );
}

/** Each UTF-8 sequence of more than one byte as `%uHHHH`; bytes that are none stay (RFC 3629). Beyond U+FFFF, more digits. */
function utf8toUnicode(text: string): string {
  return text.replaceAll(
    /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/gu,
    (found) => {
      const lead = found.charCodeAt(0) & (found.length === 2 ? 0x1f : found.length === 3 ? 0x0f : 0x07);
      let code = lead;
      for (let i = 1; i < found.length; i += 1) code = code * 64 + (found.charCodeAt(i) & 0x3f);
      return `%u${code.toString(16).padStart(4, '0')}`;
    },
  );
}

function digest(algorithm: 'sha1' | 'md5'): (text: string) => string {
  return (text) => createHash(algorithm).update(text, 'latin1').digest('latin1');
}

export const CODE_TRANSFORMATIONS: readonly Transformation[] = [
  {
    name: 'base64Decode',
    touches: ANY_BYTE,
    apply: base64Decode,
    longest: (text) => Math.floor((base64Length(text) * 3) / 4),
  },
  { name: 'base64DecodeExt', touches: ANY_BYTE, apply: base64DecodeExt },
  { name: 'base64Encode', touches: ANY_BYTE, apply: base64Encode },
  { name: 'hexEncode', touches: ANY_BYTE, apply: hexEncode },
  { name: 'hexDecode', touches: ANY_BYTE, apply: hexDecode },
  { name: 'sqlHexDecode', touches: maskOf('0'), apply: sqlHexDecode },
  { name: 'utf8toUnicode', touches: maskOf('\xff'), apply: utf8toUnicode },
  { name: 'sha1', touches: ANY_BYTE, apply: digest('sha1') },
  { name: 'md5', touches: ANY_BYTE, apply: digest('md5') },
];
