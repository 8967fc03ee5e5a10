import { utf8 } from './bytes.ts';

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * The canonical form of a JSON value: RFC 8785 (JSON Canonicalization Scheme).
 *
 * Names sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them. Throws
 * TypeError for what has no canonical form: NaN and infinities, lone surrogates, anything not JSON.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('not a JSON number');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a string with a lone surrogate has no canonical form');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`not JSON: ${typeof value}`);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** The canonical form in UTF-8: what is hashed and signed. */
export function canonicalBytes(value: Json): Uint8Array {
  return utf8(canonicalJson(value));
}
