import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Firewall, type HeaderLine, type Match, type Outcome } from '../index.ts';

const CONNECTION = {
  id: 'r-1',
  at: 0,
  client: { address: '203.0.113.7', port: 4000 },
  server: { address: '127.0.0.1', port: 443 },
};

interface Sent {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly HeaderLine[];
  readonly body?: string;
}

function firewall(
  rules: string,
  options: { readonly indexed?: boolean; readonly remembered?: number } = {},
): Firewall {
  return new Firewall({
    rules: [{ path: 'shop.conf', text: rules }],
    files: { read: (name) => (name === 'words.data' ? '# words\nalpha\nBeta\n' : null) },
    ...options,
  });
}

function send(
  engine: Firewall,
  { method = 'GET', target = '/', headers = [], body = '' }: Sent,
): { readonly outcome: Outcome; readonly matches: readonly Match[]; readonly score: number } {
  const transaction = engine.begin(CONNECTION);
  let outcome = transaction.request({
    method,
    target,
    protocol: 'HTTP/1.1',
    headers: [['Host', 'shop.example'], ...headers],
  });
  if (outcome.kind === 'pass') outcome = transaction.body(Buffer.from(body, 'latin1'), false);
  transaction.finish();
  return { outcome, matches: transaction.matches, score: transaction.score('score') };
}

const ids = (matches: readonly Match[]) => matches.map((match) => match.ruleId);
const FORM: HeaderLine = ['Content-Type', 'application/x-www-form-urlencoded'];

