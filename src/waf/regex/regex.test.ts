import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optional } from '../../../test/support/optional.ts';
import { StepLimit } from './backtracker.ts';
import { ByteRegex } from './pattern.ts';
import { parsePattern } from './parse.ts';

const PCRE = '/usr/bin/pcre2test';
const OPTIONS = { caseless: false, dotAll: true, multiline: false, dollarEndOnly: true };

const compile = (source: string, options = OPTIONS) => new ByteRegex(source, options);

describe('patterns over bytes', () => {
  it.each([
    ['^ab$', 'ab', true],
    ['^ab$', 'ab\n', false],
    ['^ab\\Z', 'ab\n', true],
    ['a.b', 'a\nb', true],
    ['a\\Nb', 'a\nb', false],
    ['^b', 'a\nb', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?i)É', 'é', false],
    ['(?i)\xc9', '\xe9', false],
    ['\\s', '\xa0', false],
    ['\\s', '\v', true],
    ['\\h', '\xa0', true],
    ['\\v', '\x85', true],
    ['[\\x{bc}<]', '\xbc', true],
    ['[^\\W\\d_]{3}', 'a1bc', false],
    ['[[:alpha:]]+\\d', 'x9', true],
    ['\\bor\\b', 'x or y', true],
    ['\\bor\\b', 'for', false],
    ['(?i:select)\\s+(?-i:FROM)', 'SELECT FROM', true],
    ['(\\w)\\1', 'abba', true],
    ['(?:a|ab)(?:c|bcd)$', 'abcd', true],
    ['(?>a|ab)c', 'abc', false],
    ['a++a', 'aaa', false],
    ['(?<!re)move', 'remove', false],
    ['(?<!re)move', 'to move', true],
    ['foo(?!bar)', 'foobar', false],
    ['\\Q[a]\\E', '[a]', true],
    ['\\x41\\101\\cA', 'AA\x01', true],
    ['a{2,3}$', 'caaa', true],
    ['x{,2}y', 'xy', null],
    ['a{', 'a{', true],
  ])('%s on %j: %s', (source, text, found) => {
    if (found === null) expect(() => compile(source)).toThrow('lower end');
    else expect(compile(source).test(text)).toBe(found);
  });

  it.each([
    ['(?P>name)'],
    ['(?1)'],
    ['(?R)'],
    ['(?|a|b)'],
    ['(*ACCEPT)'],
    ['\\pL'],
    ['\\X'],
    ['\\K'],
    ['\\G'],
    ['[a-\\d]'],
    ['[[.a.]]'],
    ['[z-a]'],
    ['a**'],
    ['+a'],
    ['(a'],
    ['a)'],
    ['[a'],
    ['a{3,2}'],
    ['\\x{100}'],
    ['\\3(a)'],
    ['(?z)'],
    ['a\\'],
    ['a{9999}'],
    ['((a{1000}){1000}){1000}'],
  ])('refuses %s', (source) => {
    expect(() => compile(source)).toThrow();
  });

  it('says what it needs, and never too much', () => {
    expect(compile('(?i)union\\s+select').requirement.words).toEqual(['select']);
    expect(compile('a*b?').requirement.words).toBeNull();
    const needs = compile('(?:foo|bar)\\d').requirement;
    expect(needs.words?.every((word) => word.startsWith('foo') || word.startsWith('bar'))).toBe(true);
  });
});

