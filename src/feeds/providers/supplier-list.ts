// A supplier that nobody wrote an adapter for: the shop's people say where its list lies, in which form, and which of its columns means what. Everything else is as for any provider.
import { SECOND_MS } from '#kernel';
import { openWorkbook } from '#intake';
import { feedError } from '../errors.ts';
import { plainBytes } from '../fetch/unpack.ts';
import type { FetchSession, Question } from '../fetch/session.ts';
import { jsonRecords } from '../read/json.ts';
import type { FlatRecord } from '../read/record.ts';
import { COMMA, csvReader, rowCells } from '../read/csv.ts';
import { plainText } from '../read/text.ts';
import { csvBlocks, transcript } from '../read/transcript.ts';
import { sheetRows } from '../read/xlsx.ts';
import { xmlRecords } from '../read/xml.ts';
import type { Growth } from '../stone/words.ts';
import { goodsAdapter } from '../goods/goods-adapter.ts';
import type { GoodsKind } from '../goods/kinds.ts';
import type { CsvAdapter } from './adapter.ts';
import { csvAdapter, type NeededColumn, type Separator, type StoneColumn } from './csv-adapter.ts';
import type { CredentialField, Provider } from './provider.ts';

export type ListFormat = 'csv' | 'json' | 'xml' | 'xlsx';

/** How the supplier knows who asks. What is secret is never part of this. */
export type SignIn = 'none' | 'basic' | 'bearer' | 'header' | 'query' | 'ssh-password' | 'ssh-key';

/** In place of an address: nothing is fetched, people hand the list in. */
const HANDED_IN = 'by-hand:';

/** Where a supplier's list lies and how it is asked for. */
export interface ListPlace {
  /** The supplier, as people call it. */
  readonly name: string;
  /** Where the list lies: `https:` (no query that is secret), `sftp:`, or `by-hand:`. */
  readonly url: string;
  /** For SFTP: what the server's host key comes to, as `ssh-keygen -l` writes it; empty where nobody knows yet. */
  readonly hostKey: string;
  readonly signIn: SignIn;
  /** The header's or the parameter's name, for those two. */
  readonly signInName: string;
  readonly format: ListFormat;
  /** For CSV. */
  readonly separator: Separator;
  /** The names that lead to the records of JSON or XML, outermost first. */
  readonly path: readonly string[];
}

/** What people say of a supplier's list. It stays as it is for the life of a feed: what a column means decides what its loads are compared by. */
export type SupplierList = StoneList | GoodsList;

interface Meaning extends ListPlace {
  readonly currency: string;
  readonly money: 'units' | 'minor';
  readonly everyMs: number;
}

export interface GoodsList extends Meaning {
  readonly of: GoodsKind;
  /** Which of the supplier's columns, or paths within a record, is which of ours (`GoodsSpec`). */
  readonly columns: Readonly<Record<string, string | undefined>>;
}

export interface StoneList extends Meaning {
  readonly of: 'stones';
  /** Which of the supplier's columns, or paths within a record, is which of ours. */
  readonly columns: Readonly<Record<NeededColumn, string>> &
    Readonly<Partial<Record<StoneColumn, string | undefined>>>;
  readonly growth: Growth | 'told';
  readonly discount: 'fraction' | 'percent';
}

export const SUPPLIER_LIST = 'supplier-list';

const SSH_PORT = 22;
const MAX_WORKBOOK_BYTES = 32 * 1024 * 1024;

const CREDENTIALS: Readonly<Record<SignIn, readonly CredentialField[]>> = {
  none: [],
  basic: [
    { name: 'username', label: 'User name' },
    { name: 'password', label: 'Password' },
  ],
  bearer: [{ name: 'secret', label: 'Token' }],
  header: [{ name: 'secret', label: 'Value of the header' }],
  query: [{ name: 'secret', label: 'Value of the parameter' }],
  'ssh-password': [
    { name: 'username', label: 'User name' },
    { name: 'password', label: 'Password' },
  ],
  'ssh-key': [
    { name: 'username', label: 'User name' },
    { name: 'secret', label: 'Private key (PEM)' },
  ],
};

/** The provider that a list describes. */
export function supplierProvider(list: SupplierList): Provider {
  return {
    id: SUPPLIER_LIST,
    name: list.name,
    terms: {
      store: 'by-contract',
      maxKeepDays: null,
      says: 'What may be kept and shown is in what you agreed with the supplier.',
      source: 'your agreement',
    },
    hosts: hostsOf(list),
    credentials: CREDENTIALS[list.signIn],
    signsInBy: signsInBy(list),
    replacedBy: null,
    mayBePlain: list.url.startsWith('https:'),
    everyMs: list.everyMs,
    gapMs: SECOND_MS,
    adapter: adapterOf(list),
    fetch: (session) => table(list, session),
  };
}

function adapterOf(list: SupplierList): CsvAdapter {
  const separator = list.format === 'csv' ? list.separator : ',';
  if (list.of !== 'stones') {
    const { of: kind, currency, money, columns } = list;
    return goodsAdapter({ provider: SUPPLIER_LIST, kind, currency, money, columns, separator });
  }
  return csvAdapter({
    provider: SUPPLIER_LIST,
    currency: list.currency,
    money: list.money,
    growth: list.growth,
    discount: list.discount,
    columns: list.columns,
    flags: {},
    separator,
  });
}

/** The hosts that a list lies on; none where people hand it in. */
export function hostsOf({ url }: Pick<ListPlace, 'url'>): readonly string[] {
  return url === HANDED_IN ? [] : [addressOf(url).hostname];
}

