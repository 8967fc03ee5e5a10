// The account that a login names. What comes back is a pseudonym of it: the name itself is not kept.
import type { Head } from '../message/head.ts';

/** Longer bodies name no account that we would wait for. */
export const MAX_LOGIN_BODY = 64 * 1024;
const MAX_ACCOUNT = 320;

/** The value of a form field or of a JSON member, lower case and trimmed, so that spelling is no way round; null where there is none. */
export function accountOf(head: Head, body: Uint8Array, field: string): string | null {
  const type = head.by.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const text = Buffer.from(body).toString('utf8');
  const value =
    type === 'application/json' || type?.endsWith('+json') === true
      ? memberOf(text, field)
      : type === 'application/x-www-form-urlencoded'
        ? new URLSearchParams(text).get(field)
        : multipartField(text, field);
  const account = value?.trim().normalize('NFKC').toLowerCase().slice(0, MAX_ACCOUNT);
  return account === undefined || account === '' ? null : account;
}

function memberOf(text: string, path: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // not JSON: names nobody, and is still counted by address
  }
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function multipartField(text: string, field: string): string | null {
  const at = text.indexOf(`name="${field}"\r\n`);
  const begin = at === -1 ? -1 : text.indexOf('\r\n\r\n', at);
  const end = begin === -1 ? -1 : text.indexOf('\r\n', begin + 4);
  return end === -1 ? null : text.slice(begin + 4, end);
}
