import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoupeError } from '#kernel';
import { Firewall } from '../index.ts';
import { readRuleSet } from './read.ts';

const NO_FILES = { read: () => null };
const build = (text: string) => new Firewall({ rules: [{ path: 'shop.conf', text }], files: NO_FILES });

function refusal(text: string): unknown {
  try {
    build(text);
  } catch (error) {
    if (error instanceof LoupeError)
      return { code: error.code, line: error.details['line'], reason: error.details['reason'] };
    throw error;
  }
  return null;
}

describe('rule files', () => {
  it('are read with comments, joined lines, quotes in quotes, and chains', () => {
    const set = readRuleSet([
      {
        path: 'a.conf',
        text: String.raw`
# SecRule NONSENSE
SecDefaultAction "phase:2,log,deny,status:406,t:lowercase"
SecRule ARGS:'/^id_/'|!ARGS:id_safe|REQUEST_COOKIES_NAMES "@rx a\"b" \
    "id:10,phase:2,block,t:none,t:urlDecodeUni,\
    msg:'it\'s, a message',tag:'x/y',chain"
  SecRule &ARGS "!@eq 0" "setvar:'tx.score=+%{tx.five}'"
SecMarker END
`,
      },
    ]);
    const [rule, marker] = set.rules;
    expect(marker).toEqual({ kind: 'marker', name: 'END' });
    expect(rule).toMatchObject({
      id: 10,
      phase: 2,
      links: [
        {
          place: { file: 'a.conf', line: 4 },
          condition: { operator: { name: 'rx', negated: false, argument: { source: 'a"b' } } },
          actions: {
            disruption: { kind: 'deny' },
            status: 406,
            transformations: ['urlDecodeUni'],
            message: { source: "it's, a message" },
          },
        },
        {
          condition: { operator: { name: 'eq', negated: true } },
          actions: { setVariables: [{ name: { source: 'score' }, change: 'add' }] },
        },
      ],
    });
  });

  it('change what stands before them', () => {
    const set = readRuleSet([
      {
        path: 'a.conf',
        text: `
SecRule ARGS "@rx a" "id:1,phase:2,pass,tag:'one'"
SecRule ARGS "@rx b" "id:2,phase:2,pass,tag:'two',msg:'second'"
SecRule ARGS "@rx c" "id:30,phase:2,pass"
SecRuleRemoveById 20-40
SecRuleUpdateTargetByTag one "!ARGS:note"
SecRuleUpdateActionById 2 "deny,status:418"
`,
      },
    ]);
    expect(set.rules.map((rule) => rule.kind === 'rule' && rule.id)).toEqual([1, 2]);
    expect(set.rules[0]).toMatchObject({
      links: [{ condition: { targets: { excluded: [{ variable: 'ARGS', selector: { name: 'note' } }] } } }],
    });
    expect(set.rules[1]).toMatchObject({
      links: [{ actions: { disruption: { kind: 'deny' }, status: 418 } }],
    });
  });

  it('tell what they say in vain', () => {
    const firewall = build('SecAuditEngine On\nSecRule REMOTE_ADDR "@rbl dnsbl.example" "id:1,phase:1,deny"');
    expect(firewall.notices.map(({ place, what }) => [place.line, what])).toEqual([
      [1, 'SecAuditEngine has no effect here'],
      [2, '@rbl asks what lies outside the engine; it never matches'],
    ]);
  });

  it.each([
    ['SecBogus On', 'SecBogus'],
    ['SecRule ARGZ "@rx a" "id:1"', 'ARGZ'],
    ['SecRule REQUEST_URI:x "@rx a" "id:1"', 'no members'],
    ['SecRule ARGS "@rxx a" "id:1"', '@rxx'],
    ['SecRule ARGS "@rx (a" "id:1"', 'without end'],
    ['SecRule ARGS "@rx a(?R)" "id:1"', 'not known'],
    ['SecRule ARGS "@rx a" "id:1,t:sparkle"', 'sparkle'],
    ['SecRule ARGS "@rx a" "id:1,frobnicate"', 'frobnicate'],
    ['SecRule ARGS "@rx a" "id:1,exec:/bin/true"', 'exec'],
    ['SecRule ARGS "@rx a" "phase:2"', 'without id'],
    ['SecRule ARGS "@rx a" "id:1"\nSecRule ARGS "@rx b" "id:1"', 'shop.conf:1'],
    ['SecRule ARGS "@rx a" "id:1,phase:9"', 'phase'],
    ['SecRule ARGS "@rx a" "id:1,skipAfter:NOWHERE"', 'NOWHERE'],
    ['SecRule ARGS "@rx a" "id:1,chain"', 'past the end'],
    ['SecRule ARGS "@rx a" "id:1,chain"\nSecMarker X', 'within a chain'],
    ['SecRule ARGS "@rx a" "id:1,chain"\nSecRule ARGS "@rx b" "deny"', 'within a chain'],
    ['SecRule ARGS "@ipMatch 300.1.1.1" "id:1"', '300.1.1.1'],
    ['SecRule ARGS "@validateByteRange 1-999" "id:1"', '1-999'],
    ['SecRule ARGS "@pmFromFile gone.data" "id:1"', 'gone.data'],
    ['SecRule ARGS "@rx a" "id:1,ctl:makeCoffee=On"', 'makecoffee'],
    ['SecRule ARGS "@rx a" "id:1,setvar:\'env.x=1\'"', 'env.x'],
    ['SecRule ARGS "@rx a" "id:1,msg:\'no end"', 'quote without end'],
    ['SecRule ARGS "@rx a "id:1"', 'within a word'],
    ['SecRule "ARGS', 'quote without end'],
    ['SecXmlExternalEntity On', 'never loaded'],
    ['SecRuleScript x.lua "id:1"', 'SecRuleScript'],
  ])('refuse %j, saying where and why', (text, reason) => {
    expect(refusal(text)).toEqual({
      code: 'waf/rule-refused',
      line: text.split('\n').length,
      reason: expect.stringContaining(reason),
    });
  });

  it('never make the reader throw anything else', () => {
    const word = fc.constantFrom(
      'SecRule',
      'ARGS',
      '"@rx a"',
      '"id:1,chain"',
      '"',
      "'",
      '\\',
      '\n',
      ' ',
      '|',
      '%{tx.a}',
      'setvar:tx.a=1',
      ',',
      '!',
      '&',
      ':/x/',
      '@',
      '#',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 4 })), { maxLength: 30 }), (words) => {
        const text = words.join('');
        const found = refusal(text);
        if (found !== null) expect(found).toMatchObject({ code: 'waf/rule-refused' });
      }),
      { numRuns: 2000 },
    );
  });
});
