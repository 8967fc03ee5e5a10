import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LeakAction, ResponseRules } from '#plane';
import { PLAIN_RESPONSE } from '../../../test/support/edge.ts';
import { queryNames, redactAgent, redactPath } from '../spool/redact.ts';
import { cspReports } from './csp-report.ts';
import { isCardNumber, leakScan } from './leaks.ts';
import { answerRules, cspValue, hardened } from './rules.ts';

const rulesWith = (action: LeakAction): ResponseRules => ({
  ...PLAIN_RESPONSE,
  cardNumbers: action,
  secrets: action,
  stackTraces: action,
});

/** Scans text cut into pieces at the given places. */
function scanned(text: string, action: LeakAction, cuts: readonly number[] = []) {
  const scan = leakScan(rulesWith(action));
  if (scan === null) throw new Error('no scan');
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const out: Buffer[] = [];
  for (let i = 0; i + 1 < places.length; i++)
    out.push(Buffer.from(scan.push(bytes.subarray(places[i], places[i + 1]))));
  out.push(Buffer.from(scan.end()));
  return {
    text: Buffer.concat(out).toString(),
    found: Object.fromEntries(scan.found),
    blocked: scan.blocked(),
  };
}

describe('leaks', () => {
  test.each([
    ['4111 1111 1111 1111', '**** **** **** 1111'],
    ['5555-5555-5555-4444', '****-****-****-4444'],
    ['"pan":"378282246310005"', '"pan":"***********0005"'],
  ])('card number %s', (given, masked) => {
    expect(scanned(`<p>${given}</p>`, 'mask').text).toBe(`<p>${masked}</p>`);
  });

  test.each([
    '4111111111111112', // check digit
    '0000000000000000',
    '12345678901234567', // 17 digits of no issuer
    'gid://shopify/Product/4111111111111111x',
    '1.4111111111111111',
    'id-4111111111111111-a',
    '/products/4111111111111111',
  ])('%s is none', (given) => {
    expect(scanned(given, 'mask')).toMatchObject({ text: given, found: {} });
  });

  test.each([
    ['sk_live_0123456789abcdefABCD', 'secret'],
    ['AKIAIOSFODNN7EXAMPLE', 'secret'],
    ['shpat_0123456789abcdef0123456789abcdef', 'secret'],
    [`lk_abcdefghijkl_${'K'.repeat(43)}`, 'secret'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg', 'secret'],
    ['Error: x\n    at Object.<anonymous> (/srv/shop/app.js:10:5)\n', 'stack-trace'],
    ['{"stack":"Error: x\\n    at f (/srv/shop/app.js:10:5)"}', 'stack-trace'],
    ['{"stack":"Error: x\\nat f (file:///srv/shop/app.js:10:5)"}', 'stack-trace'],
    ['<p>Error<br>at f (/srv/shop/app.js:10:5)', 'stack-trace'],
    ['Traceback (most recent call last):\n  File', 'stack-trace'],
    ['<b>Fatal error</b>:  Uncaught Error: x in <b>/var/www/wp/a.php</b> on line <b>3</b>', 'stack-trace'],
    ['SQLSTATE[42S02]: Base table not found', 'stack-trace'],
  ])('%s', (given, kind) => {
    const found = scanned(`before ${given} after`, 'mask');
    expect(Object.keys(found.found)).toEqual([kind]);
    expect(found.text).toHaveLength(`before ${given} after`.length);
    expect(found.text).not.toContain(given);
    expect(scanned(given, 'block').blocked).toBe(true);
    expect(scanned(given, 'watch')).toMatchObject({ text: given, blocked: false });
  });

  test('however an answer is cut, what is found is the same and nothing else changes', () => {
    const parts = fc.constantFrom(
      '4111 1111 1111 1111',
      ' text ',
      'sk_live_0123456789abcdefABCD',
      'Müller',
      '\n',
      '{"a":1}',
      '4111111111111112 ',
    );
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 60 }),
        fc.array(fc.nat(5_000), { maxLength: 20 }),
        (pieces, cuts) => {
          const text = pieces.join('|');
          const whole = scanned(text, 'mask');
          const cut = scanned(text, 'mask', cuts);
          expect(cut).toEqual(whole);
          expect(cut.text).not.toContain('4111 1111 1111 1111');
          expect(Buffer.byteLength(cut.text)).toBe(Buffer.byteLength(text));
        },
      ),
    );
  });

  test.each([
    ['line feeds', '\n'],
    ['blanks', ' \t'],
    ['beginnings of a stack', '\n at '],
    ['beginnings of a warning', `Warning: ${' in /a'.repeat(40)}`],
    ['beginnings of a class', 'at a.b.c.d.e.'],
    ['beginnings of a key', `-----BEGIN RSA PRIVATE KEY-----${' '.repeat(199)}`],
    ['digits', '1'],
    ['digits that are no card', '4111 1111 1111 1112 '],
  ])('a megabyte of %s holds nothing up', (_, piece) => {
    const text = piece.repeat((1024 * 1024) / piece.length);
    const cuts = Array.from({ length: 15 }, (_unused, i) => (i + 1) * 65_536);
    expect(scanned(text, 'block', cuts).found['stack-trace']).toBeUndefined();
  });

  test('published test numbers are card numbers', () => {
    for (const number of [
      '4242424242424242',
      '5105105105105100',
      '371449635398431',
      '6011111111111117',
      '3530111333300000',
      '30569309025904',
      '2223003122003222',
    ])
      expect(isCardNumber(number), number).toBe(true);
  });
});

