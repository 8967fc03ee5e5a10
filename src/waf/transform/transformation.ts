/** A change of a value before an operator sees it. A pure function over byte strings; what it makes is never longer than four times its input and 64 bytes. */
export interface Transformation {
  /** As rules write it. */
  readonly name: string;
  /** Classes of bytes (`byte-class.ts`) without any of which it changes nothing. */
  readonly touches: number;
  readonly apply: (text: string) => string;
}

const HEX = /^[0-9A-Fa-f]+$/u;

/** The number that so many hexadecimal digits at a place stand for, or -1. */
export function hexAt(text: string, at: number, digits: number): number {
  const piece = text.slice(at, at + digits);
  return piece.length === digits && HEX.test(piece) ? Number.parseInt(piece, 16) : -1;
}

export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
