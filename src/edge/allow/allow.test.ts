import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Head, readHead } from '../message/head.ts';
import { isRefusal } from '../refusal.ts';
import { judgeGraphql } from './graphql.ts';
import { compileOpenapi, type OpenapiList } from './openapi.ts';
import { linearPattern } from './pattern.ts';
import { draftSource, openShadow } from './shadow.ts';

function headOf(method: string, target: string, type?: string): Head {
  const head = readHead({
    version: '1.1',
    method,
    target,
    authority: undefined,
    rawHeaders: [
      'host',
      'shop.test',
      ...(type === undefined ? [] : ['content-type', type, 'content-length', '9']),
    ],
    bodyFollows: undefined,
  });
  if (isRefusal(head)) throw new Error(head.detail);
  return head;
}

function judge(
  list: OpenapiList,
  method: string,
  target: string,
  body?: unknown,
  type = 'application/json',
): string {
  const head = headOf(method, target, body === undefined ? undefined : type);
  const operation = list.operation(method, head.path);
  if ('what' in operation) return `${operation.where}: ${operation.what}`;
  const misfit =
    operation.checkHead(head) ??
    operation.checkBody(head, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null)));
  return misfit === null ? operation.name : `${misfit.where}: ${misfit.what}`;
}

const ORDER = {
  type: 'object',
  additionalProperties: false,
  required: ['email', 'lines'],
  properties: {
    email: { type: 'string', format: 'email', maxLength: 100 },
    engraving: { type: 'string', maxLength: 20 },
    lines: {
      type: 'array',
      maxItems: 3,
      items: {
        type: 'object',
        required: ['sku', 'count'],
        properties: {
          sku: { type: 'string', pattern: '^[A-Z]+-[0-9]+$' },
          count: { type: 'integer', minimum: 1, maximum: 9 },
        },
      },
    },
  },
};

const document = {
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  paths: {
    '/orders': {
      post: {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
        },
      },
    },
    '/orders/{id}': {
      parameters: [
        { name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1, maximum: 999_999 } },
      ],
      get: { parameters: [{ $ref: '#/components/parameters/Lang' }] },
    },
    '/orders/mine': { get: {} },
    '/ping': { post: {} },
    '/stones': {
      get: {
        parameters: [
          { name: 'shape', in: 'query', schema: { type: 'array', items: { enum: ['round', 'oval'] } } },
          {
            name: 'carat',
            in: 'query',
            required: true,
            schema: { type: 'number', minimum: 0.2, maximum: 20 },
          },
        ],
      },
    },
    '/contact': {
      post: {
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                additionalProperties: false,
                properties: { text: { type: 'string', maxLength: 50 } },
              },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: { Order: ORDER },
    parameters: { Lang: { name: 'lang', in: 'query', schema: { type: 'string', enum: ['de', 'en'] } } },
  },
};