describe('a transaction', () => {
  it('adds up what rules say, for each value, and refuses by the sum', () => {
    const engine = firewall(`
SecRule ARGS "@rx bad" "id:1,phase:2,pass,log,msg:'bad %{MATCHED_VAR_NAME}',severity:CRITICAL,setvar:tx.score=+5,logdata:'%{TX.0}',capture"
SecRule TX:score "@ge 10" "id:2,phase:2,deny,status:406,log"`);
    expect(send(engine, { target: '/?a=bad&b=fine' }).outcome).toEqual({ kind: 'pass' });
    const { outcome, matches } = send(engine, { target: '/?a=bad&b=%62ad&c=x' });
    expect(outcome).toEqual({ kind: 'refuse', status: 406, ruleId: 2, drop: false, threshold: 10 });
    expect(matches[0]).toMatchObject({
      ruleId: 1,
      severity: 2,
      data: 'bad',
      added: [
        { variable: 'score', amount: 5 },
        { variable: 'score', amount: 5 },
      ],
    });
    expect(matches[0]?.values.map(({ name }) => name)).toEqual(['ARGS:a', 'ARGS:b']);
  });

  it('adds a rule’s own score once to each value that matches, and refuses by the value that has most', () => {
    const engine = firewall(`
SecRule ARGS|REQUEST_COOKIES "@rx bad" "id:1,phase:2,pass,log,score:3"
SecRule ARGS|XML:/* "@rx worse" "id:2,phase:2,pass,log,score:2"
SecRule REQUEST_FILENAME|REQUEST_HEADERS:X-A "@rx odd" "id:4,phase:2,pass,log,score:2"
SecRule ARGS "@rx bad" "id:5,phase:2,pass,log,score:1,chain"
  SecRule MATCHED_VARS "@rx again"
SecRule TX:score "@ge 5" "id:3,phase:2,deny"`);
    const passes = (target: string, score: number) =>
      expect(send(engine, { target })).toMatchObject({ outcome: { kind: 'pass' }, score });
    passes('/?a=bad&b=bad&c=bad', 3);
    // Signs of two values are not signs of one.
    passes('/?a=bad&b=worse', 3);
    passes('/?a=bad&b=worse&c=bad+again', 4);
    const refused = { kind: 'refuse', ruleId: 3, threshold: 5 };
    expect(send(engine, { target: '/?a=bad&b=x&c=bad+worse' })).toMatchObject({ outcome: refused, score: 5 });
    // A sign of the path counts with any.
    const { matches, ...rest } = send(engine, { target: '/odd?a=worse&b=bad' });
    expect(rest).toMatchObject({ outcome: refused, score: 5 });
    expect(matches.map(({ ruleId, added }) => [ruleId, added])).toEqual([
      [1, [{ variable: 'score', amount: 3, values: [1] }]],
      [2, [{ variable: 'score', amount: 2, values: [2] }]],
      [4, [{ variable: 'score', amount: 2, values: [] }]],
      [3, []],
    ]);
  });

  it('matches a chain only as a whole, with what its links matched', () => {
    const engine = firewall(`
SecRule ARGS "@rx (\\w+)@(\\w+)" "id:1,phase:2,deny,log,capture,chain"
  SecRule TX:2 "@streq evil" "chain"
  SecRule MATCHED_VARS_NAMES "@rx ^TX:2$" "setvar:tx.score=1"`);
    expect(send(engine, { target: '/?m=a@good' }).outcome.kind).toBe('pass');
    expect(send(engine, { target: '/?m=a@evil' })).toMatchObject({ outcome: { kind: 'refuse' }, score: 1 });
  });

  it('skips to markers and over rules, in the phase', () => {
    const engine = firewall(`
SecRule ARGS:skip "@eq 1" "id:1,phase:2,pass,nolog,skipAfter:END"
SecRule ARGS:skip "@eq 2" "id:2,phase:2,pass,nolog,skip:1"
SecAction "id:3,phase:2,pass,log"
SecAction "id:4,phase:2,pass,log"
SecMarker END
SecAction "id:5,phase:2,pass,log"`);
    expect(ids(send(engine, { target: '/?skip=1' }).matches)).toEqual([5]);
    expect(ids(send(engine, { target: '/?skip=2' }).matches)).toEqual([4, 5]);
    expect(ids(send(engine, {}).matches)).toEqual([3, 4, 5]);
  });

  it('skips as many rules as are written, whatever the settings settle', () => {
    const rules = (skip: string) => `
SecAction "id:1,phase:2,pass,nolog,setvar:tx.level=1"
SecRule ARGS:skip "@eq 1" "id:2,phase:2,pass,nolog,${skip}"
SecRule TX:level "@gt 1" "id:3,phase:2,pass,log"
SecAction "id:4,phase:2,pass,log"
SecRule TX:never "@eq 1" "id:5,phase:2,pass,log"
SecAction "id:6,phase:2,pass,log"`;
    for (const skip of ['skip:2', 'skipAfter:5']) {
      const text = rules(skip);
      const expected = ids(send(firewall(text, { indexed: false }), { target: '/?skip=1' }).matches);
      expect(expected).toEqual([6]);
      expect(
        ids(send(firewall(text.replaceAll('phase:2', 'phase:1')), { target: '/?skip=1' }).matches),
      ).toEqual(expected);
      expect(ids(send(firewall(text), { target: '/?skip=1' }).matches)).toEqual(expected);
    }
  });

  it('leaves out what rules took out for the transaction', () => {
    const rules = (control: string) => `
SecRule REQUEST_FILENAME "@streq /note" "id:1,phase:1,pass,nolog,ctl:${control}"
SecRule ARGS|REQUEST_HEADERS:X-A "@rx bad" "id:20,phase:2,pass,log,tag:'attack/x'"`;
    const both = { target: '/note?text=bad&other=bad' };
    expect(
      send(firewall(rules('ruleRemoveTargetById=20;ARGS:text')), both).matches[0]?.values.map(
        ({ name }) => name,
      ),
    ).toEqual(['ARGS:other']);
    for (const control of [
      'ruleRemoveById=10-30',
      'ruleRemoveByTag=^attack/',
      'ruleEngine=Off',
      'ruleRemoveTargetByTag=attack;ARGS',
    ]) {
      expect(send(firewall(rules(control)), both).matches).toEqual([]);
      expect(ids(send(firewall(rules(control)), { target: '/other?text=bad' }).matches)).toEqual([20]);
    }
  });

  it('only tells where it shall only detect', () => {
    const engine = firewall('SecRuleEngine DetectionOnly\nSecRule ARGS "@rx bad" "id:1,phase:2,deny,log"');
    expect(send(engine, { target: '/?a=bad' })).toMatchObject({
      outcome: { kind: 'pass' },
      matches: [{ ruleId: 1 }],
    });
  });

  it('lets pass what a rule allows', () => {
    const engine = firewall(`
SecRule REMOTE_ADDR "@ipMatch 203.0.113.0/24,2001:db8::/32" "id:1,phase:1,allow,nolog"
SecAction "id:2,phase:2,deny,log"`);
    expect(send(engine, {})).toMatchObject({ outcome: { kind: 'pass' }, matches: [] });
  });

  it.each<[string, Sent, readonly string[]]>([
    ['ARGS', { target: '/?q=hit', headers: [FORM], body: 'p=hit' }, ['ARGS:q', 'ARGS:p']],
    ['ARGS_NAMES', { target: '/?hit=1' }, ['ARGS_NAMES:hit']],
    ['REQUEST_COOKIES', { headers: [['Cookie', 'a=1; b=hit;c']] }, ['REQUEST_COOKIES:b']],
    ['REQUEST_HEADERS:user-agent', { headers: [['User-Agent', 'hit']] }, ['REQUEST_HEADERS:User-Agent']],
    ['REQUEST_HEADERS_NAMES', { headers: [['X-Hit', '']] }, ['REQUEST_HEADERS_NAMES:X-Hit']],
    ['REQUEST_FILENAME', { target: '/a/%68it?x' }, ['REQUEST_FILENAME']],
    ['REQUEST_BASENAME', { target: '/a/hit' }, ['REQUEST_BASENAME']],
    ['QUERY_STRING', { target: '/?%hit' }, ['QUERY_STRING']],
    ['REQUEST_BODY', { headers: [FORM], body: 'hit' }, ['REQUEST_BODY']],
    [
      'ARGS',
      { headers: [['Content-Type', 'application/vnd.api+json']], body: '{"a":[{"b":"hit"}]}' },
      ['ARGS:json.a.b'],
    ],
    ['XML:/*', { headers: [['Content-Type', 'text/xml']], body: '<a>hit</a>' }, ['XML:/*']],
    ['XML://@*', { headers: [['Content-Type', 'application/soap+xml']], body: '<a b="hit"/>' }, ['XML://@*']],
    [
      'FILES',
      {
        headers: [['Content-Type', 'multipart/form-data; boundary=x']],
        body: '--x\r\nContent-Disposition: form-data; name="f"; filename="hit.php"\r\n\r\n\r\n--x--',
      },
      ['FILES:f'],
    ],
    [
      'MULTIPART_PART_HEADERS:f',
      {
        headers: [['Content-Type', 'multipart/form-data; boundary=x']],
        body: '--x\r\nContent-Disposition: form-data; name="f"\r\nX: hit\r\n\r\n\r\n--x--',
      },
      ['MULTIPART_PART_HEADERS:f'],
    ],
    [
      'REQUEST_BODY',
      { headers: [['Content-Type', 'application/json']], body: '{"a": hit' },
      ['REQUEST_BODY'],
    ],
  ])('reads %s from %j', (variable, sent, names) => {
    const engine = firewall(`SecRule ${variable} "@rx (?i)hit" "id:1,phase:2,pass,log"`);
    expect(send(engine, { method: 'POST', ...sent }).matches[0]?.values.map(({ name }) => name)).toEqual(
      names,
    );
  });

  it('tells a body that is not what it says it is', () => {
    const engine = firewall(
      'SecRule REQBODY_ERROR "!@eq 0" "id:1,phase:2,deny,status:400,log,msg:\'%{REQBODY_ERROR_MSG}\'"',
    );
    expect(
      send(engine, { method: 'POST', headers: [['Content-Type', 'application/json']], body: '{"a":' }),
    ).toMatchObject({
      outcome: { status: 400 },
      matches: [{ message: 'no JSON at byte 5' }],
    });
  });

  it('inspects the answer, where its type is one that is inspected', () => {
    const engine = firewall(
      'SecResponseBodyAccess On\nSecRule RESPONSE_BODY "@rx ORA-\\d{5}" "id:1,phase:4,deny,log"',
    );
    const answer = (type: string) => {
      const transaction = engine.begin(CONNECTION);
      transaction.request({ method: 'GET', target: '/', protocol: 'HTTP/1.1', headers: [] });
      transaction.body(Buffer.alloc(0), false);
      transaction.response({ status: 500, protocol: 'HTTP/1.1', headers: [['Content-Type', type]] });
      return transaction.responseBody(Buffer.from('ORA-00933: SQL command not properly ended'), false).kind;
    };
    expect(answer('text/html; charset=utf-8')).toBe('refuse');
    expect(answer('image/png')).toBe('pass');
  });

  it('says which patterns reached their bound', () => {
    const engine = firewall('SecRule ARGS "@rx ^(\\w+\\s?)*\\1\\1Zy$" "id:7,phase:2,deny"');
    const transaction = engine.begin(CONNECTION);
    transaction.request({
      method: 'GET',
      target: `/?a=${Array.from({ length: 60 }, (_, i) => `w${i}%20`).join('')}Zy`,
      protocol: 'HTTP/1.1',
      headers: [],
    });
    expect(transaction.body(Buffer.alloc(0), false)).toEqual({ kind: 'pass' });
    expect(transaction.limits).toEqual([7]);
  });
});

