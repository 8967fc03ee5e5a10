import { describe, expect, test } from 'vitest';
import type { Guard } from '#plane';
import { type Head, readHead } from '../message/head.ts';
import type { Forwarded } from '../proxy/forward.ts';
import { isRefusal, refusal } from '../refusal.ts';
import { outcomeOf } from '../serve.ts';
import { accountOf } from './account.ts';

function headOf(type: string): Head {
  const head = readHead({
    version: '1.1',
    method: 'POST',
    target: '/login',
    authority: undefined,
    rawHeaders: ['host', 'shop.test', 'content-type', type, 'content-length', '9'],
    bodyFollows: undefined,
  });
  if (isRefusal(head)) throw new Error(head.detail);
  return head;
}

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=b';
const part = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name=${name}\r\n\r\n${value}\r\n`;

describe('the account of a login', () => {
  test.each([
    [FORM, 'email=Mara%40Shop.test+&password=x', { account: 'mara@shop.test' }],
    [FORM, 'password=x', null],
    [FORM, 'email=decoy&email=mara', 'ambiguous'],
    ['application/json', '{"email":"Mara","password":"x"}', { account: 'mara' }],
    ['application/json', '{"email":"decoy","email":"mara"}', 'ambiguous'],
    ['application/json', '{"email":"decoy","\\u0065mail":"mara"}', 'ambiguous'],
    ['application/json', '{"email":["mara"]}', null],
    ['application/json', '{', null],
    [MULTIPART, `${part('"email"', 'mara')}${part('"password"', 'x')}--b--`, { account: 'mara' }],
    [MULTIPART, `${part('"email"', 'decoy')}${part('email', 'mara')}--b--`, 'ambiguous'],
  ])('%s %s', (type, body, expected) => {
    expect(accountOf(headOf(type), Buffer.from(body), 'email')).toEqual(expected);
  });
});

describe('how a login turned out', () => {
  const api: Guard = {
    id: 'login',
    what: 'login',
    methods: ['POST'],
    paths: ['/login'],
    missStatus: [401],
    missWords: [],
    per: ['account'],
    accountField: 'email',
    tries: 10,
    windowMs: 1,
    lockMs: 1,
    surge: null,
  };
  const page: Guard = { ...api, missWords: ['login_error'] };
  const answer = (more: Partial<Forwarded>): Forwarded => ({
    status: 200,
    bytes: 0,
    wordFound: false,
    location: null,
    leaks: new Map(),
    cut: false,
    left: false,
    ...more,
  });
  test.each([
    ['a refused password', api, answer({ status: 401 }), 'miss'],
    ['a token', api, answer({ status: 200 }), 'success'],
    ['a redirect onward', page, answer({ status: 302, location: '/account' }), 'success'],
    ['the page with its error', page, answer({ wordFound: true }), 'miss'],
    [
      'a redirect that names the error',
      page,
      answer({ status: 302, location: '/login?login_error=1' }),
      'miss',
    ],
    ['a page without words, as for a form that was not judged', page, answer({}), 'neither'],
    [
      'a redirect back to the form',
      page,
      answer({ status: 302, location: 'https://shop.test/login/' }),
      'neither',
    ],
    ['a form that does not fit', api, answer({ status: 422 }), 'neither'],
    ['leaving before the answer', api, answer({ status: 0, left: true, cut: true }), 'miss'],
    ['leaving before the words could come', page, answer({ left: true, cut: true }), 'miss'],
    ['an upstream that is down', api, refusal('upstream-unreachable'), 'neither'],
  ] as const)('%s', (_, rule, result, expected) => {
    expect(outcomeOf(rule, '/login', result)).toBe(expected);
  });
});