describe('an OpenAPI allowlist', () => {
  const list = compileOpenapi(document);
  const order = { email: 'a@b.de', lines: [{ sku: 'RING-12', count: 1 }] };
  test.each([
    ['POST', '/orders', order, 'POST /orders'],
    ['GET', '/orders/12?lang=de', undefined, 'GET /orders/{id}'],
    ['HEAD', '/orders/12', undefined, 'GET /orders/{id}'],
    ['GET', '/orders/mine', undefined, 'GET /orders/mine'],
    ['GET', '/stones?carat=1.5&shape=round&shape=oval', undefined, 'GET /stones'],
    ['GET', '/orders/abc', undefined, 'path id: does not fit'],
    ['GET', '/orders/1%20or%201', undefined, 'path id: does not fit'],
    ['GET', '/orders/12?lang=xx', undefined, 'query lang: does not fit'],
    ['GET', '/orders/12?lang=de&lang=en', undefined, 'query lang: repeated'],
    ['GET', '/orders/12?debug=1', undefined, 'query: a parameter that is not listed'],
    ['GET', '/stones?carat=NaN', undefined, 'query carat: does not fit'],
    ['GET', '/stones', undefined, 'query carat: missing'],
    ['DELETE', '/orders/12', undefined, 'method: not listed for /orders/{id}'],
    ['GET', '/admin', undefined, 'path: not listed'],
    ['GET', '/orders/12/lines', undefined, 'path: not listed'],
    ['POST', '/orders', { ...order, admin: true }, 'body: a member that is not listed'],
    ['POST', '/orders', { ...order, email: 'x' }, 'body email: does not fit (format)'],
    ['POST', '/orders', { ...order, engraving: 'x'.repeat(21) }, 'body engraving: does not fit (maxLength)'],
    [
      'POST',
      '/orders',
      { ...order, lines: [{ sku: 'ring', count: 1 }] },
      'body lines.sku: does not fit (pattern)',
    ],
    ['POST', '/orders', '{"a":', 'body: malformed'],
    ['POST', '/orders', undefined, 'body: missing'],
  ] as const)('%s %s', (method, target, body, expected) => {
    expect(judge(list, method, target, body)).toBe(expected);
  });

  test('types of bodies, forms', () => {
    expect(judge(list, 'POST', '/orders', '<a/>', 'application/xml')).toBe('body: a type that is not listed');
    expect(judge(list, 'POST', '/contact', 'text=hello', 'application/x-www-form-urlencoded')).toBe(
      'POST /contact',
    );
    expect(judge(list, 'POST', '/contact', 'text=a&role=admin', 'application/x-www-form-urlencoded')).toBe(
      'body: a member that is not listed',
    );
    expect(judge(list, 'POST', '/contact', '__proto__=1', 'application/x-www-form-urlencoded')).toBe(
      'body: a member that is not listed',
    );
    expect(judge(list, 'POST', '/ping', '{}')).toBe('body: none is listed');
  });

  test('OpenAPI 3.0 in its own words', () => {
    const old = compileOpenapi({
      openapi: '3.0.3',
      paths: {
        '/x': {
          post: {
            requestBody: {
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    properties: {
                      a: { type: 'string', nullable: true },
                      n: { type: 'integer', minimum: 0, exclusiveMinimum: true },
                    },
                  },
                },
              },
            },
          },
        },
      },
    });
    expect(judge(old, 'POST', '/x', { a: null, n: 1 })).toBe('POST /x');
    expect(judge(old, 'POST', '/x', { n: 0 })).toBe('body n: does not fit (exclusiveMinimum)');
  });

  test.each([
    ['no version', { paths: {} }],
    ['Swagger 2', { swagger: '2.0', paths: { '/x': { get: {} } } }],
    ['nothing in it', { openapi: '3.1.0', paths: {} }],
    [
      'a reference that leads nowhere',
      {
        openapi: '3.1.0',
        paths: { '/x': { get: { parameters: [{ $ref: '#/components/parameters/Gone' }] } } },
      },
    ],
    [
      'a reference that leads out',
      { openapi: '3.1.0', paths: { '/x': { $ref: 'https://evil.test/x.json' } } },
    ],
    [
      'a pattern that can hang',
      {
        openapi: '3.1.0',
        paths: {
          '/x': {
            get: {
              parameters: [
                { name: 'q', in: 'query', schema: { type: 'string', pattern: '^(?=a)(\\w)\\1$' } },
              ],
            },
          },
        },
      },
    ],
  ])('a document with %s is refused when it is loaded', (_, bad) => {
    expect(() => compileOpenapi(bad)).toThrow();
  });

  test('a pattern takes linear time over what hangs others', () => {
    const begin = performance.now();
    expect(linearPattern('^(a+)+$').test(`${'a'.repeat(50_000)}!`)).toBe(false);
    // Seconds to years with a backtracking engine; a generous bound against noise.
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});

