// What providers and suppliers send, and what shoppers ask of the window.
import {
  type FetchSession,
  LIVE_PROVIDERS,
  liveFinder,
  openSession,
  PROVIDERS,
  readQuery,
  runLoad,
  type SupplierList,
  supplierProvider,
} from '#feeds';
import { LoupeError } from '#kernel';
import { openOutbound } from '#outbound';
import { rapnetHead, rapnetRow, rapnetValues } from '../../sample/feeds/rapnet-file.ts';
import { sampleStone } from '../../sample/feeds/stones.ts';
import { asCsv, asJson, asJsonLines, asXlsx, asXml } from '../../sample/feeds/supplier-lists.ts';
import { zipped } from '../../sample/feeds/zip.ts';
import { SAMPLE_LISTS } from '../support/supplier-lists.ts';
import type { FuzzTarget } from './target.ts';

const STONES = Array.from({ length: 12 }, (_, i) => sampleStone(i + 1));
const LISTED = STONES.map((stone) => rapnetValues(stone));
const HASH_KEY = Buffer.alloc(16, 7);
const CSV_WORDS = [
  '"',
  '""',
  ',',
  ';',
  '\r\n',
  '\n',
  '\r',
  '\u00ef\u00bb\u00bf',
  '1e309',
  '-1',
  'GIA',
  'Round',
  '0x10',
  '\0',
  '=',
];
const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\\u0000',
  '\\ud800',
  'null',
  'true',
  '1e309',
  '-0',
  '__proto__',
  '"size":1,',
  '{"response":',
  '//',
];
const XML_WORDS = [
  '<',
  '>',
  '</',
  '/>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '&a;',
  '&#0;',
  '&#x10ffff;',
  '<?xml version="1.1"?>',
  'xmlns:a="b"',
  '<stone>',
  '</stone>',
];

const SESSION = {
  outbound: openOutbound({ allowNetworks: [], extraCa: [], resolver: null, connectTo: {}, userAgent: '' }),
  hosts: [],
  credentials: {},
  gapMs: 0,
  plain: false,
  bounds: { maxBytes: 1, timeoutMs: 1, idleMs: 1, minBytesPerS: 1, maxTries: 1 },
  signal: new AbortController().signal,
  wait: () => Promise.resolve(),
};

/** Whether an error is a refusal that the room documents. */
function isRefusal(error: unknown): boolean {
  return error instanceof LoupeError && error.code.startsWith('feeds/');
}

