// RapNet's Instant Inventory, by RapNet's own published samples: a token for the client's id and secret, then searches, page by page. Its terms forbid to keep anything: stones are passed through to whoever asked.
import { HOUR_MS, type Json, SECOND_MS, textOf } from '#kernel';
import { feedError } from '../errors.ts';
import type { FetchSession } from '../fetch/session.ts';
import type { Asked } from '../publish/query.ts';
import { flatJson } from '../read/json-value.ts';
import type { FlatRecord } from '../read/record.ts';
import { CLARITIES, COLORS, FLUORESCENCES, LABS, SHAPES } from '../stone/words.ts';
import { csvAdapter } from './csv-adapter.ts';
import type { LiveProvider, LiveSearch } from './provider.ts';

const TOKEN_HOST = 'authztoken.api.rapaport.com';
const HOST = 'technet.rapnetapis.com';
/** Page sizes of twenty to fifty are what others ask for; more is not documented. */
const PAGE = 50;
const ANSWER_BOUNDS = { maxDepth: 10, maxScalars: 5_000 };
/** A token is good for a day; it is renewed well before. */
const TOKEN_MS = 12 * HOUR_MS;

const COLUMNS = {
  id: 'diamondID',
  shape: 'shape',
  weight: 'size',
  color: 'color',
  hue: 'fancyColorDominantColor',
  intensity: 'fancyColorIntensity',
  clarity: 'clarity',
  cut: 'cut',
  polish: 'polish',
  symmetry: 'symmetry',
  fluorescence: 'fluorIntensity',
  length: 'measLength',
  width: 'measWidth',
  height: 'measDepth',
  depth: 'depthPercent',
  table: 'tablePercent',
  lab: 'lab',
  certificate: 'certNum',
  imageUrl: 'imageFile',
  videoUrl: 'videoURL',
  total: 'totalSalesPrice',
};

export const rapnetInstant: LiveProvider = {
  id: 'rapnet-instant',
  name: 'RapNet, Instant Inventory',
  terms: {
    store: 'never',
    maxKeepDays: null,
    says: 'Stones may be shown live and may not be downloaded or put into a database of your own.',
    source: 'RapNet Instant Inventory documentation',
  },
  hosts: [TOKEN_HOST, HOST],
  credentials: [
    { name: 'clientId', label: 'Client id' },
    { name: 'clientSecret', label: 'Client secret' },
  ],
  signsInBy: 'request',
  replacedBy: null,
  mayBePlain: false,
  everyMs: HOUR_MS,
  gapMs: SECOND_MS / 5,
  adapter: csvAdapter({
    provider: 'rapnet-instant',
    currency: 'USD',
    money: 'units',
    // RapNet takes no others.
    growth: 'natural',
    discount: 'percent',
    columns: COLUMNS,
    flags: {},
  }),
  fields: Object.values(COLUMNS),
  maxPerPage: PAGE,
  // White and fancy stones are two searches there.
  cannot: ({ query: { facets } }) =>
    facets.color?.includes(FANCY) === true && facets.color.length > 1 ? 'color' : null,
  open: openSearch,
};

const FANCY = COLORS.indexOf('fancy');

function openSearch(session: FetchSession): LiveSearch {
  let token: { readonly text: string; readonly until: number } | null = null;

  async function bearer(): Promise<string> {
    if (token !== null && token.until > performance.now()) return token.text;
    const { clientId = '', clientSecret = '' } = session.credentials;
    const answer = await ask(session, `https://${TOKEN_HOST}/api/get`, {
      client_id: clientId,
      client_secret: clientSecret,
    });
    const text = answer.get('access_token') ?? '';
    if (!/^[\x21-\x7e]{1,4000}$/u.test(text)) throw notFetched('credentials', TOKEN_HOST);
    token = { text, until: performance.now() + TOKEN_MS };
    return text;
  }

  async function search(path: string, body: Json): Promise<ReadonlyMap<string, string>> {
    try {
      const answer = await ask(
        session,
        `https://${HOST}/instant-inventory/api/${path}`,
        { request: { header: {}, body } },
        await bearer(),
      );
      const error = scalar(answer, /(?:^|\.)error_code$/u);
      if (error !== null && Number(error) !== 0) throw notFetched('provider-error', HOST);
      return answer;
    } catch (error) {
      // The next one signs in anew.
      token = null;
      throw error;
    }
  }

  return {
    async page(asked) {
      const answer = await search('Diamonds', question(asked));
      const total = Number(scalar(answer, /(?:^|\.)searchResults\.totalDiamondsFound$/u) ?? Number.NaN);
      if (!Number.isSafeInteger(total) || total < 0) throw notFetched('unexpected-answer', HOST);
      const records = recordsIn(answer, /(?:^|\.)diamonds\.(\d+)\.(\w+)$/u);
      if (records.length > PAGE) throw notFetched('unexpected-answer', HOST);
      return { records, total };
    },
    async stone(id) {
      const answer = await search('SingleDiamond', { diamond_id: id });
      return recordsIn(answer, /(?:^|\.)diamond(\.)(\w+)$/u);
    },
  };
}

