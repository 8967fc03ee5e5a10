// Numbers of cells, as integers of a declared unit. Nothing is guessed: no exponent, no thousands separator, no comma for a point.

/** What is no number, told apart from every number. */
const NO_NUMBER: number = Number.NaN;

const MINUS = 0x2d;
const POINT = 0x2e;
const BLANK = 0x20;
/** So that every integer here is exact and products of two of them are. */
const MOST = 2 ** 46;

/**
 * Reads `-?digits[.digits]` from `start` to `end` as an integer of 10^−scale, rounded half away from zero where more decimals were given. Blanks around it do
 * not count. NO_NUMBER where the bytes are anything else, or too large.
 */
export function decimal(bytes: Uint8Array, from: number, to: number, scale: number): number {
  let start = from;
  let end = to;
  while (start < end && bytes[start] === BLANK) start++;
  while (end > start && bytes[end - 1] === BLANK) end--;
  const negative = bytes[start] === MINUS;
  if (negative) start++;
  let value = 0;
  let digits = 0;
  let decimals = -1;
  let roundUp = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === POINT) {
      if (decimals >= 0) return NO_NUMBER;
      decimals = 0;
      continue;
    }
    const digit = byte - 0x30;
    if (digit < 0 || digit > 9) return NO_NUMBER;
    digits++;
    if (decimals >= 0) {
      decimals++;
      if (decimals > scale) {
        if (decimals === scale + 1) roundUp = digit >= 5;
        continue;
      }
    }
    value = value * 10 + digit;
    if (value > MOST) return NO_NUMBER;
  }
  if (digits === 0) return NO_NUMBER;
  for (let i = Math.max(decimals, 0); i < scale; i++) value *= 10;
  if (roundUp) value++;
  if (value > MOST) return NO_NUMBER;
  return negative ? -value : value;
}
