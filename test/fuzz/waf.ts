// What strangers send to a shop, and rule files out of strangers' repositories.
import { LoupeError } from '#kernel';
import { Firewall, type HeaderLine, type Match, SECLANG } from '#waf';
import type { FuzzTarget } from './target.ts';

const FILES = { read: (name: string) => (name === 'words.data' ? 'alpha\nbeta\n' : null) };
const CONNECTION = {
  id: 'fuzz',
  at: 0,
  client: { address: '203.0.113.7', port: 4000 },
  server: { address: '127.0.0.1', port: 443 },
};
const VALUES =
  'ARGS|ARGS_NAMES|REQUEST_COOKIES|REQUEST_HEADERS|REQUEST_URI_RAW|REQUEST_BODY|FILES|XML:/*|XML://@*|MULTIPART_PART_HEADERS';

/** Every transformation alone and in a long chain, every operator that reads text, patterns of each kind. */
const RULES = [
  ...SECLANG.transformations.known.map(
    (name, i) => `SecRule ${VALUES} "@rx [^\\w\\s]{2}" "id:${100 + i},phase:2,pass,log,t:${name}"`,
  ),
  `SecRule ${VALUES} "@detectSQLi" "id:1,phase:2,pass,log,multiMatch,t:urlDecodeUni,t:htmlEntityDecode,t:jsDecode,t:cssDecode,t:utf8toUnicode,t:removeNulls,t:lowercase"`,
  `SecRule ${VALUES} "@detectXSS" "id:2,phase:2,pass,log"`,
  `SecRule ${VALUES} "@pmFromFile words.data" "id:3,phase:2,pass,log,capture"`,
  `SecRule ${VALUES} "@rx (?i)(\\w+)\\s*=\\s*(?:'|\\")?\\1(?!x)" "id:4,phase:2,pass,log,capture,setvar:tx.seen=%{TX.1}"`,
  `SecRule ${VALUES} "@rx (?i)(?:union|select|<script|\\.\\./|;\\s*\\w+)" "id:5,phase:2,pass,log,capture"`,
  `SecRule ${VALUES} "@validateUtf8Encoding" "id:6,phase:2,pass,log"`,
  `SecRule ${VALUES} "@validateUrlEncoding" "id:7,phase:2,pass,log"`,
  `SecRule REQBODY_ERROR|MULTIPART_STRICT_ERROR "@eq 1" "id:8,phase:2,pass,log,msg:'%{REQBODY_ERROR_MSG}'"`,
].join('\n');

const build = (text: string, indexed: boolean) =>
  new Firewall({ rules: [{ path: 'fuzz.conf', text }], files: FILES, indexed });
const indexed = build(RULES, true);
const plain = build(RULES, false);

function judge(
  firewall: Firewall,
  target: string,
  headers: readonly HeaderLine[],
  body: Buffer,
): readonly Match[] {
  const transaction = firewall.begin(CONNECTION);
  transaction.request({ method: 'POST', target, protocol: 'HTTP/1.1', headers });
  transaction.body(body, false);
  transaction.finish();
  return transaction.matches;
}

/** Leaving rules out must not change what is said. */
function judgeAlike(target: string, headers: readonly HeaderLine[], body: Buffer): void {
  const [one, other] = [judge(indexed, target, headers, body), judge(plain, target, headers, body)];
  if (JSON.stringify(one) !== JSON.stringify(other))
    throw new Error('leaving rules out changed what is said');
}

const TYPES = [
  'application/x-www-form-urlencoded',
  'application/json',
  'text/xml',
  'multipart/form-data; boundary=x',
  'multipart/form-data; boundary="x" ; charset=utf-8',
];
const ATTACK_WORDS = [
  "'",
  '"',
  '--',
  '/*',
  '*/',
  'union',
  'select',
  ' or 1=1',
  '<script>',
  '%27',
  '%u0027',
  '\\u003c',
  '&lt;',
  '../',
  '\0',
  '%',
  '+',
  '&',
  '=',
  ';',
  '\xc0\xae',
  '$$',
  "q'[",
  '`',
];
const WAF_CODE = ['/src/waf/'];

export const WAF_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'seclang',
    paths: WAF_CODE,
    seeds: [
      RULES.slice(0, 2000),
      'SecRule ARGS:/^a/|!ARGS:b|&TX:c "!@within %{tx.d}" "id:1,phase:2,deny,chain"\n  SecRule TX:1 "@rx (?<!x)[a-z]{2,4}\\b" "setvar:\'tx.%{MATCHED_VAR_NAME}=+1\',ctl:ruleRemoveTargetById=1-3;ARGS:x"\nSecMarker END',
    ].map((text) => Buffer.from(text, 'latin1')),
    words: [
      'SecRule ',
      'SecAction ',
      '"',
      "'",
      '\\\n',
      '@rx ',
      '@pm ',
      '(?i)',
      '(?:',
      '[^',
      '{1,5}',
      '*+',
      'id:',
      'chain,',
      'phase:2,',
      't:none,',
      'setvar:tx.a=',
      '%{TX.1}',
      'ctl:',
      'skipAfter:',
      'SecRuleUpdateTargetById 1 ',
    ],
    read: async (input) => {
      try {
        judge(build(input.toString('latin1'), true), '/?a=b', [['Cookie', 'c=d']], Buffer.from('x'));
      } catch (error) {
        if (!(error instanceof LoupeError) || !error.code.startsWith('waf/')) throw error;
      }
    },
  },
  {
    name: 'waf-request',
    paths: WAF_CODE,
    seeds: [
      "/?q=1' or '1'='1&x=<img src=x onerror=alert(1)>\nsession=1%27; b\nMozilla",
      '/a/../b?%C0%AE=\\u0027+union+select+1,2\n=;;=\n',
    ].map((text) => Buffer.from(text, 'latin1')),
    words: ATTACK_WORDS,
    read: async (input) => {
      const [target = '/', cookie = '', ...rest] = input.toString('latin1').split('\n');
      judgeAlike(
        target,
        [
          ['Host', 'shop.example'],
          ['Cookie', cookie],
          ['X-A', rest.join('\n')],
        ],
        Buffer.alloc(0),
      );
    },
  },
  {
    name: 'waf-body',
    paths: WAF_CODE,
    seeds: [
      '0a=1&b=%27+or+1=1',
      '1{"a":[{"b":"x\\u0027"},null,-1.5e3,{"a":1,"a":2}]}',
      '2<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "x">]><a b="1&lt;">&e;<![CDATA[<x>]]></a>',
      '3--x\r\nContent-Disposition: form-data; name="a"; filename="b.php"\r\n\r\nc\r\n--x--\r\n',
      "4--x\r\nContent-Disposition: form-data;\r\n name='a'\r\n\r\nc\n--x--",
    ].map((text) => Buffer.from(text, 'latin1')),
    words: [
      ...ATTACK_WORDS,
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '\\ud800',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '\r\n',
      '--x',
      '--x--',
      'Content-Disposition: form-data; name=',
      'filename*=',
    ],
    read: async (input) => {
      const type = TYPES[(input[0] ?? 0) % TYPES.length] ?? '';
      judgeAlike('/', [['Content-Type', type]], input.subarray(1));
    },
  },
];
