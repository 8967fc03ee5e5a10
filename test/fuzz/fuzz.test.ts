import { expect, test } from 'vitest';
import { FEED_TARGETS } from './feeds.ts';
import { fuzz } from './fuzz.ts';
import { WAF_TARGETS } from './waf.ts';

// A short campaign each time; longer ones by `npm run fuzz`.
test.each([...FEED_TARGETS, ...WAF_TARGETS].map((target) => [target.name, target] as const))(
  'nothing that is sent breaks its reader: %s',
  async (_, target) => {
    const { inputs, flaw } = await fuzz(target, { inputs: 400, ms: 6_000, seed: 20_261 });
    expect(flaw === null ? null : { error: flaw.error, input: flaw.input.toString('base64') }).toBeNull();
    expect(inputs).toBeGreaterThan(20);
  },
);

test('a reader that breaks is found', async () => {
  const { flaw } = await fuzz(
    {
      name: 'planted',
      paths: ['/test/fuzz/'],
      seeds: [Buffer.from('abc')],
      words: ['<<'],
      read: (input) => (input.includes('<<') ? Promise.reject(new TypeError('planted')) : Promise.resolve()),
    },
    { inputs: 2_000, ms: 10_000, seed: 3 },
  );
  expect(flaw?.error).toBeInstanceOf(TypeError);
});
