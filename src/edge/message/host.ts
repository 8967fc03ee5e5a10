import { isIPv6 } from 'node:net';
import { TextTable } from '#kernel';

/**
 * The name in a Host header or `:authority` (RFC 9110, section 7.2), lower case and without port and closing dot; null where it is no host name, IPv4 address or
 * bracketed IPv6 address.
 */
export function hostName(authority: string): string | null {
  const found = read.get(authority);
  if (found !== undefined) return found;
  const name = readName(authority);
  if (name !== null) read.set(authority, name);
  return name;
}

const read = new TextTable<string>(1_024);

function readName(authority: string): string | null {
  if (authority.length > 260) return null;
  const [, bracketed, name, port] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?::(\d{1,5}))?$/u.exec(authority) ?? [];
  if (port !== undefined && Number(port) > 65_535) return null;
  if (bracketed !== undefined) return isIPv6(bracketed) ? `[${bracketed.toLowerCase()}]` : null;
  if (name === undefined) return null;
  const bare = name.toLowerCase().replace(/\.$/u, '');
  const labels = bare.split('.');
  return labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/u.test(label)) ? bare : null;
}
