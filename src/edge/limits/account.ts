// The account that a login names. An attacker writes the body: one that names two accounts, of which the edge would count one and the shop try the other, is ambiguous.
import type { Head } from '../message/head.ts';

/** Longer bodies name no account that we would wait for. */
export const MAX_LOGIN_BODY = 64 * 1024;
const MAX_ACCOUNT = 320;

/**
 * The value of a form field or of a JSON member (`user.email`), lower case and trimmed, so that spelling is no way round; null where there is none.
 */
export function accountOf(
  head: Head,
  body: Uint8Array,
  field: string,
): { readonly account: string } | 'ambiguous' | null {
  const type = head.by.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const text = Buffer.from(body).toString('utf8');
  const values =
    type === 'application/json' || type?.endsWith('+json') === true
      ? members(text, field)
      : type === 'application/x-www-form-urlencoded'
        ? new URLSearchParams(text).getAll(field)
        : parts(text, field);
  if (values.length > 1) return 'ambiguous';
  const account = values[0]?.trim().normalize('NFKC').toLowerCase().slice(0, MAX_ACCOUNT);
  return account === undefined || account === '' ? null : { account };
}

function members(text: string, path: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return []; // not JSON: names nobody, and is still counted by address
  }
  const names = path.split('.');
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  if (typeof value !== 'string' && typeof value !== 'number') return [];
  // Of a member that stands twice, JSON.parse keeps the last and others the first: it is told by its name, however it is escaped.
  const twice = JSON.stringify(names.at(-1) ?? '');
  const plain = text.replace(/\\u([0-9a-fA-F]{4})/gu, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const count =
    plain.split(new RegExp(`${twice.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')}\\s*:`, 'u')).length - 1;
  return count > 1 ? [String(value), String(value)] : [String(value)];
}

function parts(text: string, field: string): string[] {
  const found: string[] = [];
  for (const part of text.split(/\r\n--/u)) {
    const [head = '', ...rest] = part.split('\r\n\r\n');
    const name = /\bname=(?:"([^"]*)"|([^;\s]+))/iu.exec(head);
    if ((name?.[1] ?? name?.[2]) === field) found.push(rest.join('\r\n\r\n').replace(/\r\n$/u, ''));
  }
  return found;
}
