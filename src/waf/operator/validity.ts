// Whether a value is well-formed: these match where it is not.
import { isUtf8 as nodeIsUtf8 } from 'node:buffer';
import { negated, range } from '../regex/byte-set.ts';
import { ArgumentError, type Operator, simple } from './operator.ts';

/** Bytes that may occur, as `32-126,9,10`. */
function byteRange(argument: string): Uint8Array {
  const allowed = new Uint8Array(256);
  for (const piece of argument.split(',')) {
    const found = /^\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?$/u.exec(piece);
    const low = Number(found?.[1] ?? Number.NaN);
    const high = Number(found?.[2] ?? found?.[1] ?? Number.NaN);
    if (!(low <= high && high <= 255)) throw new ArgumentError(`${piece} is no byte and no range of bytes`);
    allowed.fill(1, low, high + 1);
  }
  return allowed;
}

function isOutside(value: string, allowed: Uint8Array): boolean {
  for (let at = 0; at < value.length; at += 1) if (allowed[value.charCodeAt(at)] !== 1) return true;
  return false;
}

/** A `%` that is not followed by two hexadecimal digits. */
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/u;

/** Whether bytes are UTF-8 (RFC 3629, section 4): nothing overlong, no surrogates, nothing above U+10FFFF. */
function isUtf8(value: string): boolean {
  return nodeIsUtf8(Buffer.from(value, 'latin1'));
}

export const VALIDITY_OPERATORS: readonly Operator[] = [
  {
    name: 'validateByteRange',
    make: (argument) => {
      const allowed = byteRange(argument);
      return simple((value) => isOutside(value, allowed), null, [negated(allowed)]);
    },
  },
  { name: 'validateUrlEncoding', make: () => simple((value) => BAD_ESCAPE.test(value), ['%']) },
  { name: 'validateUtf8Encoding', make: () => simple((value) => !isUtf8(value), null, [range(0x80, 0xff)]) },
];
