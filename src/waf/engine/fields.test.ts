import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../seclang/read.ts';
import { Fields } from './fields.ts';
import { ValuePool } from './value.ts';

const pool = new ValuePool(64);

function fieldsOf(target: string, headers: readonly (readonly [string, string])[]): Fields {
  const fields = new Fields(pool, DEFAULT_SETTINGS, new Set());
  fields.head({ method: 'GET', target, protocol: 'HTTP/1.1', headers });
  return fields;
}

describe('what is remembered between requests', () => {
  /** The last two of three: at the first nothing but a trace is left. */
  const seen = (name: string, value: string) =>
    [1, 2, 3]
      .map(() => new Fields(pool, DEFAULT_SETTINGS, new Set(['ARGS_GET'])))
      .map((fields) => {
        fields.head({ method: 'GET', target: `/?${name}=${value}`, protocol: 'HTTP/1.1', headers: [] });
        return fields.get('ARGS_GET')[0]?.value;
      })
      .slice(1);

  it('is what people choose from lists', () => {
    const [one, other] = seen('metal', 'gold');
    expect(one).toBe(other);
  });

  it.each(['password', 'new_PassWord', 'card[number]', 'csrf_token', 'otp', 'giftCode'])(
    'is never a value named %s',
    (name) => {
      const [one, other] = seen(name, 'gold');
      expect(one).not.toBe(other);
    },
  );

  it('is never long, a cookie or a credential', () => {
    const [one, other] = seen('note', 'x'.repeat(49));
    expect(one).not.toBe(other);
    const headers = [
      ['Cookie', 'a=1'],
      ['Authorization', 'Bearer x'],
      ['X-Api-Key', 'k'],
      ['Accept', '*/*'],
    ] as const;
    fieldsOf('/', headers);
    const [first, second] = [fieldsOf('/', headers), fieldsOf('/', headers)];
    expect(first.get('REQUEST_COOKIES')[0]?.value).not.toBe(second.get('REQUEST_COOKIES')[0]?.value);
    expect(
      first.get('REQUEST_HEADERS').map(({ value }, i) => value === second.get('REQUEST_HEADERS')[i]?.value),
    ).toEqual([false, false, false, true]);
  });
});
