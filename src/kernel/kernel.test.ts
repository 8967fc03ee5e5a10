import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  errorsOf,
  fromBase64,
  hasCode,
  type Json,
  newId,
  randomToken,
  steadyClock,
  textOf,
  utf8,
} from './index.ts';

describe('canonical JSON', () => {
  // RFC 8785, sections 3.2.2 and 3.2.3, and the number samples of its appendix B.
  it.each<[Json, string]>([
    [{ b: 1, a: [true, null] }, '{"a":[true,null],"b":1}'],
    [
      { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    ],
    [Number('333333333.33333329'), '333333333.3333333'],
    [1e30, '1e+30'],
    [4.5, '4.5'],
    [0.002, '0.002'],
    [1e-27, '1e-27'],
    [-0, '0'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    ['€$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
  ])('writes %j as the standard does', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  it('has one form for equal values, whatever the order of their members', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'binary' }).filter((s) => s.isWellFormed()),
          fc.integer(),
        ),
        (value) => {
          const turned = Object.fromEntries(Object.entries(value).reverse());
          expect(canonicalJson(turned)).toBe(canonicalJson(value));
          expect(JSON.parse(canonicalJson(value))).toEqual(value);
        },
      ),
    );
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['\ud800'], [undefined], [1n]])(
    'refuses %s',
    (value) => {
      expect(() => canonicalJson(value as Json)).toThrow(TypeError);
    },
  );
});

describe('steady clock', () => {
  it('follows the system clock forward and does not go back with it', () => {
    let wall = 1_000_000;
    let mono = 0;
    const clock = steadyClock({ wallMs: () => wall, monotonicMs: () => mono });
    const pass = (ms: number) => {
      wall += ms;
      mono += ms;
    };
    pass(1000);
    expect(clock.now()).toBe(1_001_000);
    wall -= 3_600_000;
    pass(2000);
    expect(clock.now()).toBe(1_003_000);
    expect(clock.steppedMs()).toBe(-3_600_000);
    wall += 3_600_000 + 60_000;
    pass(1000);
    expect(clock.now()).toBe(1_064_000);
  });

  it('never goes back, whatever the system clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -1e7, max: 1e7 }), fc.nat(10_000))), (moves) => {
        let wall = 1e9;
        let mono = 0;
        const clock = steadyClock({ wallMs: () => wall, monotonicMs: () => mono });
        let last = clock.now();
        for (const [step, elapsed] of moves) {
          wall += step + elapsed;
          mono += elapsed;
          const now = clock.now();
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        }
      }),
    );
  });
});

describe('ids and bytes', () => {
  it('makes ids that are UUIDs of version 7 and sort by time', () => {
    const id = newId('shp', 0x0192_3456_789a);
    expect(id).toMatch(/^shp_01923456789a7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(newId('shp', 1) < newId('shp', 2)).toBe(true);
    const same = Array.from({ length: 2_000 }, () => newId('shp', 3));
    expect(same.toSorted()).toEqual(same);
    expect(new Set(same).size).toBe(same.length);
  });

  it('makes tokens that do not repeat and refuses short ones', () => {
    expect(new Set(Array.from({ length: 1000 }, () => randomToken())).size).toBe(1000);
    expect(() => randomToken(8)).toThrow(RangeError);
  });

  it('reads only canonical base64 and well-formed UTF-8', () => {
    expect(fromBase64('AAE=')).toEqual(Buffer.from([0, 1]));
    for (const bad of ['AAE', 'AAF=x', 'AA E=', '_-==']) expect(fromBase64(bad)).toBeNull();
    expect(textOf(utf8('façade'))).toBe('façade');
    expect(textOf(Uint8Array.of(0xc0, 0xaf))).toBeNull();
    expect(textOf(Uint8Array.of(0xed, 0xa0, 0x80))).toBeNull();
  });
});

describe('errors', () => {
  const fail = errorsOf({ 'room/gone': { says: 'It is gone.', hint: 'Look elsewhere.' } });

  it('carry a code, a hint and details', () => {
    const error = fail('room/gone', { details: { id: 'x' } });
    expect(error.message).toBe('It is gone. (id=x)');
    expect(error.hint).toBe('Look elsewhere.');
    expect(hasCode(error, 'room/gone')).toBe(true);
    expect(hasCode(new Error('room/gone'), 'room/gone')).toBe(false);
  });
});