const RULES = `
SecDefaultAction "phase:1,log,pass"
SecDefaultAction "phase:2,log,pass,t:lowercase"
SecAction "id:100,phase:1,nolog,pass,setvar:tx.level=2"
SecRule &TX:limit "@eq 0" "id:101,phase:1,nolog,pass,setvar:tx.limit=3"
SecAction "id:104,phase:1,nolog,pass,setvar:'tx.methods=GET POST'"
SecRule REQUEST_HEADERS:X-A "@rx ^.*$" "id:105,phase:1,nolog,pass,t:none,t:sha1,t:hexEncode,setvar:tx.unread=%{MATCHED_VAR}"
SecRule &TX:slice "@eq 0" "id:106,phase:2,nolog,pass,chain,skipAfter:SLICED"
  SecRule TX:methods "@contains %{tx.level}" "t:none,t:length"
SecRule ARGS "@rx ." "id:107,phase:2,setvar:tx.score=+1"
SecMarker SLICED
SecRule &TX:slice "@eq 0" "id:108,phase:2,nolog,pass,chain,skipAfter:NONE"
  SecRule &TX:block "@eq 0" "t:none,t:length"
SecRule ARGS "@rx ." "id:109,phase:2,setvar:tx.score=+100"
SecMarker NONE
SecRule TX:level "@lt 3" "id:102,phase:2,nolog,pass,skipAfter:DEEP"
SecRule ARGS "@rx ." "id:103,phase:2,setvar:tx.score=+100"
SecMarker DEEP
SecRule ARGS|ARGS_NAMES|REQUEST_HEADERS "@rx (?i)union\\s+select|<script" "id:1,phase:2,block,t:none,t:urlDecodeUni,setvar:tx.score=+1"
SecRule ARGS|!ARGS:safe "@pm alpha beta gamma" "id:2,phase:2,block,setvar:tx.score=+1"
SecRule ARGS:/^id/ "!@rx ^\\d+$" "id:3,phase:2,block,setvar:tx.score=+1"
SecRule REQUEST_COOKIES|ARGS "@detectSQLi" "id:4,phase:2,block,t:none,t:urlDecodeUni,multiMatch,setvar:tx.score=+1"
SecRule ARGS "@pmFromFile words.data" "id:5,phase:2,block,t:removeWhitespace,chain"
  SecRule MATCHED_VAR "@contains b" "setvar:tx.score=+1"
SecRule REQUEST_HEADERS:X-A "@endsWith x" "id:6,phase:1,block,setvar:tx.score=+1"
SecRule ARGS "@rx (?<!re)move" "id:8,phase:2,block,setvar:tx.score=+1"
SecRule REQUEST_URI_RAW "@validateUrlEncoding" "id:9,phase:1,block"
SecRule ARGS "@validateByteRange 1-127" "id:11,phase:2,block"
SecRule ARGS "@rx (?i)(?:\\bxor\\b|<|\\bin\\s|&&)" "id:12,phase:2,block,t:none"
SecRule ARGS "@rx select" "id:13,phase:2,block,t:none,t:lowercase,setvar:tx.score=+1"
SecRule ARGS|REQUEST_URI_RAW "@rx or 1|^x" "id:14,phase:2,block,t:none,t:urlDecodeUni,t:cmdLine,t:lowercase,setvar:tx.score=+1"
SecRule ARGS|REQUEST_COOKIES "@contains moved" "id:15,phase:2,block,t:none,t:base64Decode,setvar:tx.score=+1"
SecRule REQUEST_HEADERS_NAMES "@rx ^.*$" "id:16,phase:2,block,capture,t:none,t:lowercase,setvar:'tx.header_name_%{tx.0}=/%{tx.0}/',chain"
  SecRule TX:/^HEADER_NAME_/ "@within /x-a/ /x-b/" "setvar:tx.score=+1"
SecRule &ARGS:q "@gt 0" "id:17,phase:2,block,setvar:tx.score=+1"
SecRule &REQUEST_COOKIES "!@eq 1" "id:18,phase:2,block"
SecRule TX:score "@ge 2" "id:19,phase:2,block"
SecRule &TX:nothing "@eq 0" "id:20,phase:2,block"
SecRule REQUEST_METHOD "!@within %{tx.methods}" "id:21,phase:2,block"
SecRule REQUEST_METHOD "@streq POST" "id:22,phase:2,block,chain"
  SecRule REQUEST_HEADERS:X-B "!@rx ^0?$" "setvar:tx.score=+1"
SecRule TX:/^never_/ "@rx ." "id:23,phase:2,block"
SecRule &TX:/^header_name_/ "@ge 5" "id:24,phase:2,block"
SecRule IP:flag "@eq 1" "id:25,phase:2,block"
SecRule ARGS "@rx alpha" "id:26,phase:2,block,setvar:ip.flag=1,chain"
  SecRule MATCHED_VARS_NAMES "@rx ^ARGS:(id1|q)$" "capture"
SecRule IP:flag "@eq 1" "id:27,phase:2,block"
SecRule ARGS|REQUEST_COOKIES "@rx /etc" "id:28,phase:2,block,t:none,t:urlDecodeUni,t:normalizePathWin,t:replaceComments,t:compressWhitespace,setvar:tx.score=+1"
SecRule ARGS|REQUEST_COOKIES "@rx ^/etc b" "id:29,phase:2,block,t:none,t:normalizePath,t:removeComments,t:cmdLine"
SecRule ARGS "@rx [<>]|union" "id:30,phase:2,block,t:none,t:urlDecodeUni,multiMatch"
SecRule TX:score "@ge %{tx.limit}" "id:10,phase:2,deny,log"
`;

