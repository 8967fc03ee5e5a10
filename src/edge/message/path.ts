// The request target. One resource must have one name here: what the edge judges and what the upstream resolves may never differ, or a rule for
// `/admin/` is passed by `/x/..%2fadmin/`.

/** Longer targets are refused; browsers and proxies agree on about this much. */
const MAX_TARGET_BYTES = 8_192;

export interface Target {
  /** In canonical form: begins with `/`, no dot segments, no empty ones, percent-encoding only where it must be, capital hexadecimal. */
  readonly path: string;
  /** With its `?`, as it came; empty where there is none. */
  readonly query: string;
}

/**
 * Bytes that stand for themselves (RFC 3986, section 2.3), and those a path may hold besides (section 3.3); no semicolon, before which some servers (servlets) end a
 * segment's name and others do not.
 */
const PLAIN = /^[A-Za-z0-9\-._~!$&'()*+,=:@/]*$/u;
const UNRESERVED = /[A-Za-z0-9\-._~]/u;
const QUERY = /^[\x21\x22\x24-\x7E]*$/u;

/**
 * Reads an origin-form target (RFC 9112, section 3.2.1). Returns a word for what is wrong: `form`, `too-long`, `byte`, `escape`, `slash` (an encoded one),
 * `dots` (segments that climb, however written), `parameter` (a semicolon).
 */
export function readTarget(raw: string): Target | string {
  if (raw.length > MAX_TARGET_BYTES) return 'too-long';
  if (!raw.startsWith('/')) return 'form';
  const mark = raw.indexOf('?');
  const rawPath = mark === -1 ? raw : raw.slice(0, mark);
  const query = mark === -1 ? '' : raw.slice(mark);
  if (!QUERY.test(query)) return 'byte';
  // Nearly every path is plain already, and then there is nothing to decode.
  const path = PLAIN.test(rawPath) ? rawPath : decodePlain(rawPath);
  if (!path.startsWith('/')) return path;
  if (path.includes('/.') && climbs(path)) return 'dots';
  return { path: path.includes('//') ? path.replace(/\/{2,}/gu, '/') : path, query };
}

/** Decodes what needs no encoding and writes the rest one way; or a word for what is wrong. */
function decodePlain(raw: string): string {
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    const char = raw.charAt(i);
    if (char !== '%') {
      if (!PLAIN.test(char)) return 'byte';
      out += char;
      continue;
    }
    const hex = raw.slice(i + 1, i + 3);
    if (!/^[0-9A-Fa-f]{2}$/u.test(hex)) return 'escape';
    const byte = Number.parseInt(hex, 16);
    if (byte === 0x2f || byte === 0x5c) return 'slash';
    if (byte === 0x3b) return 'parameter';
    if (byte < 0x20 || byte === 0x7f) return 'byte';
    // An encoded percent sign would be decoded a second time by somebody.
    if (byte === 0x25 && /^[0-9A-Fa-f]{2}/u.test(raw.slice(i + 3))) return 'escape';
    const decoded = String.fromCharCode(byte);
    out += byte < 0x80 && UNRESERVED.test(decoded) ? decoded : `%${hex.toUpperCase()}`;
    i += 2;
  }
  return out;
}

/** Whether a segment is `.` or `..`. */
function climbs(path: string): boolean {
  return path.split('/').some((segment) => /^\.\.?$/u.test(segment));
}
