// Patterns of an allowlist run on what strangers send. V8's usual engine can take minutes over thirty characters; its linear one cannot, and refuses what it
// cannot do in linear time, which then is a fault of the document, found when it is loaded.
import { setFlagsFromString } from 'node:v8';

let enabled = false;

/** A pattern that takes time linear in the text. Throws a SyntaxError where there is no such way (look-around, back references, counts in the hundreds). */
export function linearPattern(source: string): RegExp {
  if (!enabled) {
    setFlagsFromString('--enable-experimental-regexp-engine');
    enabled = true;
  }
  // oxlint-disable-next-line no-invalid-regexp -- V8's flag for its linear engine
  return new RegExp(source, 'l');
}
