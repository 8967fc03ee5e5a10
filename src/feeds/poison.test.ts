// Every attack that a provider's feed was ever seen or thought to make, on the wire, against the whole way in: fetch, unpack, read, type, judge, decide. What each comes to is written down here; none reaches the window. Documents and pages have their own in `poison-documents.test.ts`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AttackName, POISONED } from '../../sample/feeds/attacks.ts';
import { IDEX_LEGACY_HOST, RAPNET_HOST } from '../../sample/feeds/services.ts';
import { LoupeError } from '#kernel';
import { openOutbound } from '#outbound';
import type { SessionOptions } from './fetch/session.ts';
import { openKept, readKeptTable } from './load/kept.ts';
import type { RowReader, Texts } from './providers/adapter.ts';
import { idex } from './providers/idex.ts';
import { idexLegacy } from './providers/idex-legacy.ts';
import type { Provider } from './providers/provider.ts';
import { rapnet } from './providers/rapnet.ts';
import { csvReader, rowCells } from './read/csv.ts';
import { attackOf, type Hostile, startHostile } from './testing/hostile.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile([rapnet, idex]);
});
afterAll(() => hostile.close());

/** Empty: the stone may go in, its texts made harmless. */
const RAPNET: Readonly<Partial<Record<AttackName, string>>> = {
  'script-in-comment': '',
  'script-in-stock': '',
  'script-link': '',
  'data-link': '',
  'private-link': '',
  'private-link-v6': '',
  'sql-in-id': 'row-error 3 Diamond ID word',
  formula: '',
  bidi: '',
  'line-breaks': '',
  prototype: '',
  'homoglyph-lab': 'row-error 3 Lab word',
  'huge-number': 'row-error 3 Total Price number',
  'zero-price': 'quarantined 3 no-price',
  'negative-price': 'row-error 3 Total Price number',
  'one-price': 'quarantined 2 price-range, quarantined 3 total-per-carat, quarantined 3 price-leap',
  'a-hundredth': 'quarantined 1 price-range, quarantined 3 price-leap',
  'a-fifth': 'quarantined 3 price-leap',
  'heavier-than-measured':
    'quarantined 3 weight-measurements, quarantined 3 price-leap, quarantined 3 certificate-moved',
  'moved-certificate': 'quarantined 3 certificate-moved',
  'moved-to-new-offer': 'quarantined 3 certificate-moved',
  'copied-certificate': 'quarantined 3 certificate-conflict',
  'lab-grown-as-natural': 'quarantined 3 certificate-conflict, quarantined 3 growth',
  hundredfold: 'held unit',
  'cents-as-dollars': 'held unit',
  'other-currency': 'held unit',
  'all-cheaper': 'held prices',
  'all-better': 'held changed-stones',
  'mass-removal': 'held fewer',
  flooded: 'held new-stones',
  empty: 'failed feeds/missing-columns',
  'only-head': 'held empty',
  prose: 'failed feeds/missing-columns',
  'cut-short': 'held fewer',
  repeated: 'held fewer',
  'column-drift': 'held leaps',
  'shape-column-gone': 'failed feeds/missing-columns',
  'utf-16': 'failed feeds/unreadable utf-16',
  overlong: 'held unreadable-rows',
  'nul-bytes': 'held empty',
  'huge-cell': 'failed feeds/unreadable row-too-long',
  ragged: 'held empty',
  endless: 'failed feeds/unreadable more than 20000 rows',
  drip: 'failed feeds/not-fetched timeout',
  'redirect-inside': 'failed feeds/not-fetched leads-elsewhere',
  'redirect-elsewhere': 'failed feeds/not-fetched leads-elsewhere',
  'redirect-plain': 'failed feeds/not-fetched no-tls',
  'error-page': 'failed feeds/not-fetched status',
};

/** Where IDEX' archive, its other columns and its empty ones make a difference. */
const IDEX: Readonly<Partial<Record<AttackName, string>>> = {
  'zero-price': 'quarantined 3 no-price',
  'a-fifth': 'quarantined 3 price-leap',
  'moved-certificate': 'quarantined 3 certificate-moved',
  'lab-grown-as-natural': 'quarantined 3 certificate-conflict, quarantined 3 growth',
  hundredfold: 'held unit',
  'mass-removal': 'held fewer',
  prose: 'failed feeds/missing-columns',
  'zip-bomb': 'failed feeds/unreadable bomb',
  'zip-in-zip': 'failed feeds/missing-columns',
  'zip-path': '',
  'zip-cut': 'failed feeds/unreadable damaged',
  // More of an archive than its first file is not read.
  endless: '',
  drip: 'failed feeds/not-fetched timeout',
  'redirect-inside': 'failed feeds/not-fetched leads-elsewhere',
  'redirect-elsewhere': 'failed feeds/not-fetched leads-elsewhere',
};