/** Patterns out of everything that is known; what versions of PCRE read differently is left out. */
const { pattern } = fc.letrec<{ pattern: string; sequence: string; item: string; atom: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    tie('sequence'),
    fc.tuple(tie('sequence'), tie('sequence')).map(([a, b]) => `${a}|${b}`),
  ),
  sequence: fc.array(tie('item'), { minLength: 1, maxLength: 3 }).map((items) => items.join('')),
  item: fc
    .tuple(
      tie('atom'),
      fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '++', '*+'),
    )
    .map(([atom, quantifier]) => (/^\\[bBAz]$|^[$^]$|^\(\?[=!<]/u.test(atom) ? atom : atom + quantifier)),
  atom: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      'A',
      '1',
      ' ',
      '-',
      '\\n',
      '.',
      '\\w',
      '\\d',
      '\\s',
      '\\W',
      '[ab]',
      '[^a]',
      '[a-c1]',
      '[[:alpha:]]',
      '\\xe9',
      '\\x{bc}',
    ),
    fc.constantFrom('\\b', '\\B', '^', '$', '\\A', '\\z', '\\h', '\\v', '(?i:ab)', '(?i:[a-b])'),
    tie('pattern').map((inner) => `(?:${inner})`),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?>${inner})`),
    tie('pattern').map((inner) => `(?=${inner})`),
    tie('pattern').map((inner) => `(?!${inner})`),
    fc.constantFrom('(?<=a)', '(?<!b)', '(?<=ab|b)', '(?<![ab])'),
  ),
}));
const subject = fc.string({
  unit: fc.constantFrom('a', 'b', 'A', 'B', 'c', '1', ' ', '-', '\n', '\xe9', '\xbc', '\xa0', '\v'),
  minLength: 1,
  maxLength: 12,
});

const GIVEN_UP = Symbol('given up');

/** Patterns with look-around and loops that may take nothing may need more steps than they may take. */
function orGivenUp<T>(act: () => T): T | typeof GIVEN_UP {
  try {
    return act();
  } catch (error) {
    if (error instanceof StepLimit) return GIVEN_UP;
    throw error;
  }
}

/** What PCRE finds for each pattern and text: the match, null for none, undefined where it refuses the pattern or gives up. */
function askPcre(cases: readonly (readonly [string, string])[]): readonly (string | null | undefined)[] {
  const hex = (text: string, by: string) =>
    Array.from(Buffer.from(text, 'latin1'), (byte) => by + byte.toString(16).padStart(2, '0')).join('');
  const input = cases
    .map(([source, text]) => `/${hex(source, '')}/hex,dotall,dollar_endonly\n${hex(text, '\\x')}\\=\n\n`)
    .join('');
  const output = execFileSync(PCRE, ['-q', '-8'], { input, maxBuffer: 1 << 28 }).toString('latin1');
  const answers: (string | null | undefined)[] = [];
  for (const line of output.split('\n')) {
    if (line.startsWith(' 0: '))
      answers.push(
        line
          .slice(4)
          .replaceAll(/\\x([0-9a-f]{2})/gu, (_, code: string) =>
            String.fromCharCode(Number.parseInt(code, 16)),
          ),
      );
    else if (line.startsWith('No match')) answers.push(null);
    else if (/^(?:Failed|\*\* )/u.test(line)) answers.push(undefined);
  }
  return answers;
}

describe.runIf(optional('pcre2test', existsSync(PCRE)))('patterns beside PCRE', () => {
  it('finds what PCRE finds, at the same place', () => {
    const cases = fc.sample(fc.tuple(pattern, subject), { numRuns: 15_000, seed: 41 });
    const answers = askPcre(cases);
    expect(answers).toHaveLength(cases.length);
    const wrong: unknown[] = [];
    let compared = 0;
    for (const [i, [source, text]] of cases.entries()) {
      const expected = answers[i];
      if (expected === undefined) continue;
      const found = orGivenUp(() => compile(source).exec(text)?.[0] ?? null);
      if (found === GIVEN_UP) continue;
      compared += 1;
      if (found !== expected || compile(source).test(text) !== (expected !== null))
        wrong.push(JSON.stringify({ source, text, expected, found }));
    }
    expect(compared).toBeGreaterThan(12_000);
    expect(wrong).toEqual([]);
  });
});

describe('what a pattern needs', () => {
  const lower = (text: string) => text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());

  it('is in every text that the pattern matches', () => {
    fc.assert(
      fc.property(pattern, subject, (source, text) => {
        const regex = compile(source);
        if (orGivenUp(() => regex.test(text)) !== true) return;
        const { words, sets } = regex.requirement;
        if (words !== null) expect(words.some((word) => lower(text).includes(word))).toBe(true);
        for (const set of sets)
          expect(Array.from(text).some((char) => set[char.charCodeAt(0)] === 1)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads any text, or refuses it as a pattern', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (source) => {
        try {
          parsePattern(source, OPTIONS);
        } catch (error) {
          expect(error).toHaveProperty('name', 'PatternError');
        }
      }),
      { numRuns: 5000 },
    );
  });
});
