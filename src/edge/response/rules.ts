// What is set right in every answer of a route: headers that browsers act on, cookies, headers that tell too much.
import type { ResponseRules } from '#plane';

/** Where browsers report what the content security policy stopped. */
export const CSP_REPORT_PATH = '/.well-known/loupe/csp';

export interface AnswerRules {
  readonly drop: ReadonlySet<string>;
  /** Applies the rules to the headers of an answer; `secure`: it goes out over TLS. */
  apply(headers: [name: string, value: string][], secure: boolean): void;
}

/** Set for a year, without subdomains: those are not ours to decide about. */
const HSTS = 'max-age=31536000';

/** A policy as a header's value (CSP level 3). Throws a RangeError at a directive or source that would end it early. */
export function cspValue(directives: { readonly [directive: string]: readonly string[] }): string {
  const parts = Object.entries(directives).map(([directive, sources]) => {
    const bad =
      !/^[a-z-]+$/u.test(directive) ||
      sources.some((source) => !/^[\x21-\x2B\x2D-\x3A\x3C-\x7E]+$/u.test(source));
    if (bad) throw new RangeError(`not a directive: ${directive}`);
    return [directive, ...sources].join(' ');
  });
  return [...parts, `report-uri ${CSP_REPORT_PATH}`].join('; ');
}

export function answerRules(rules: ResponseRules): AnswerRules {
  const set: [string, string][] = [];
  if (rules.csp !== null)
    set.push([
      rules.csp.mode === 'enforce' ? 'content-security-policy' : 'content-security-policy-report-only',
      cspValue(rules.csp.directives),
    ]);
  if (rules.nosniff) set.push(['x-content-type-options', 'nosniff']);
  if (rules.referrer !== null) set.push(['referrer-policy', rules.referrer]);
  const names = new Set(set.map(([name]) => name));
  const readable = new Set(rules.hardenCookies?.readable);
  const harden = rules.hardenCookies !== null;
  return {
    drop: new Set(rules.drop),
    apply(headers, secure) {
      let strict = false;
      for (let i = headers.length - 1; i >= 0; i--) {
        const header = headers[i];
        if (header === undefined) continue;
        if (names.has(header[0])) headers.splice(i, 1);
        else if (header[0] === 'strict-transport-security') strict = true;
        else if (harden && header[0] === 'set-cookie') header[1] = hardened(header[1], readable, secure);
      }
      headers.push(...set);
      if (secure && !strict) headers.push(['strict-transport-security', HSTS]);
    },
  };
}

/** A `Set-Cookie` (RFC 6265bis) with what it lacks. What the application said on purpose (`SameSite=None`) stays. */
export function hardened(cookie: string, readable: ReadonlySet<string>, secure: boolean): string {
  const name = cookie.slice(0, Math.max(0, cookie.indexOf('='))).trim();
  const has = (attribute: string): boolean =>
    new RegExp(`;\\s*${attribute}\\s*(?:[=;]|$)`, 'iu').test(cookie);
  let result = cookie;
  if (secure && !has('secure')) result += '; Secure';
  if (!readable.has(name) && !has('httponly')) result += '; HttpOnly';
  if (!has('samesite')) result += '; SameSite=Lax';
  return result;
}
