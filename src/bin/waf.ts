// The firewall's rules at the command line: what they are, and what they say of one request.
import { existsSync, readFileSync } from 'node:fs';
import { dataOf, Firewall, type HeaderLine, type Judged, type RuleSummary, wafError } from '#waf';
import { crsPack, ownPack } from './rule-packs.ts';

export interface Rules {
  readonly from: string;
  readonly rules: readonly RuleSummary[];
  /** What is understood and has no effect, as `file:line: what`. */
  readonly notices: readonly string[];
}

/** An engine with Loupe's own rules, or those of a copy of the Core Rule Set. Throws `waf/rule-refused`. */
export function loadFirewall(crs: string | undefined): Firewall {
  const pack = crs === undefined ? ownPack() : crsPack(crs);
  return new Firewall({ rules: pack.rules, files: dataOf(pack) });
}

export function rulesOf(firewall: Firewall, crs: string | undefined): Rules {
  const notices = firewall.notices.map(({ place, what }) => `${place.file}:${place.line}: ${what}`);
  return { from: crs ?? 'Loupe’s own', rules: firewall.rules, notices };
}

/** A file's bytes, `-` for standard input; throws `waf/file-missing`. */
export function readRequest(path: string): Buffer {
  if (path !== '-' && !existsSync(path)) throw wafError('waf/file-missing', { details: { path } });
  return readFileSync(path === '-' ? 0 : path);
}

/** Judges a request as it stands in a file: a request line, headers, an empty line, a body. Lines may end in either way. Null where that is no request. */
export function judgeRaw(firewall: Firewall, raw: Buffer): Judged | null {
  const text = raw.toString('latin1');
  const found = /^(\S+) (\S+)(?: (HTTP\/\d(?:\.\d)?))?\r?\n((?:[^\r\n]+\r?\n)*)(?:\r?\n([\s\S]*))?$/u.exec(
    text.includes('\n') ? text : `${text}\n`,
  );
  if (found === null) return null;
  const [, method = '', target = '', protocol = 'HTTP/1.1', lines = '', body = ''] = found;
  const headers = lines
    .split(/\r?\n/u)
    .filter((line) => line !== '')
    .map((line): HeaderLine => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]);
  const here = { address: '127.0.0.1', port: 0 };
  return firewall.judge({
    connection: { id: 'test', at: Date.now(), client: here, server: here },
    head: { method, target, protocol, headers },
    body: Buffer.from(body, 'latin1'),
    beyond: false,
  });
}

/** For people: the verdict first, then each rule with what it saw. Bytes that are not printable stand as `\xHH`. */
export function judgedText({ outcome, matches, limits }: Judged): string {
  const verdict =
    outcome.kind === 'pass'
      ? 'passes'
      : outcome.kind === 'redirect'
        ? `is sent to ${outcome.location}`
        : `is refused (${outcome.status}) by rule ${outcome.ruleId}`;
  const lines = matches.flatMap((match) => [
    `  ${match.ruleId}  ${shown(match.message)}${match.added.map(({ variable, amount }) => `, ${variable} +${amount}`).join('')}`,
    ...match.values.map(({ name, value }) => `          ${shown(name)} = ${shown(value)}`),
  ]);
  const bounds =
    limits.length === 0 ? [] : [`Not known, because a pattern reached its bound: ${limits.join(', ')}`];
  return [`The request ${verdict}.`, ...lines, ...bounds].join('\n');
}

export function rulesText({ from, rules, notices }: Rules): string {
  const lines = rules.map(
    ({ id, phase, message, place }) =>
      `  ${id}  phase ${phase}  ${shown(message)}  (${place.file}:${place.line})`,
  );
  return [`${rules.length} rules, ${from}`, ...lines, ...notices.map((notice) => `  ${notice}`)].join('\n');
}

/** Text as it is, other bytes and what a terminal would carry out as numbers. */
function shown(text: string): string {
  return Buffer.from(text, 'latin1')
    .toString('utf8')
    .replaceAll(
      /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\ufffd]/gu,
      (char) => `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
    );
}
