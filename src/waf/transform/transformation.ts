/** A change of a value before an operator sees it. A pure function over byte strings; what it makes is never longer than four times its input and 64 bytes. */
export interface Transformation {
  /** As rules write it. */
  readonly name: string;
  /** Classes of bytes (`byte-class.ts`) without any of which it changes nothing. */
  readonly touches: number;
  /** Of one that lowers letters besides what else it does: classes without any of which that is all it does. */
  readonly beyondCase?: number;
  /** Classes that its result may have, out of those of its input; where it is not told, all. */
  readonly yields?: (classes: number) => number;
  readonly apply: (text: string) => string;
  /** For one that makes most texts shorter: how long at most its result is, told for less than the result costs. */
  readonly longest?: (text: string) => number;
}

/** What each byte stands for as a hexadecimal digit; -1: it is none. */
const HEX: Int8Array = Int8Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? -1 : value;
});

/** The number that so many hexadecimal digits at a place stand for, or -1. */
export function hexAt(text: string, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i += 1) {
    const digit = HEX[text.charCodeAt(i)] ?? -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
