// Loupe's own rules: what each is for, what it must leave alone, and twenty thousand honest requests.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Firewall, type HeaderLine, type Match, type Outcome } from '#waf';
import type { CaseRequest } from '../crs/cases.ts';
import { randomFrom } from '../../support/random.ts';
import { honestRequests } from './honest.ts';
import { SERVICE_REQUESTS } from './services.ts';

const PACK = 'rules/firewall';
const firewall = new Firewall({
  rules: readdirSync(PACK)
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${PACK}/${path}`, 'utf8') })),
  files: { read: () => null },
});
/** Its case is too long for a line of a file. */
const TOO_MANY = 100_170;
/** Twenty thousand take half a minute, and longer where others work beside. */
const HONEST_MS = 240_000;
const Cases = z.array(
  z.object({ rule: z.number(), hits: z.array(z.string()).min(1), passes: z.array(z.string()).min(1) }),
);
const cases = Cases.parse(JSON.parse(readFileSync(`${PACK}/cases.json`, 'utf8')));

/** `GET /path`, `GET /path | Header: value`, or `POST /path | content type | body`, where `\r\n` in a body is a line end. */
function requestOf(text: string): CaseRequest {
  const [line = '', second, body = ''] = text.split(' | ');
  const [method = '', target = ''] = line.split(' ');
  const headers: HeaderLine[] = [['Host', 'shop.example']];
  if (method === 'POST' || method === 'PUT') headers.push(['Content-Type', second ?? '']);
  else if (second !== undefined)
    headers.push([second.slice(0, second.indexOf(':')), second.slice(second.indexOf(':') + 2)]);
  return { method, target, protocol: 'HTTP/1.1', headers, body: body.replaceAll(String.raw`\r\n`, '\r\n') };
}

function judge(request: CaseRequest): { readonly outcome: Outcome; readonly matches: readonly Match[] } {
  const transaction = firewall.begin({
    id: 'x',
    at: 0,
    client: { address: '203.0.113.7', port: 1 },
    server: { address: '127.0.0.1', port: 443 },
  });
  let outcome = transaction.request(request);
  if (outcome.kind === 'pass') outcome = transaction.body(Buffer.from(request.body, 'latin1'), false);
  return { outcome, matches: transaction.matches };
}

describe('the pack', () => {
  it('has cases for every rule, and rules for all cases', () => {
    const own = firewall.rules
      .filter(({ message, id }) => message !== '' && id !== TOO_MANY)
      .map(({ id }) => id);
    expect(cases.map((each) => each.rule).sort((a, b) => a - b)).toEqual(own.sort((a, b) => a - b));
  });

  it.each(cases.map((each) => [each.rule, each] as const))(
    '%i finds what it is for, and leaves alone what it must',
    (rule, { hits, passes }) => {
      for (const hit of hits)
        expect({ hit, ids: judge(requestOf(hit)).matches.map((match) => match.ruleId) }).toEqual({
          hit,
          ids: expect.arrayContaining([rule]),
        });
      for (const pass of passes)
        expect({ pass, ...judge(requestOf(pass)) }).toEqual({
          pass,
          outcome: { kind: 'pass' },
          matches: expect.not.arrayContaining([expect.objectContaining({ ruleId: rule })]),
        });
    },
  );

  it('looks at what says nothing of itself, and at all arguments there are', () => {
    const hidden = {
      method: 'POST',
      target: '/x',
      protocol: 'HTTP/1.1',
      headers: [['Content-Type', 'text/plain']] as const,
    };
    expect(judge({ ...hidden, body: `{"a":"1' or '1'='1"}` }).outcome.kind).toBe('refuse');
    expect(judge({ ...hidden, body: 'a=1%27+or+%271%27=%271' }).outcome.kind).toBe('refuse');
    expect(judge({ ...hidden, body: 'Hello, it is a ring.' }).outcome.kind).toBe('pass');
    expect(
      judge({ ...hidden, method: 'GET', target: `/?${'a=1&'.repeat(20_100)}`, headers: [], body: '' }).outcome
        .kind,
    ).toBe('refuse');
  });

  it('blocks nothing of what the services around a shop send', () => {
    const blocked = SERVICE_REQUESTS.flatMap((request) => {
      const { outcome, matches } = judge(request);
      return outcome.kind === 'pass'
        ? []
        : [
            `${request.target.slice(0, 60)} ${request.body.slice(0, 60)} ${matches.map(({ ruleId }) => ruleId).join(' ')}`,
          ];
    });
    expect(blocked).toEqual([]);
  });

  it('blocks no bytes that say nothing: pictures, compressed texts, messages of programs', () => {
    const below = randomFrom(20_261_129);
    const bytes = (size: number) =>
      Buffer.from(Array.from({ length: size }, () => below(256))).toString('latin1');
    const blocked = Array.from({ length: 60 }, (_, i) => {
      const [type, body] =
        i % 2 === 0
          ? ['application/octet-stream', bytes(100_000)]
          : [
              'multipart/form-data; boundary=x',
              `--x\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\n\r\n${bytes(100_000)}\r\n--x--\r\n`,
            ];
      const headers = [['Content-Type', type]] as const;
      const { outcome, matches } = judge({
        method: 'POST',
        target: '/up',
        protocol: 'HTTP/1.1',
        headers,
        body,
      });
      return outcome.kind === 'pass' ? [] : matches.map(({ ruleId }) => ruleId);
    }).filter((ids) => ids.length > 0);
    expect(blocked).toEqual([]);
  });

  it('reads what is text within other bytes', () => {
    const body = `\x00\x00\x01\x02\x0a\x18{"q":"1' union select 1,2 from users"}\x01\x05\x10\x02`.repeat(3);
    const headers = [['Content-Type', 'application/grpc-web']] as const;
    expect(judge({ method: 'POST', target: '/x', protocol: 'HTTP/1.1', headers, body }).outcome.kind).toBe(
      'refuse',
    );
  });

  it(
    'blocks none of twenty thousand honest requests',
    () => {
      const blocked = honestRequests(20_000, randomFrom(20_261_127)).flatMap((request) => {
        const { outcome, matches } = judge(request);
        return outcome.kind === 'pass'
          ? []
          : [matches.map(({ ruleId, values }) => `${ruleId} ${JSON.stringify(values[0])}`)];
      });
      expect(blocked).toEqual([]);
    },
    HONEST_MS,
  );
});
