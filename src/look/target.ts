import { isIP } from 'node:net';
import { getDomain } from 'tldts';
import { lookError } from './errors.ts';

/** What is looked at: a shop's bare address. */
export interface Target {
  /** The page a visitor opens, always https. */
  readonly url: URL;
  readonly host: string;
  readonly port: number;
  /** The name whose owner sends mail and signs DNS: the registrable domain, or null for an address. */
  readonly domain: string | null;
}

const MAX_ADDRESS = 2_000;

/**
 * Reads an address as people type it: with or without a scheme, with spaces around, with a path.
 *
 * Errors: `look/not-an-address` for other schemes, credentials in the address, names without a dot, or nonsense.
 */
export function readTarget(typed: string): Target {
  const text = typed.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//iu.test(text) ? text : `https://${text}`;
  const url = text === '' || text.length > MAX_ADDRESS ? null : URL.parse(withScheme);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  ) {
    throw lookError('look/not-an-address');
  }
  const host = url.hostname.replace(/^\[|\]$/gu, '').replace(/\.$/u, '');
  if (isIP(host) === 0 && !/^([a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}$/u.test(host))
    throw lookError('look/not-an-address');
  const port = url.protocol === 'https:' && url.port !== '' ? Number(url.port) : 443;
  const secure = new URL(
    `https://${url.hostname.replace(/\.$/u, '')}${port === 443 ? '' : `:${port}`}${url.pathname}${url.search}`,
  );
  // Reserved names (.test and the like) have no entry in the public suffix list: their last two labels are the domain.
  const domain =
    isIP(host) === 0
      ? (getDomain(host, { allowPrivateDomains: true }) ?? host.split('.').slice(-2).join('.'))
      : null;
  return { url: secure, host, port, domain };
}