/** The one value under a name, wherever the envelope has it. */
function scalar(answer: ReadonlyMap<string, string>, name: RegExp): string | null {
  for (const [path, text] of answer) if (name.test(path)) return text;
  return null;
}

/** The stones of an answer, in their order. */
function recordsIn(answer: ReadonlyMap<string, string>, member: RegExp): readonly FlatRecord[] {
  const records = new Map<string, Map<string, string>>();
  for (const [path, text] of answer) {
    const [, place, field] = member.exec(path) ?? [];
    if (place === undefined || field === undefined) continue;
    const record = records.get(place) ?? new Map<string, string>();
    records.set(place, record.set(field, text));
  }
  return [...records.values()].map((texts) => ({ texts, begins: '' }));
}

/** RapNet's names of what it filters by a range of. */
const GRADE_WORDS = ['', '', 'Excellent', 'Very Good', 'Good', 'Fair', 'Poor'];
const titled = (words: readonly string[]): string[] =>
  words.map((word) =>
    word
      .split('-')
      .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
      .join(' '),
  );
const SHAPE_WORDS = titled(SHAPES);
const FLUORESCENCE_WORDS = titled(FLUORESCENCES);

/** A search, in RapNet's words. It is at least as wide as what was asked for: what does not fit is left out afterwards. */
function question({ query, page, perPage }: Asked): Json {
  const { facets, caratMilli, sort } = query;
  const isFancy = facets.color?.includes(FANCY) === true;
  return {
    search_type: isFancy ? 'Fancy' : 'White',
    ...listed('shapes', facets.shape, SHAPE_WORDS),
    ...listed('labs', facets.lab, LABS),
    ...listed('fluorescence_intensities', facets.fluorescence, FLUORESCENCE_WORDS),
    ...(isFancy ? {} : spanned('color', facets.color, COLORS)),
    ...spanned('clarity', facets.clarity, CLARITIES),
    ...spanned('cut', facets.cut, GRADE_WORDS),
    ...spanned('polish', facets.polish, GRADE_WORDS),
    ...spanned('symmetry', facets.symmetry, GRADE_WORDS),
    ...(caratMilli[0] === null ? {} : { size_from: caratMilli[0] / 1_000 }),
    ...(caratMilli[1] === null ? {} : { size_to: caratMilli[1] / 1_000 }),
    page_number: page,
    page_size: perPage,
    sort_by: sort.endsWith('price') ? 'price' : 'size',
    sort_direction: sort.startsWith('-') ? 'Desc' : 'Asc',
  };
}

/** A filter by a list; left out where a word has no name there. */
function listed(
  name: string,
  codes: readonly number[] | undefined,
  words: readonly string[],
): Record<string, Json> {
  if (codes === undefined) return {};
  const named = codes.map((code) => words[code] ?? '');
  return named.includes('') ? {} : { [name]: named };
}

/** A filter by a range: from the first to the last that was asked for; left out where one has no name there. */
function spanned(
  name: string,
  codes: readonly number[] | undefined,
  words: readonly string[],
): Record<string, Json> {
  if (codes === undefined || codes.length === 0) return {};
  const [from, to] = [words[Math.min(...codes)], words[Math.max(...codes)]];
  return from === undefined || from === '' || to === undefined || to === ''
    ? {}
    : { [`${name}_from`]: from, [`${name}_to`]: to };
}

async function ask(
  session: FetchSession,
  url: string,
  body: Json,
  token?: string,
): Promise<ReadonlyMap<string, string>> {
  const bytes = await session.ask({
    url: new URL(url),
    method: 'POST',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify(body),
  });
  const answer = flatJson(textOf(bytes) ?? '', ANSWER_BOUNDS);
  if (answer === null) throw notFetched('unexpected-answer', new URL(url).hostname);
  return answer;
}

function notFetched(why: string, host: string): Error {
  return feedError('feeds/not-fetched', { details: { why, host } });
}