/** What a load comes to, or how it was refused; texts of its stones are read, too. */
async function outcome(
  provider: (typeof PROVIDERS)[number],
  bytes: AsyncIterable<Uint8Array>,
): Promise<string> {
  try {
    const { loaded, errors, repeated, table } = await runLoad({
      adapter: provider.adapter,
      bytes,
      hashKey: HASH_KEY,
      before: null,
      gone: null,
      old: null,
      releases: [],
      maxBytes: 8 * 1024 * 1024,
      maxRows: 100_000,
    });
    return JSON.stringify([loaded, errors, repeated, table.rows]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Which of two faults is told first may hang on how the bytes came.
    return 'refused';
  }
}

async function* whole(input: Buffer): AsyncGenerator<Uint8Array> {
  yield input;
}

/** The same in pieces, as a line brings it: where it was cut must not matter. */
async function* cut(input: Buffer): AsyncGenerator<Uint8Array> {
  const step = 1 + (input.length % 97);
  for (let at = 0; at < input.length; at += step) yield input.subarray(at, at + step);
}

async function readsAlike(
  read: (bytes: AsyncIterable<Uint8Array>) => Promise<string>,
  input: Buffer,
): Promise<void> {
  const [one, other] = [await read(whole(input)), await read(cut(input))];
  if (one !== other)
    throw new Error(`read otherwise in pieces: ${one.slice(0, 300)} / ${other.slice(0, 300)}`);
}

const FEED_CODE = ['/src/feeds/', '/src/intake/'];

function listTarget(
  name: string,
  list: SupplierList,
  seeds: readonly (Buffer | string)[],
  words: readonly string[],
): FuzzTarget {
  // Handed in: what is fuzzed is what reads it.
  const provider = supplierProvider({ ...list, url: 'by-hand:', signIn: 'none' });
  return {
    name,
    paths: FEED_CODE,
    seeds: seeds.map((seed) => Buffer.from(seed)),
    words,
    read: (input) =>
      readsAlike((bytes) => {
        const session: FetchSession = {
          ...openSession({ ...SESSION, handedIn: null }),
          handedIn: () => bytes,
        };
        return outcome(provider, provider.fetch(session));
      }, input),
  };
}

const [rapnet] = PROVIDERS;
const [instant] = LIVE_PROVIDERS;
if (rapnet === undefined || instant === undefined) throw new Error('no provider');
const csv = Buffer.from(rapnetHead() + STONES.map((stone) => rapnetRow(stone)).join(''));
const list = asCsv(LISTED);
const page = JSON.stringify({
  response: {
    header: { error_code: 0 },
    body: {
      searchResults: { totalDiamondsFound: 2 },
      diamonds: STONES.slice(0, 3).map(({ id, shape, caratMilli, color, clarity, lab, certificate }) => ({
        diamondID: id,
        shape,
        size: caratMilli / 1_000,
        color,
        clarity,
        lab,
        certNum: certificate,
        totalSalesPrice: 4_000,
      })),
    },
  },
});

export const FEED_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'rapnet-csv',
    paths: FEED_CODE,
    seeds: [csv, csv.subarray(0, 1_500)],
    words: CSV_WORDS,
    read: (input) => readsAlike((bytes) => outcome(rapnet, bytes), input),
  },
  listTarget(
    'list-csv',
    SAMPLE_LISTS.csv,
    [list, zipped('list.csv', Buffer.from(list))],
    [...CSV_WORDS, 'PK\x03\x04', 'PK\x01\x02', '\x1f\x8b\b'],
  ),
  listTarget('list-json', SAMPLE_LISTS.json, [asJson(LISTED)], JSON_WORDS),
  listTarget('list-json-lines', SAMPLE_LISTS.lines, [asJsonLines(LISTED)], JSON_WORDS),
  listTarget('list-xml', SAMPLE_LISTS.xml, [asXml(LISTED)], XML_WORDS),
  listTarget(
    'list-xlsx',
    SAMPLE_LISTS.xlsx,
    [asXlsx(LISTED.slice(0, 3))],
    ['PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06', '<row>', '<c r="', 't="s"', '<v>'],
  ),
  {
    name: 'rapnet-instant',
    paths: FEED_CODE,
    seeds: [Buffer.from(page)],
    words: [...JSON_WORDS, '"diamonds":[', '"totalDiamondsFound":', '"diamondID":', '"error_code":'],
    async read(input) {
      const answers = [Buffer.from('{"access_token":"x"}'), input];
      const session: FetchSession = {
        ...openSession({ ...SESSION, handedIn: null }),
        ask: () => Promise.resolve(answers.shift() ?? input),
      };
      const finder = liveFinder({
        provider: instant,
        search: instant.open(session),
        entitlement: {
          store: false,
          keepDays: 1,
          replay: false,
          prices: 'none',
          show: ['comment', 'media', 'certificate'],
          paper: '',
        },
        choice: { shown: [], hidden: [], most: 1 },
        rules: null,
        hashKey: HASH_KEY,
      });
      const asked = readQuery(new URLSearchParams());
      if (!asked.ok) throw new Error('a query of ours');
      try {
        JSON.stringify(await finder.page(asked.asked, 0));
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    },
  },
  {
    name: 'window-query',
    paths: ['/src/feeds/publish/'],
    seeds: [
      Buffer.from('shape=round,oval&color=D-G&carat=0.5-1.2&price=1000-&sort=-price&page=2&per=10'),
      Buffer.from('case=steel&condition=new'),
    ],
    words: [
      '&',
      '=',
      '-',
      ',',
      '%2C',
      '%00',
      '%ff',
      'carat',
      'price',
      'page=',
      'per=',
      '__proto__',
      '9'.repeat(30),
    ],
    read(input) {
      for (const ware of ['stones', 'watches', 'pieces', 'settings'] as const) {
        const read = readQuery(new URLSearchParams(input.toString('latin1')), ware);
        if (read.ok) {
          const { page: number, perPage, query } = read.asked;
          if (number * perPage > 10_000 || query.most !== number * perPage)
            throw new Error('deeper than it may be');
        } else if (!/^[a-z ]{1,20}$/u.test(read.parameter)) throw new Error('repeats what it was asked');
      }
      return Promise.resolve();
    },
  },
];
