// The firewall's rules at the command line: what they are, and what they say of one request.
import { existsSync, readFileSync } from 'node:fs';
import { dataOf, Firewall, type HeaderLine, type Judged, type RuleSummary, wafError } from '#waf';
import {
  type ExclusionsMade,
  exclusionsMade,
  type ExplainedRequest,
  explainedRequest,
} from '@loupe/contract';
import { askControl } from './operator.ts';
import { crsPack, ownPack } from './rule-packs.ts';
import type { Settings } from './settings.ts';

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

/** What the firewall did with a request that came through the edge; the reference is on the page that a refused visitor saw. Throws `control/not-found`. */
export async function explainRequest(settings: Settings, reference: string): Promise<ExplainedRequest> {
  return explainedRequest.parse(
    await askControl(settings, (channel) => channel.call('waf.explain', { reference })),
  );
}

/** Makes the smallest exclusions that would let a request pass on its route, or takes them away. Throws `control/not-found` where there are none. */
export async function excludeRequest(
  settings: Settings,
  reference: string,
  undo: boolean,
): Promise<ExclusionsMade> {
  const action = undo ? 'undo' : 'make';
  return exclusionsMade.parse(
    await askControl(settings, (channel) => channel.call('waf.exclude', { reference, action })),
  );
}

export function explainedText(told: ExplainedRequest): string {
  const at = new Date(told.at).toISOString().slice(0, 19).replace('T', ' ');
  const where = told.route === null ? 'a route that is gone' : `“${told.route.name}”`;
  const verdict = told.refused
    ? `refused with ${told.status}`
    : told.mode === 'watch'
      ? 'let go, watched'
      : 'let go';
  const score =
    told.undecided !== null
      ? `not decided (${told.undecided})`
      : `score ${told.score}${told.threshold === null ? '' : `, refused from ${told.threshold}`}`;
  const apart = told.rules.reduce((sum, { points }) => sum + points, 0) > told.score;
  const named = told.exclusions.map(({ rule, field }) => `rule ${rule} leaves ${field} alone`).join(', and ');
  return [
    `${at}  ${told.method} ${told.path} on ${where}: ${verdict}`,
    `By the rules ${told.pack}: ${score}${apart ? '; points of one value count together, those of several do not' : ''}`,
    ...told.rules.flatMap((one) => [
      `  ${one.rule}  ${one.says}${one.points === 0 ? '' : `, ${one.points} points`}`,
      `          ${one.fields.join(', ')}: ${one.part}`,
      ...(one.transformations.length === 0
        ? []
        : [`          looked at after ${one.transformations.join(', ')}`]),
    ]),
    ...(named === ''
      ? []
      : [
          told.excluded
            ? `Such a request passes there: ${named}.`
            : `The least that would let it pass there: ${named}.\nIf it was honest: loupe waf exclude ${told.reference}`,
        ]),
  ].join('\n');
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