describe('leaving rules out that can meet nothing', () => {
  const word = fc.constantFrom(
    'union',
    'select',
    ' ',
    '%20',
    'alpha',
    'BETA',
    "'",
    ' or 1=1',
    '<script',
    'remove',
    'move',
    '1',
    'x',
    '%',
    '\xe9',
    '%2527',
    'gam',
    'XOR',
    'In ',
    '&amp;&',
    'ma',
    'Select',
    'bW92ZWQ',
    'o^r',
    ', 1',
    '+',
    '/',
    '/..',
    '/etc',
    '/*x*/',
    '\\etc',
    '  b',
    '%09',
  );
  const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
  const sent = fc.record({
    target: fc.tuple(text, text, text).map(([a, b, c]) => `/?id1=${a}&safe=${b}&q=${c}`),
    headers: fc
      .tuple(text, text, fc.option(text))
      .map(([a, b, c]): HeaderLine[] => [
        ['X-A', a],
        ['Cookie', `c=${b}`],
        FORM,
        ...(c === null ? [] : [['X-B', c] as const]),
      ]),
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    body: text.map((value) => `p=${value}`),
  });
  const plain = firewall(RULES, { indexed: false, remembered: 0 });
  const indexed = firewall(RULES, { remembered: 64 });

  it('changes nothing in what is said of a request', () => {
    fc.assert(
      fc.property(sent, (request) => {
        const one = send(plain, request);
        const other = send(indexed, request);
        expect(other).toEqual(one);
      }),
      { numRuns: 3000 },
    );
  });
});