describe('a poisoned feed of RapNet', () => {
  test.each(Object.entries(RAPNET))('%s', async (name, expected) => {
    expect(await hostile.outcome(rapnet, name)).toBe(expected);
  });

  test.each([
    ['script-in-comment', { comment: '<script>alert(1)</script>' }],
    ['script-in-stock', { supplierStockRef: '"><img src=x onerror=alert(1)>' }],
    ['script-link', { imageUrl: null }],
    ['data-link', { certificateUrl: null }],
    ['private-link', { imageUrl: null, certificateUrl: null }],
    ['private-link-v6', { imageUrl: null, certificateUrl: null }],
    ['formula', { comment: '=HYPERLINK("http://evil.example")' }],
    ['bidi', { comment: 'GIA AIG natural' }],
    ['line-breaks', { comment: 'one X-Header: two' }],
    ['prototype', { offerId: '__proto__' }],
  ])('of %s only plain text and public links are left', async (name, expected) => {
    const { plan, report } = await hostile.load(rapnet, attackOf(name));
    hostile.feeds.attack = null;
    expect(report.loaded.comparison.rows).toBeGreaterThan(2_990);
    const table = readKeptTable(plan.load);
    const raw = openKept(plan.load, 'raw');
    const whole = Buffer.concat([...raw.pieces()]);
    raw.close();
    const [place = 0] = POISONED;
    const texts: Texts[] = [];
    let reader: RowReader | null = null;
    const csv = csvReader(rapnet.adapter.separator, (row) => {
      if (reader === null) reader = rapnet.adapter.bind(rowCells(row));
      else if (row.offset === table.of('offset', place)) texts.push(reader.texts(row));
    });
    csv.push(whole);
    csv.end();
    expect(texts).toEqual([expect.objectContaining(expected)]);
  });
});

describe('a poisoned feed of IDEX', () => {
  test.each(Object.entries(IDEX))('%s', async (name, expected) => {
    expect(await hostile.outcome(idex, name)).toBe(expected);
  });
});

describe('the line to a provider', () => {
  const failure = (why: string, more: object = {}) =>
    expect.objectContaining({
      code: 'feeds/not-fetched',
      details: expect.objectContaining({ why, ...more }),
    });
  const read = async (provider: Provider, options: Partial<SessionOptions> = {}): Promise<number> => {
    let bytes = 0;
    for await (const piece of provider.fetch(hostile.session(provider, options))) bytes += piece.byteLength;
    return bytes;
  };

  test('credentials that are not good are told as such, and stand in no error', async () => {
    const wrong = {
      username: '80001',
      password: 'hunter2-hunter2',
      apiKey: 'k-very-secret',
      apiSecret: 's-very-secret',
    };
    for (const provider of [rapnet, idex])
      await expect(read(provider, { credentials: wrong })).rejects.toSatisfy(
        (error: unknown) =>
          error instanceof LoupeError &&
          !/hunter2|very-secret/u.test(JSON.stringify([error.message, error.details])),
      );
    await expect(read(rapnet, { credentials: wrong })).rejects.toEqual(failure('credentials'));
  });

  test('a ticket in an address stands in no error', async () => {
    hostile.feeds.attack = attackOf('error-page');
    const error: unknown = await read(rapnet).catch((thrown: unknown) => thrown);
    hostile.feeds.attack = null;
    expect(error).toEqual(failure('status', { host: RAPNET_HOST, status: 500 }));
    expect(String(error)).not.toMatch(/ticket|GetFile/u);
  });

  test('a certificate of nobody, of another name, or that has ended ends it', async () => {
    for (const [policy, code] of [
      [{ extraCa: [] }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      [{ connectTo: { [`${RAPNET_HOST}:443`]: hostile.other } }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
      [{ connectTo: { [`${RAPNET_HOST}:443`]: hostile.ended } }, 'CERT_HAS_EXPIRED'],
    ] as const)
      await expect(
        read(rapnet, { outbound: openOutbound({ ...hostile.outbound.policy, ...policy }) }),
      ).rejects.toEqual(failure('tls-failed', { code }));
  });

  test('goes without TLS only where a person has taken that upon them', async () => {
    const connectTo = { [`${IDEX_LEGACY_HOST}:80`]: hostile.plain };
    const outbound = openOutbound({ ...hostile.outbound.policy, connectTo });
    expect(await read(idexLegacy, { outbound, plain: true })).toBeGreaterThan(100_000);
    await expect(read(idexLegacy, { outbound })).rejects.toMatchObject({ code: 'feeds/not-fetched' });
    // A certificate that is there is verified all the same, and other hosts are as far away as ever.
    hostile.feeds.attack = attackOf('redirect-elsewhere');
    await expect(read(idexLegacy, { outbound, plain: true })).rejects.toEqual(failure('leads-elsewhere'));
    hostile.feeds.attack = null;
  });

  test('a name that leads inside is not spoken to', async () => {
    const inside = openOutbound({ ...hostile.outbound.policy, allowNetworks: [] });
    await expect(read(rapnet, { outbound: inside })).rejects.toEqual(failure('address-refused'));
  });

  test('a provider that asks to wait is waited for, a few times', async () => {
    const waited: number[] = [];
    let left = 2;
    hostile.feeds.attack = {
      does: 'throttles',
      answer(bytes) {
        return left-- > 0
          ? new Response('slow down', { status: 429, headers: { 'retry-after': '7' } })
          : new Response(new Uint8Array(bytes));
      },
    };
    const wait = (ms: number): Promise<void> => {
      waited.push(ms);
      return Promise.resolve();
    };
    expect(await read(rapnet, { wait })).toBeGreaterThan(1_000_000);
    expect(waited).toEqual([7_000, 7_000]);
    left = 100;
    await expect(read(rapnet, { wait })).rejects.toEqual(failure('status', { status: 429 }));
    hostile.feeds.attack = null;
  });
});