describe('GraphQL bounds', () => {
  const rules = { maxDepth: 4, maxCost: 100, maxAliases: 3, introspection: false };
  const ask = (query: string, variables: object = {}): string | null =>
    judgeGraphql(rules, 'POST', '', Buffer.from(JSON.stringify({ query, variables })));
  test.each([
    ['{ shop { name } }', null],
    ['{ products(first: 10) { nodes { title } } }', null],
    ['{ a { b { c { d { e } } } } }', 'depth'],
    ['query { ...F } fragment F on Q { a { ...G } } fragment G on Q { b { c { d { e } } } }', 'depth'],
    ['{ ...F } fragment F on Q { ...F }', 'a fragment within itself'],
    ['{ products(first: 250) { nodes { title } } }', 'cost'],
    ['{ a: x b: x c: x d: x }', 'aliases'],
    ['{ __schema { types { name } } }', 'introspection'],
    ['{ x { ... on Y { __type(name: "a") { name } } } }', 'introspection'],
    ['{ shop { name }', 'malformed'],
    [`{ ${'a '.repeat(5_000)} }`, 'malformed'],
    ['type A { b: Int }', 'a definition that is no query'],
  ])('%s', (query, expected) => {
    expect(ask(query)).toBe(expected);
  });
  test('variables count, batches add up, GET changes nothing', () => {
    expect(ask('query($n: Int) { products(first: $n) { nodes { title } } }', { n: 250 })).toBe('cost');
    const one = { query: `{ ${Array.from({ length: 15 }, (_, i) => `f${i}`).join(' ')} }` };
    expect(
      judgeGraphql(rules, 'POST', '', Buffer.from(JSON.stringify(Array.from({ length: 8 }, () => one)))),
    ).toBe('cost');
    expect(
      judgeGraphql(rules, 'POST', '', Buffer.from(JSON.stringify(Array.from({ length: 11 }, () => one)))),
    ).toBe('too many in one');
    expect(
      judgeGraphql(rules, 'GET', `?query=${encodeURIComponent('mutation { a }')}`, new Uint8Array(0)),
    ).toBe('mutation by GET');
    expect(judgeGraphql(rules, 'POST', '', Buffer.from('[]'))).toBe('malformed');
    expect(judgeGraphql(rules, 'POST', '', Buffer.from('{"query":5}'))).toBe('malformed');
  });
  test('fragments that multiply stay cheap to judge', () => {
    const levels = Array.from(
      { length: 25 },
      (_, i) => `fragment F${i} on Q { a ...F${i + 1} ...F${i + 1} }`,
    ).join(' ');
    const begin = performance.now();
    expect(ask(`{ ...F0 } ${levels} fragment F25 on Q { a }`)).not.toBeNull();
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});

describe('the shadow', () => {
  test('keeps shapes and never a value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 30 }), (secret) => {
        fc.pre(
          /^[\x21-\x7e]{6,}$/u.test(secret) &&
            !/^(?:string|number|integer|object|members|boolean)/u.test(secret) &&
            !'nametextemailcountkindslongestalwaysmethodpathquerytypesapplication/json'.includes(secret),
        );
        const shadow = openShadow();
        const head = headOf('POST', '/orders/1042', 'application/json');
        shadow.note(head, Buffer.from(JSON.stringify({ email: secret, text: secret })));
        const text = JSON.stringify(shadow.take().map((one) => draftSource(one)));
        expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
        expect(text).toContain('/orders/{id}');
      }),
    );
  });
  test('is bounded whatever is thrown at it', () => {
    const shadow = openShadow();
    for (let i = 0; i < 2_000; i++)
      shadow.note(headOf('GET', `/p${'x'.repeat(i % 600)}a?${'n'.repeat((i % 50) + 1)}=1`), null);
    expect(shadow.take().length).toBeLessThanOrEqual(500);
    expect(shadow.take()).toEqual([]);
  });
});
