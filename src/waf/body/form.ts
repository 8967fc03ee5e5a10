import { urlDecode } from '../transform/url.ts';

/** A name and a value, as byte strings. */
export type Pair = readonly [string, string];

/** What a body was read as. */
export interface ReadBody {
  readonly args: readonly Pair[];
  /** Why the body is not what it says it is; what was read until then stands. Null: it is. */
  readonly error: string | null;
}

/** `a=1&b=2`, decoded (URL Standard, section 5.1, over bytes). Pairs beyond the limit are an error. */
export function readForm(text: string, separator: string, limit: number): ReadBody {
  const args: Pair[] = [];
  let at = 0;
  while (at < text.length) {
    const found = text.indexOf(separator, at);
    const end = found < 0 ? text.length : found;
    if (end > at) {
      if (args.length >= limit) return { args, error: `more than ${limit} arguments` };
      const equals = text.indexOf('=', at);
      const split = equals < 0 || equals > end ? end : equals;
      args.push([
        urlDecode(text.slice(at, split)),
        urlDecode(text.slice(split + 1, Math.max(end, split + 1))),
      ]);
    }
    at = end + 1;
  }
  return { args, error: null };
}

/** Whether a form holds a `%` that is not followed by two hexadecimal digits. */
export function hasBadEscape(text: string): boolean {
  return /%(?![0-9A-Fa-f]{2})/u.test(text);
}
