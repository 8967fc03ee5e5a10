import { hexOf } from './bytes.ts';

let lastMs = 0;
let counter = 0;

/** Twelve bits that grow with every id of one millisecond, from a random beginning (RFC 9562, section 6.2, method 1). */
function nextCounter(nowMs: number): number {
  counter = nowMs === lastMs ? (counter + 1) & 0x0fff : (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0);
  lastMs = nowMs;
  return counter;
}

/**
 * Makes an id: a short prefix that names the kind of thing, and a UUID version 7 in hexadecimal
 * (RFC 9562, section 5.7), so that ids sort by the time they were made, and those of one process and millisecond by their order.
 *
 * Not for anything a shopper or a stranger can see: it tells when it was made. Those use `randomToken`.
 */
export function newId<Prefix extends string>(
  prefix: Prefix,
  nowMs: number = Date.now(),
): `${Prefix}_${string}` {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(nowMs / 0x10000));
  view.setUint16(4, nowMs % 0x10000);
  view.setUint16(6, 0x7000 | nextCounter(nowMs));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  return `${prefix}_${hexOf(bytes)}`;
}

/** An unguessable token of `byteLength` random bytes (16 or more) in base64url. */
export function randomToken(byteLength = 24): string {
  if (byteLength < 16) throw new RangeError('a token needs at least 16 bytes');
  return Buffer.from(crypto.getRandomValues(new Uint8Array(byteLength))).toString('base64url');
}
