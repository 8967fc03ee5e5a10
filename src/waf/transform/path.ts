import { maskOf } from '../byte-class.ts';
import type { Transformation } from './transformation.ts';

/**
 * Without doubled slashes, `.` segments, and `..` with the segment before it; a `..` at the beginning of a relative path stays (RFC 3986, section 5.2.4). What has no slash
 * is a name, `..` as well: most values that contain a dot need not be looked at then.
 */
function normalizePath(text: string): string {
  if (!text.includes('/') || !/\/\/|(?:^|\/)\.{1,2}(?:\/|$)/u.test(text)) return text;
  const rooted = text.startsWith('/');
  const kept: string[] = [];
  const segments = text.split('/');
  for (const segment of segments) {
    if (segment === '' || segment === '.') continue;
    const last = kept.at(-1);
    if (segment !== '..') kept.push(segment);
    else if (last !== undefined && last !== '..') kept.pop();
    else if (!rooted) kept.push('..');
  }
  const last = segments.at(-1);
  const open = kept.length > 0 && (last === '' || last === '.' || last === '..');
  return `${rooted ? '/' : ''}${kept.join('/')}${open ? '/' : ''}`;
}

const SLASH = maskOf('/');
const SLASHES = maskOf('/\\');

export const PATH_TRANSFORMATIONS: readonly Transformation[] = [
  { name: 'normalizePath', touches: SLASH, yields: (classes) => classes, apply: normalizePath },
  {
    name: 'normalizePathWin',
    touches: SLASHES,
    yields: (classes) => classes | SLASH,
    apply: (text) => normalizePath(text.replaceAll('\\', '/')),
  },
];
