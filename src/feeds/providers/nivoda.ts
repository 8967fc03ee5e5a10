// Nivoda, GraphQL, by its published documentation: signing in is a query with the account's own name and password, prices are in cents, fifty offers a page at most. The number of offers that comes with a
// page is known to be wrong; the one that is asked for by itself counts.
import { DAY_MS, type Json, textOf } from '#kernel';
import { feedError } from '../errors.ts';
import type { FetchSession } from '../fetch/session.ts';
import { flatJson } from '../read/json-value.ts';
import type { FlatRecord } from '../read/record.ts';
import { transcript } from '../read/transcript.ts';
import type { Growth } from '../stone/words.ts';
import { csvAdapter } from './csv-adapter.ts';
import type { Provider } from './provider.ts';

const HOST = 'integrations.nivoda.net';
const PAGE = 50;
/** Offers come and go while pages are turned. */
const MAY_MISS = 0.02;
/** Of a whole page; the session bounds its bytes. */
const ANSWER_BOUNDS = { maxDepth: 12, maxScalars: 5_000 };

const SIGN_IN = `query ($username: String!, $password: String!) {
  authenticate { username_and_password(username: $username, password: $password) { token } }
}`;
const COUNT = 'query ($query: DiamondQuery) { diamonds_by_query_count(query: $query) }';
const OFFERS = `query ($query: DiamondQuery, $offset: Int, $limit: Int) {
  diamonds_by_query(query: $query, offset: $offset, limit: $limit) {
    items {
      id
      price
      diamond {
        certificate {
          lab certNumber shape carats color clarity cut polish symmetry floInt length width depth table pdfUrl
        }
      }
    }
  }
}`;

const certificate = (name: string): string[] => [`diamond.certificate.${name}`];
const COLUMNS = {
  id: ['id'],
  shape: certificate('shape'),
  weight: certificate('carats'),
  color: certificate('color'),
  clarity: certificate('clarity'),
  cut: certificate('cut'),
  polish: certificate('polish'),
  symmetry: certificate('symmetry'),
  fluorescence: certificate('floInt'),
  length: certificate('length'),
  width: certificate('width'),
  height: certificate('depth'),
  table: certificate('table'),
  lab: certificate('lab'),
  certificate: certificate('certNumber'),
  certificateUrl: certificate('pdfUrl'),
  total: ['price'],
};
const FIELDS = Object.values(COLUMNS).flat();

function nivodaOf(id: string, name: string, growth: Growth): Provider {
  return {
    id,
    name,
    terms: {
      store: 'by-contract',
      maxKeepDays: null,
      says: 'Offers are for the account’s own site; what may be kept and shown is in the agreement with Nivoda.',
      source: 'Nivoda API documentation',
    },
    hosts: [HOST],
    credentials: [
      { name: 'username', label: 'E-mail of the account' },
      { name: 'password', label: 'Password' },
    ],
    signsInBy: 'request',
    replacedBy: null,
    mayBePlain: false,
    everyMs: DAY_MS,
    // 25 questions a second are the most that are known to be answered.
    gapMs: 50,
    adapter: csvAdapter({
      provider: id,
      currency: 'USD',
      money: 'minor',
      growth,
      discount: 'percent',
      columns: COLUMNS,
      flags: {},
    }),
    fetch: (session) => transcript(FIELDS, offers(session, { labgrown: growth === 'lab' })),
  };
}

export const nivoda: Provider = nivodaOf('nivoda', 'Nivoda, natural diamonds', 'natural');
export const nivodaGrown: Provider = nivodaOf('nivoda-lab-grown', 'Nivoda, lab-grown diamonds', 'lab');

/** All offers, page by page, until a page is not full. */
async function* offers(session: FetchSession, query: Json): AsyncGenerator<FlatRecord> {
  const { username = '', password = '' } = session.credentials;
  const signedIn = await ask(session, SIGN_IN, { username, password }, null);
  const token = signedIn.get('data.authenticate.username_and_password.token') ?? '';
  if (!/^[\x21-\x7e]{1,4000}$/u.test(token)) throw notFetched('credentials');
  const counted = await ask(session, COUNT, { query }, token);
  const count = Number(counted.get('data.diamonds_by_query_count') ?? Number.NaN);
  if (!Number.isSafeInteger(count)) throw notFetched('unexpected-answer');
  let read = 0;
  let before = '';
  for (let offset = 0; ; offset += PAGE) {
    const page = itemsIn(await ask(session, OFFERS, { query, offset, limit: PAGE }, token));
    if (page.length > PAGE) throw notFetched('unexpected-answer');
    const ids = JSON.stringify(page.map(({ texts }) => texts?.get('id')));
    // A server that gives one page again and again would never come to an end.
    if (page.length > 0 && ids === before) throw notFetched('page-repeated');
    before = ids;
    yield* page;
    read += page.length;
    if (page.length < PAGE) break;
  }
  if (read < count * (1 - MAY_MISS) - PAGE) throw notFetched('pages-missing');
}

const ITEM = /^data\.diamonds_by_query\.items\.(\d+)\.(.+)$/u;

/** The offers of a page, in their order. */
function itemsIn(answer: ReadonlyMap<string, string>): readonly FlatRecord[] {
  const items: Map<string, string>[] = [];
  for (const [path, text] of answer) {
    const [, place = '', field = ''] = ITEM.exec(path) ?? [];
    if (place === '') continue;
    // Elements of a list come in their order, and one without scalars is no offer.
    const item = items[Number(place)] ?? new Map<string, string>();
    items[Number(place)] = item;
    item.set(field, text);
  }
  return items.map((texts) => ({ texts, begins: '' }));
}

/** One question and its answer, made flat; one that holds errors is none, whatever its status says. `token` null: nobody is signed in yet. */
async function ask(
  session: FetchSession,
  query: string,
  variables: Json,
  token: string | null,
): Promise<ReadonlyMap<string, string>> {
  const bytes = await session.ask({
    url: new URL(`https://${HOST}/api/diamonds`),
    method: 'POST',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify({ query, variables }),
  });
  const answer = flatJson(textOf(bytes) ?? '', ANSWER_BOUNDS);
  if (answer === null) throw notFetched('unexpected-answer');
  if ([...answer.keys()].some((path) => path.startsWith('errors.')))
    throw notFetched(token === null ? 'credentials' : 'provider-error');
  return answer;
}

function notFetched(why: string): Error {
  return feedError('feeds/not-fetched', { details: { why, host: HOST } });
}
