// Links in feeds. They are shown to shoppers and looked at by people of the shop; nobody here follows one.
import { isPublicAddress } from '#outbound';
import { isIP } from 'node:net';

const MAX_LINK = 2_000;

/** A link that may be shown: http or https, to a public host, no credentials, no odd port; null where it is none. `//host` is https, blanks are encoded. */
export function publicLink(given: string): string | null {
  const text = given.trim();
  if (text === '' || text.length > MAX_LINK) return null;
  const full = text.startsWith('//') ? `https:${text}` : text;
  const url = URL.parse(full.replaceAll(' ', '%20'));
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  if (url.username !== '' || url.password !== '' || url.port !== '') return null;
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  const isPublic =
    isIP(host) === 0
      ? /\.[a-z][a-z0-9-]*$/u.test(host) &&
        !/\.(?:local|localhost|internal|invalid|home\.arpa|onion)$/u.test(host)
      : isPublicAddress(host);
  return isPublic ? url.href : null;
}