/** An address by its parts. Hosts are read in one way, whatever the address begins with. */
function addressOf(url: string): URL {
  return new URL(url.replace(/^sftp:/u, 'https:'));
}

function signsInBy({ url, signIn }: ListPlace): Provider['signsInBy'] {
  if (url === HANDED_IN) return 'person';
  return signIn === 'none' ? 'nothing' : signIn === 'query' ? 'address' : 'request';
}

/** The supplier's list as CSV: as it came, or the fields that are named. */
function table(list: SupplierList, session: FetchSession): AsyncIterable<Uint8Array> {
  const bytes = listBytes(list, session);
  switch (list.format) {
    case 'csv':
      return plainBytes(bytes);
    case 'xlsx':
      return sheet(bytes);
    case 'json':
    case 'xml':
      return transcript(
        Object.values(list.columns).filter((name) => name !== undefined),
        records(list, plainBytes(bytes)),
      );
  }
}

/** Records of JSON or XML. */
function records(list: ListPlace, bytes: AsyncIterable<Uint8Array>): AsyncIterable<FlatRecord> {
  return list.format === 'json' ? jsonRecords(bytes, list.path) : xmlRecords(bytes, list.path);
}

/** The first sheet of a workbook; an archive can be opened only when it is whole. */
async function* sheet(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    size += piece.byteLength;
    if (size > MAX_WORKBOOK_BYTES) throw unreadable(`more than ${MAX_WORKBOOK_BYTES} bytes`);
    pieces.push(piece);
  }
  const opened = openWorkbook(Buffer.concat(pieces));
  if (!opened.ok) throw unreadable(opened.why);
  const [head = [], ...rows] = sheetRows(opened.workbook);
  // Empty cells at the end of a row are not written.
  const blanks = head.map(() => '');
  yield* csvBlocks(
    head,
    rows.map((row) => [...row, ...blanks.slice(row.length)]),
  );
}

function unreadable(why: string): Error {
  return feedError('feeds/unreadable', { details: { why } });
}

/** The list as it lies where it lies. */
function listBytes(list: ListPlace, session: FetchSession): AsyncIterable<Uint8Array> {
  if (list.url === HANDED_IN) return session.handedIn();
  if (!list.url.startsWith('sftp:')) return session.stream(question(list, session.credentials));
  const url = addressOf(list.url);
  const { username = '', password = '', secret = '' } = session.credentials;
  return session.file({
    host: url.hostname,
    port: url.port === '' ? SSH_PORT : Number(url.port),
    path: decodeURIComponent(url.pathname),
    hostKey: list.hostKey,
    username,
    secret: list.signIn === 'ssh-key' ? { privateKey: secret } : { password },
  });
}

/** What is asked over https; the secret goes where the supplier wants it, and nowhere else. */
function question(
  { url: address, signIn, signInName }: ListPlace,
  { username = '', password = '', secret = '' }: Readonly<Record<string, string>>,
): Question {
  const url = new URL(address);
  switch (signIn) {
    case 'none':
    case 'ssh-password':
    case 'ssh-key':
      return { url };
    case 'basic': {
      const text = Buffer.from(`${username}:${password}`).toString('base64');
      return { url, headers: { authorization: `Basic ${text}` } };
    }
    case 'bearer':
      return { url, headers: { authorization: `Bearer ${headerText(secret)}` } };
    case 'header':
      return { url, headers: { [signInName.toLowerCase()]: headerText(secret) } };
    case 'query':
      url.searchParams.set(signInName, secret);
      return { url };
  }
}

/** What may stand in a header (RFC 9110, 5.5); a key that cannot is none that the supplier gave. */
function headerText(secret: string): string {
  if (!/^[\x20-\x7e]*$/u.test(secret))
    throw feedError('feeds/not-fetched', { details: { why: 'credentials' } });
  return secret;
}

/** The first rows of a supplier's list, for people who say what its columns mean: names as they came, texts made plain and cut. */
export interface FirstRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const FIRST_ROWS = 20;
const MAX_COLUMNS = 200;
const MAX_TEXT = 100;

/** Asks for a list and reads its beginning. Throws as a load does. */
export async function firstRows(list: ListPlace, session: FetchSession): Promise<FirstRows> {
  const bytes = listBytes(list, session);
  const { format, separator } = list;
  if (format === 'json' || format === 'xml') return await firstRecords(records(list, plainBytes(bytes)));
  const rows: string[][] = [];
  const csv = csvReader(format === 'csv' ? separator.charCodeAt(0) : COMMA, (row) => {
    if (rows.length <= FIRST_ROWS) rows.push(rowCells(row));
  });
  for await (const piece of format === 'csv' ? plainBytes(bytes) : sheet(bytes)) {
    csv.push(piece);
    if (rows.length > FIRST_ROWS) break;
  }
  if (rows.length <= FIRST_ROWS) csv.end();
  const [columns = [], ...rest] = rows;
  return {
    columns: columns.slice(0, MAX_COLUMNS),
    rows: rest.map((row) => row.slice(0, MAX_COLUMNS).map((cell) => plainText(cell, MAX_TEXT))),
  };
}

async function firstRecords(found: AsyncIterable<FlatRecord>): Promise<FirstRows> {
  const first: ReadonlyMap<string, string>[] = [];
  for await (const { texts } of found) {
    if (texts !== null) first.push(texts);
    if (first.length === FIRST_ROWS) break;
  }
  const columns = [...new Set(first.flatMap((texts) => [...texts.keys()]))].slice(0, MAX_COLUMNS);
  return {
    columns,
    rows: first.map((texts) => columns.map((column) => plainText(texts.get(column) ?? '', MAX_TEXT))),
  };
}
