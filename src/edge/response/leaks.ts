// What should never leave: card numbers, secrets, stack traces. Bytes are looked at as they pass, in place: a mask is as long as what it hides, so the length of
// an answer stays what it was. This is a net below the application, not a proof that nothing leaks.
import type { LeakAction, ResponseRules } from '#plane';

export type LeakKind = 'card-number' | 'secret' | 'stack-trace';

export interface LeakScan {
  /** Looks at the next bytes; what may be sent comes back, the last bytes are held until more come or `end`. */
  push(chunk: Uint8Array): Uint8Array;
  end(): Uint8Array;
  /** What was found so far, by kind. */
  readonly found: ReadonlyMap<LeakKind, number>;
  /** Whether something was found that must not go out. */
  blocked(): boolean;
}

/** So many bytes are held back, so that nothing is cut in two: longer than any card number and nearly every secret. */
const HOLD_BYTES = 256;

const TEXT = /^(?:text\/|application\/(?:json|xml|javascript|graphql|x-ndjson|[\w.+-]+\+(?:json|xml))\b)/iu;

/** Whether answers of this type are looked at. */
export function isText(contentType: string | undefined): boolean {
  return contentType !== undefined && TEXT.test(contentType);
}

const DIGITS = /(?<![\w.,/#&=-])\d(?:[ -]?\d){12,18}(?![\w]|[.,]\d)/gu;

/** Issuer prefixes with the lengths that are in use: Visa, Mastercard, American Express, Discover, JCB, Diners. */
const ISSUED =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11})$/u;

/** ISO/IEC 7812-1, annex B. */
function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let value = digits.charCodeAt(digits.length - 1 - i) - 48;
    if (i % 2 === 1) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 === 0;
}

/** Whether a run of digits (with spaces or hyphens) is a card number by issuer, length and check digit. */
export function isCardNumber(run: string): boolean {
  const digits = run.replace(/[ -]/gu, '');
  return ISSUED.test(digits) && !/^(\d)\1+$/u.test(digits) && luhn(digits);
}

/** Formats that their makers have given a mark of their own, so that they can be known. */
const SECRET =
  /\b(?:AKIA[0-9A-Z]{16}|(?:sk|rk)_live_[0-9A-Za-z]{16,99}|gh[pousr]_[0-9A-Za-z]{36,}|github_pat_\w{60,}|xox[abprs]-[0-9A-Za-z-]{20,}|AIza[0-9A-Za-z_-]{35}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|glpat-[0-9A-Za-z_-]{20,}|SG\.[\w-]{22}\.[\w-]{43}|lk_[a-z0-9]{12}_[A-Za-z0-9_-]{43})|-----BEGIN (?:RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----[A-Za-z0-9+/=\s\\]{0,200}/gu;

/** Every pattern here begins with letters or digits, so that no run of blanks can be tried from each of its places. */
const TRACE =
  /at (?<=(?:^|[\n>]|\\n)[ \t]{0,40}at )[\w$.<>[\] ]{1,80} ?\((?:file:\/\/)?\/[^\n)]{1,200}:\d+:\d+\)|Traceback \(most recent call last\):|(?:PHP )?(?:Fatal error|Parse error|Warning)(?:<\/b>)?: {1,2}[^\n]{1,200} in (?:<b>)?\/[^\n]{1,200} on line|\bat (?:[a-z][\w$]*\.){2,}[\w$<>]+\([\w$]+\.java:\d+\)|\bSQLSTATE\[\w{5}\]|ORA-\d{5}:|You have an error in your SQL syntax/gu;

/** A scan of one answer, or null where its rules ask for none. */
export function leakScan(rules: ResponseRules): LeakScan | null {
  const { cardNumbers, secrets, stackTraces } = rules;
  if (cardNumbers === 'off' && secrets === 'off' && stackTraces === 'off') return null;
  const found = new Map<LeakKind, number>();
  let held: Buffer = Buffer.alloc(0);
  let stop = false;

  function note(kind: LeakKind, action: LeakAction): void {
    found.set(kind, (found.get(kind) ?? 0) + 1);
    stop ||= action === 'block';
  }

  /** Looks at all of `bytes`, noting what begins before `until`: the rest is looked at again with what follows it. */
  function look(bytes: Buffer, until: number): void {
    const text = bytes.toString('latin1');
    if (cardNumbers !== 'off')
      for (const match of text.matchAll(DIGITS))
        if (match.index < until && isCardNumber(match[0])) {
          note('card-number', cardNumbers);
          if (cardNumbers === 'mask') mask(bytes, match.index, match.index + match[0].length, 4);
        }
    if (secrets !== 'off')
      for (const match of text.matchAll(SECRET))
        if (match.index < until) {
          note('secret', secrets);
          if (secrets === 'mask') mask(bytes, match.index, match.index + match[0].length, 0);
        }
    if (stackTraces !== 'off')
      for (const match of text.matchAll(TRACE))
        if (match.index < until) {
          note('stack-trace', stackTraces);
          if (stackTraces === 'mask') mask(bytes, match.index, match.index + match[0].length, 0);
        }
  }

  return {
    found,
    blocked: () => stop,
    push(chunk) {
      const bytes = Buffer.concat([held, chunk]);
      const until = Math.max(0, bytes.byteLength - HOLD_BYTES);
      look(bytes, until);
      held = bytes.subarray(until);
      return bytes.subarray(0, until);
    },
    end() {
      const bytes = Buffer.from(held);
      look(bytes, bytes.byteLength);
      held = Buffer.alloc(0);
      return bytes;
    },
  };
}

function mask(bytes: Buffer, from: number, to: number, keep: number): void {
  for (let i = from; i < to - keep; i++) {
    const byte = bytes[i] ?? 0;
    // Separators stay, so that numbers keep their form and JSON its quotes.
    if (
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === 0x2b ||
      byte === 0x2f
    )
      bytes[i] = 0x2a;
  }
}
