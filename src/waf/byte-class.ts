import { bytesOfText } from './bytes.ts';

/**
 * Bytes in 32 classes, so that which occur in a value fits in one number. Letters, digits and bytes from 0x80 share a class each; what attacks are made of has one of
 * its own.
 */
const GROUPS: readonly string[] = [
  'abcdefghijklmnopqrstuvwxyz',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '0123456789',
  ' ',
  '\t\n\v\f\r',
  '\0',
  "'",
  '"',
  '`',
  '<',
  '>',
  '(',
  ')',
  '=',
  ';',
  '|',
  '&',
  '$',
  '{',
  '}[]',
  '\\',
  '/',
  '.',
  '-_',
  ':',
  '%',
  '#',
  '*',
  '@!?^~',
  '+,',
];
const HIGH = 1 << 30;
const CONTROL = 1 << 31;

/** The class of each byte, as a mask of one bit. */
export const CLASS_BIT: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return HIGH;
  const group = GROUPS.findIndex((chars) => chars.includes(String.fromCharCode(byte)));
  return group < 0 ? CONTROL : 1 << group;
});

/** All bits. */
export const ANY_BYTE = -1;

const UPPER_BIT = CLASS_BIT[0x41] ?? 0;
const LOWER_BIT = CLASS_BIT[0x61] ?? 0;

/** The classes of a text once its letters are lowered. */
export function maskLowered(mask: number): number {
  return (mask & UPPER_BIT) === 0 ? mask : (mask & ~UPPER_BIT) | LOWER_BIT;
}

/** The classes of the bytes of a text, as one mask. */
export function maskOf(text: string): number {
  const bytes = bytesOfText(text);
  let mask = 0;
  for (let i = 0; i < text.length; i += 1) mask |= CLASS_BIT[bytes[i] ?? 0] ?? 0;
  return mask;
}
