// The support table in the room's README is derived: what is known out of the engine's own tables, how often out of the Core Rule Set's files.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SECLANG } from '#waf';

const README = 'src/waf/README.md';
const RULES = '/usr/share/modsecurity-crs/rules';
const BEGIN = '<!-- support: made by test/architecture/seclang.test.ts with LOUPE_WRITE_DOCS=1 -->';
const END = '<!-- /support -->';

interface Row {
  readonly what: string;
  readonly names: keyof typeof SECLANG;
  /** Finds each use; its first group is the name. */
  readonly used: RegExp;
}

const ROWS: readonly Row[] = [
  { what: 'Directives', names: 'directives', used: /^\s*(Sec\w+)/gmu },
  {
    what: 'Variables',
    names: 'variables',
    used: /(?<=^\s*SecRule\s+"?[^\s"]*?[!&|]?)\b([A-Z_]{2,})\b(?=[^\s"]*)/gmu,
  },
  { what: 'Operators', names: 'operators', used: /"!?@(\w+)/gu },
  { what: 'Transformations', names: 'transformations', used: /\bt:(\w+)/gu },
  { what: 'Actions', names: 'actions', used: /(?<=[",\s])(\w+)(?=[:,"])/gu },
  { what: 'Controls (`ctl`)', names: 'controls', used: /ctl:(\w+)/gu },
];

function counts(row: Row, text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [, name = ''] of text.matchAll(row.used))
    found.set(name.toLowerCase(), (found.get(name.toLowerCase()) ?? 0) + 1);
  return found;
}

function table(text: string): string {
  const lines = ROWS.map((row) => {
    const used = counts(row, text);
    const list = (names: readonly string[]) =>
      names
        .toSorted()
        .map((name) => (used.has(name.toLowerCase()) ? `${name} ${used.get(name.toLowerCase())}` : name))
        .join(', ');
    return `| ${row.what} | ${list(SECLANG[row.names].known)} | ${list(SECLANG[row.names].withoutEffect)} |`;
  });
  return [
    '| | known, with how often Debian’s `modsecurity-crs` 3.3 names it | understood, without effect here |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function withoutCounts(text: string): string {
  return text.replaceAll(/ \d+(?=,| \|)/gu, '');
}

describe('the support table', () => {
  it('holds what the engine knows', () => {
    const readme = readFileSync(README, 'utf8');
    const start = readme.indexOf(BEGIN) + BEGIN.length;
    const end = readme.indexOf(END);
    expect(end).toBeGreaterThan(start);
    if (process.env['LOUPE_WRITE_DOCS'] !== undefined && existsSync(RULES)) {
      const files = readdirSync(RULES).filter((name) => name.endsWith('.conf'));
      const text = files
        .map((name) => readFileSync(join(RULES, name), 'latin1').replaceAll(/^\s*#.*$/gmu, ''))
        .join('\n');
      writeFileSync(README, `${readme.slice(0, start)}\n\n${table(text)}\n\n${readme.slice(end)}`);
    }
    const written = readFileSync(README, 'utf8');
    expect(
      withoutCounts(written.slice(written.indexOf(BEGIN) + BEGIN.length, written.indexOf(END)).trim()),
    ).toBe(withoutCounts(table('')));
  });
});