describe('headers', () => {
  test('cookies get what they lack and keep what was meant', () => {
    const none = new Set<string>();
    expect(hardened('sid=1', none, true)).toBe('sid=1; Secure; HttpOnly; SameSite=Lax');
    expect(hardened('sid=1; SameSite=None; Secure', none, true)).toBe(
      'sid=1; SameSite=None; Secure; HttpOnly',
    );
    expect(hardened('cart=1; Path=/', new Set(['cart']), true)).toBe('cart=1; Path=/; Secure; SameSite=Lax');
    expect(hardened('secure=httponly', none, false)).toBe('secure=httponly; HttpOnly; SameSite=Lax');
  });
  test('a policy cannot be broken out of', () => {
    expect(cspValue({ 'script-src': ["'self'", 'https://cdn.test'] })).toBe(
      "script-src 'self' https://cdn.test; report-uri /.well-known/loupe/csp",
    );
    for (const bad of ["'self'; script-src *", 'a b', 'a,b', 'x\r\ny'])
      expect(() => cspValue({ 'script-src': [bad] })).toThrow(RangeError);
    expect(() => cspValue({ 'Script-Src': [] })).toThrow(RangeError);
  });
  test('ours stand in place of the application’s, HSTS is added over TLS alone', () => {
    const rules = answerRules({
      ...PLAIN_RESPONSE,
      csp: { mode: 'enforce', directives: { 'default-src': ["'self'"] } },
      nosniff: true,
      drop: ['x-powered-by'],
    });
    const headers: [string, string][] = [
      ['content-security-policy', 'default-src *'],
      ['x-a', 'b'],
    ];
    rules.apply(headers, true);
    expect(headers).toEqual([
      ['x-a', 'b'],
      ['content-security-policy', "default-src 'self'; report-uri /.well-known/loupe/csp"],
      ['x-content-type-options', 'nosniff'],
      ['strict-transport-security', 'max-age=31536000'],
    ]);
    const plain: [string, string][] = [];
    rules.apply(plain, false);
    expect(plain.map(([name]) => name)).not.toContain('strict-transport-security');
  });
});

describe('what is told', () => {
  test.each([
    ['/orders/1042/items', '/orders/{n}/items'],
    ['/account/mara@shop.test/edit', '/account/{mail}/edit'],
    ['/account/mara%40shop.test', '/account/{mail}'],
    ['/reset/0J3kd8sKQmZp4T9vYw2xBcE1', '/reset/{token}'],
    ['/u/018f3c2e-7b1a-7c3d-9e8f-0123456789ab', '/u/{id}'],
    ['/search/anna%20m%C3%BCller', '/search/{text}'],
    ['/pay/4111111111111111', '/pay/{n}'],
    ['/collections/rings', '/collections/rings'],
  ])('of %s', (path, told) => {
    expect(redactPath(path)).toBe(told);
  });
  test('never a card number or mail address, whatever is asked for', () => {
    const mail = fc.emailAddress();
    fc.assert(
      fc.property(mail, fc.constantFrom('4111111111111111', '4111-1111-1111-1111'), (address, card) => {
        for (const path of [`/a/${address}/b`, `/${encodeURIComponent(address)}`, `/x-${card}`]) {
          expect(redactPath(path)).not.toContain(address);
          expect(redactPath(path)).not.toContain(card);
        }
        expect(queryNames(`?${address}=1&q=${address}&${card}`).join()).not.toContain('@');
        expect(queryNames(`?${card}=x`).join()).not.toContain('4111');
        expect(redactAgent(`bot (${address}) ${card}`)).not.toContain(address);
      }),
    );
  });
  test('reports of browsers, and what is none', () => {
    const report = {
      'csp-report': {
        'document-uri': 'https://shop.test/orders/1042?token=x',
        'effective-directive': 'script-src',
        'blocked-uri': 'https://evil.test/skim.js?card=1',
        disposition: 'report',
      },
    };
    expect(cspReports(Buffer.from(JSON.stringify(report)))).toEqual([
      { directive: 'script-src', blocked: 'evil.test', page: '/orders/{n}', disposition: 'report' },
    ]);
    const modern = [
      {
        type: 'csp-violation',
        body: {
          documentURL: 'https://shop.test/',
          effectiveDirective: 'img-src',
          blockedURL: 'inline',
          disposition: 'enforce',
        },
      },
    ];
    expect(cspReports(Buffer.from(JSON.stringify(modern)))).toEqual([
      { directive: 'img-src', blocked: 'inline', page: '/', disposition: 'enforce' },
    ]);
    for (const none of [
      '',
      '5',
      'null',
      '[]',
      '{"csp-report":5}',
      '{"csp-report":{"effective-directive":"<script>"}}',
    ])
      expect(cspReports(Buffer.from(none))).toEqual([]);
  });
});
