// Which of a customer's fields a call carries, by the names of its members. Names are kept, values never; whose they are is kept as a pseudonym.
import type { Head } from '../message/head.ts';

export interface CarriedFields {
  /** Names as the policy lists them, sorted. */
  readonly fields: readonly string[];
  /** The value that says whose they are, or null; not to be kept. */
  readonly subject: string | null;
}

/** Members that say whose a record is, the surest first. */
const SUBJECT: readonly string[] = ['customer_id', 'customerid', 'email', 'email_address', 'phone'];
const MAX_MEMBERS = 20_000;

/** Looks through a JSON or form body and the query. `listed`: names, lower case. */
export function carriedFields(head: Head, body: Uint8Array, listed: readonly string[]): CarriedFields {
  const wanted = new Set(listed.map((name) => plain(name)));
  const found = new Map<string, string | null>();
  const see = (name: string, value: unknown): void => {
    const key = plain(name);
    if (!wanted.has(key) && !SUBJECT.includes(key)) return;
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
    if (text !== '' || (typeof value === 'object' && value !== null))
      found.set(key, found.get(key) ?? (text || null));
  };
  for (const [name, value] of new URLSearchParams(head.query)) see(name, value);
  for (const [name, value] of membersOf(head, body)) see(name, value);
  const subject =
    SUBJECT.map((name) => found.get(name)).find((value) => value !== undefined && value !== null) ?? null;
  return { fields: listed.filter((name) => found.has(plain(name))).toSorted(), subject };
}

/** `firstName`, `first-name` and `first_name` are one. */
function plain(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/gu, '$1_$2')
    .replace(/[\s-]+/gu, '_')
    .toLowerCase();
}

function* membersOf(head: Head, body: Uint8Array): Generator<readonly [string, unknown]> {
  const type = head.by.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = Buffer.from(body).toString('utf8');
  if (type === 'application/x-www-form-urlencoded') {
    // `customer[email]` is an email.
    for (const [name, value] of new URLSearchParams(text))
      yield [/\[([^\]]+)\]$/u.exec(name)?.[1] ?? name, value];
    return;
  }
  if (!/json|graphql/u.test(type)) return;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return; // not JSON: it carries nothing that we can name
  }
  const waiting: unknown[] = [value];
  for (let seen = 0; waiting.length > 0 && seen < MAX_MEMBERS; ) {
    const one = waiting.pop();
    if (typeof one !== 'object' || one === null) continue;
    for (const [name, member] of Object.entries(one)) {
      seen++;
      yield [Array.isArray(one) ? '' : name, member];
      waiting.push(member);
    }
  }
}
