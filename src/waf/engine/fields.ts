// The values of a transaction's variables, as they are read from its messages.
import {
  fieldsOf,
  isStrictFault,
  type MultipartFaults,
  type Part,
  readMultipart,
} from '../body/multipart.ts';
import { hasBadEscape, type Pair, readForm } from '../body/form.ts';
import { readJson } from '../body/json.ts';
import { isBinary, readable } from '../body/readable.ts';
import { readXml } from '../body/xml.ts';
import type { BodyProcessor, Selector, Settings } from '../seclang/rule.ts';
import { VARIABLES, type VariableName } from '../seclang/variable.ts';
import { lowercase } from '../transform/shape.ts';
import { percentDecode } from '../transform/url.ts';
import type { Connection, RequestHead, ResponseHead } from './message.ts';
import { Value, type ValuePool } from './value.ts';

/** One value of a variable; `name` is empty where the variable is a single value. */
export interface Field {
  readonly name: string;
  readonly lower: string;
  readonly value: Value;
}

/** A field of a variable that changes. */
export function made(name: string, text: string): Field {
  return { name, lower: lowercase(name), value: new Value(text) };
}

/** Whether a selector picks a member. */
export function selected(lower: string, name: string, selector: Selector): boolean {
  return selector.kind === 'name' ? selector.name === lower : selector.pattern.test(name);
}

export type FieldLists = (readonly Field[])[];

const NAMES = Object.keys(VARIABLES);
/** The place of each variable in the lists. */
const PLACE: ReadonlyMap<string, number> = new Map(NAMES.map((name, i) => [name, i]));
const VARIABLE_COUNT = NAMES.length;
const NONE: readonly Field[] = [];
const EMPTY: FieldLists = Array.from({ length: VARIABLE_COUNT }, () => NONE);
/** Headers that browsers send the same again and again; what is longer is none of them. */
const HEADER_WORTH = 512;
const EACH_TIME_ANOTHER: ReadonlySet<string> = new Set(['cookie', 'referer']);

export function placeOf(variable: VariableName): number {
  const place = PLACE.get(variable);
  if (place === undefined) throw new TypeError(`no place for ${variable}`);
  return place;
}

/** Media types of bodies and what reads them. */
export function processorOf(contentType: string): BodyProcessor | null {
  const type = lowercase(/^[^;,\s]*/u.exec(contentType.trim())?.[0] ?? '');
  if (type === 'application/x-www-form-urlencoded') return 'URLENCODED';
  if (type === 'multipart/form-data') return 'MULTIPART';
  if (type === 'application/json' || /^application\/.+\+json$/u.test(type)) return 'JSON';
  return /^(?:application|text)\/(?:.+\+)?xml$/u.test(type) ? 'XML' : null;
}

/** What a body looks like that nobody says anything of. */
function sniffed(text: string): BodyProcessor | null {
  if (/^\s*[[{]/u.test(text)) return 'JSON';
  if (/^\s*<[?!A-Za-z]/u.test(text)) return 'XML';
  return /^[\w.%+[\]-]{1,128}=/u.test(text) ? 'URLENCODED' : null;
}

export class Fields {
  readonly lists: FieldLists = EMPTY.slice();
  readonly #pool: ValuePool;
  readonly #settings: Settings;
  readonly #needed: ReadonlySet<VariableName>;

  /** Variables that no rule names are left empty. */
  constructor(pool: ValuePool, settings: Settings, needed: ReadonlySet<VariableName>) {
    this.#pool = pool;
    this.#settings = settings;
    this.#needed = needed;
  }

  get(variable: VariableName): readonly Field[] {
    return this.at(placeOf(variable));
  }

  /** As `get`, by the variable's place. */
  at(place: number): readonly Field[] {
    return this.lists[place] ?? NONE;
  }

  /** Whether a variable has a member of a name, in lower case. */
  has(place: number, name: string): boolean {
    for (const { lower } of this.at(place)) if (lower === name) return true;
    return false;
  }

  one(variable: VariableName, text: string): void {
    if (this.#needed.has(variable))
      this.lists[placeOf(variable)] =
        text === '0' ? this.#pool.zero : [{ name: '', lower: '', value: this.#pool.of(text) }];
  }

  /** A variable that is the same as another one, value and all. */
  #same(variable: VariableName, as: VariableName): void {
    if (this.#needed.has(variable)) this.lists[placeOf(variable)] = this.get(as);
  }

  many(variable: VariableName, pairs: readonly Pair[]): void {
    if (pairs.length > 0 && this.#needed.has(variable))
      this.lists[placeOf(variable)] = pairs.map(([name, value]) => this.#field(name, value));
  }

  #field(name: string, text: string): Field {
    const { lower, secret, field } = this.#pool.name(name);
    return { name: field.name, lower, value: this.#pool.of(text, secret ? 0 : undefined) };
  }

  #headers(headers: RequestHead['headers']): void {
    const fields: Field[] = [];
    const names: Field[] = [];
    for (const [name, text] of headers) {
      const known = this.#pool.name(name);
      const { lower, secret, field } = known;
      const worth = secret || EACH_TIME_ANOTHER.has(lower) ? 0 : HEADER_WORTH;
      fields.push({ name: field.name, lower, value: this.#pool.under(known, text, worth) });
      names.push(field);
    }
    this.lists[placeOf('REQUEST_HEADERS')] = fields;
    if (this.#needed.has('REQUEST_HEADERS_NAMES')) this.lists[placeOf('REQUEST_HEADERS_NAMES')] = names;
  }

  #cookies(lines: readonly Field[]): void {
    const fields: Field[] = [];
    for (const line of lines) {
      if (line.lower !== 'cookie') continue;
      // A cookie is somebody's own, whatever its name.
      for (const [name, text] of cookies(line.value.text))
        fields.push({ ...this.#pool.name(name).field, value: this.#pool.of(text, 0) });
    }
    this.lists[placeOf('REQUEST_COOKIES')] = fields;
    this.#names('REQUEST_COOKIES_NAMES', 'REQUEST_COOKIES');
  }

  #names(variable: VariableName, of: VariableName): void {
    const list = this.get(of);
    if (list.length === 0 || !this.#needed.has(variable)) return;
    this.lists[placeOf(variable)] = list.map(({ name }) => this.#pool.name(name).field);
  }

  connection({ id, client, server, at }: Connection): void {
    this.one('UNIQUE_ID', id);
    this.one('REMOTE_ADDR', client.address);
    this.one('REMOTE_HOST', client.address);
    this.one('REMOTE_PORT', String(client.port));
    this.one('SERVER_ADDR', server.address);
    this.one('SERVER_PORT', String(server.port));
    if (!TIMES.some((variable) => this.#needed.has(variable))) return;
    const time = new Date(at);
    this.one('TIME', time.toISOString().slice(11, 19));
    this.one('TIME_EPOCH', String(Math.floor(at / 1000)));
    this.one('TIME_YEAR', String(time.getUTCFullYear()));
    this.one('TIME_MON', String(time.getUTCMonth() + 1));
    this.one('TIME_DAY', String(time.getUTCDate()));
    this.one('TIME_WDAY', String(time.getUTCDay()));
    this.one('TIME_HOUR', String(time.getUTCHours()));
    this.one('TIME_MIN', String(time.getUTCMinutes()));
    this.one('TIME_SEC', String(time.getUTCSeconds()));
  }

  /** Request line, headers, cookies, arguments of the query. */
  head({ method, target, protocol, headers }: RequestHead): void {
    this.one('REQUEST_METHOD', method);
    this.one('REQUEST_URI_RAW', target);
    this.one('REQUEST_PROTOCOL', protocol);
    if (this.#needed.has('REQUEST_LINE')) this.one('REQUEST_LINE', `${method} ${target} ${protocol}`);
    const isLocal = target.charCodeAt(0) === 0x2f;
    const uri = isLocal
      ? target
      : target.slice(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/iu.exec(target)?.[0].length ?? 0);
    if (isLocal && !uri.includes('%') && this.#needed.has('REQUEST_URI_RAW'))
      this.#same('REQUEST_URI', 'REQUEST_URI_RAW');
    else this.one('REQUEST_URI', percentDecode(uri));
    const question = uri.indexOf('?');
    const path = percentDecode(question < 0 ? uri : uri.slice(0, question));
    this.one('REQUEST_FILENAME', path);
    this.one('PATH_INFO', path);
    this.one('REQUEST_BASENAME', path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
    this.#headers(headers);
    const lines = this.get('REQUEST_HEADERS');
    if (this.#needed.has('SERVER_NAME'))
      this.one(
        'SERVER_NAME',
        lines.find(({ lower }) => lower === 'host')?.value.text.replace(/:\d*$/u, '') ?? '',
      );
    this.#cookies(lines);
    const query = question < 0 ? '' : uri.slice(question + 1);
    this.one('QUERY_STRING', query);
    const { args } = readForm(query, this.#settings.argumentSeparator, this.#settings.argumentLimit);
    this.many('ARGS_GET', args);
    this.#names('ARGS_GET_NAMES', 'ARGS_GET');
    this.one('URLENCODED_ERROR', hasBadEscape(query) ? '1' : '0');
    this.#combineArguments();
    for (const variable of ZERO_AT_FIRST) this.one(variable, '0');
  }

  /** ARGS and what is counted of them, out of query and body. */
  #combineArguments(): void {
    const posted = this.get('ARGS_POST');
    const all = posted.length === 0 ? this.get('ARGS_GET') : [...this.get('ARGS_GET'), ...posted];
    this.lists[placeOf('ARGS')] = all;
    this.#names('ARGS_NAMES', 'ARGS');
    if (!this.#needed.has('ARGS_COMBINED_SIZE')) return;
    let size = 0;
    for (const { name, value } of all) size += name.length + value.text.length;
    this.one('ARGS_COMBINED_SIZE', String(size));
  }

  /** The body, read by a processor; null: by none. `beyond`: it was longer than what is given. */
  body(
    text: string,
    processor: BodyProcessor | null,
    contentType: string,
    options: { readonly force: boolean; readonly beyond: boolean },
  ): void {
    this.one('REQUEST_BODY_LENGTH', String(text.length));
    this.one('INBOUND_DATA_ERROR', options.beyond ? '1' : '0');
    const guess = processor === null && this.#settings.sniffBody && !isBinary(text) ? sniffed(text) : null;
    const error = this.#read(text, processor ?? guess, contentType, processor === null);
    // What cannot be read as its type is shown as it is: what reads it behind may be more generous.
    if (processor === 'URLENCODED' || (processor === null && options.force) || error !== null)
      this.one('REQUEST_BODY', text);
    // JSON that was read to its end has nothing but its names and values; XML has tags besides, and anything is a form.
    const isRead = error === null && (processor !== null || guess === 'JSON');
    if (text !== '' && !isRead) this.one('UNREAD_BODY', readable(text));
    if (error !== null) {
      this.one('REQBODY_ERROR', '1');
      this.one('REQBODY_ERROR_MSG', error);
      this.one('REQBODY_PROCESSOR_ERROR', '1');
      this.one('REQBODY_PROCESSOR_ERROR_MSG', error);
    }
    if (this.get('ARGS_POST').length > 0) this.#combineArguments();
  }

  #read(text: string, processor: BodyProcessor | null, contentType: string, isGuess: boolean): string | null {
    const { argumentLimit, argumentSeparator, jsonDepth } = this.#settings;
    if (text === '' || processor === null) return null;
    if (processor === 'XML') {
      const { text: inside, attributes, declarations, error } = readXml(text);
      if (declarations.length > 0) this.one('XML_DECLARATIONS', declarations.join('\n'));
      this.many('XML', [['/*', inside], ...attributes.map((value) => ['//@*', value] as const)]);
      return error;
    }
    if (processor === 'MULTIPART') {
      const { parts, faults, error } = readMultipart(text, contentType, argumentLimit);
      this.#multipart(parts, faults);
      return error;
    }
    const { args, error } =
      processor === 'JSON'
        ? readJson(text, { args: argumentLimit, depth: jsonDepth, texts: isGuess ? 'many' : 'one' })
        : readForm(text, argumentSeparator, argumentLimit);
    if (processor === 'URLENCODED' && hasBadEscape(text)) this.one('URLENCODED_ERROR', '1');
    this.#postArguments(args);
    return error;
  }

  #postArguments(args: readonly Pair[]): void {
    this.many('ARGS_POST', args);
    this.#names('ARGS_POST_NAMES', 'ARGS_POST');
  }

  #multipart(parts: readonly Part[], faults: MultipartFaults): void {
    this.#postArguments(fieldsOf(parts));
    const files = parts.flatMap(({ name, fileName, content }) =>
      fileName === null ? [] : [{ name, fileName, content }],
    );
    this.many(
      'FILES',
      files.map(({ name, fileName }) => [name, fileName]),
    );
    this.many(
      'FILES_NAMES',
      files.map(({ name }) => [name, name]),
    );
    this.many(
      'FILES_SIZES',
      files.map(({ name, content }) => [name, String(content.length)]),
    );
    this.many(
      'FILES_TMP_CONTENT',
      files.map(({ name, content }) => [name, content]),
    );
    this.one('FILES_COMBINED_SIZE', String(files.reduce((sum, { content }) => sum + content.length, 0)));
    this.many(
      'MULTIPART_FILENAME',
      files.map(({ name, fileName }) => [name, fileName]),
    );
    this.many(
      'MULTIPART_NAME',
      parts.map(({ name }) => [name, name]),
    );
    this.many(
      'MULTIPART_PART_HEADERS',
      parts.flatMap(({ name, headers }) => headers.map((line) => [name, line] as const)),
    );
    for (const [variable, fault] of FAULTS) this.one(variable, faults[fault] ? '1' : '0');
    this.one('MULTIPART_CRLF_LF_LINES', faults.lfLine && faults.crlfLine ? '1' : '0');
    this.one('MULTIPART_STRICT_ERROR', isStrictFault(faults) ? '1' : '0');
  }

  response({ status, protocol, headers }: ResponseHead): void {
    this.one('RESPONSE_STATUS', String(status));
    this.one('RESPONSE_PROTOCOL', protocol);
    this.one('STATUS_LINE', `${protocol} ${status}`);
    this.many('RESPONSE_HEADERS', headers);
    this.#names('RESPONSE_HEADERS_NAMES', 'RESPONSE_HEADERS');
    const header = (wanted: string) => headers.find(([name]) => lowercase(name) === wanted)?.[1] ?? '';
    this.one('RESPONSE_CONTENT_TYPE', header('content-type'));
    this.one('RESPONSE_CONTENT_LENGTH', header('content-length'));
    this.one('OUTBOUND_DATA_ERROR', '0');
  }

  responseBody(text: string, beyond: boolean): void {
    this.one('RESPONSE_BODY', text);
    this.one('OUTBOUND_DATA_ERROR', beyond ? '1' : '0');
  }
}

const TIMES: readonly VariableName[] = [
  'TIME',
  'TIME_DAY',
  'TIME_EPOCH',
  'TIME_HOUR',
  'TIME_MIN',
  'TIME_MON',
  'TIME_SEC',
  'TIME_WDAY',
  'TIME_YEAR',
];

const ZERO_AT_FIRST: readonly VariableName[] = [
  'FILES_COMBINED_SIZE',
  'INBOUND_DATA_ERROR',
  'MULTIPART_STRICT_ERROR',
  'MULTIPART_UNMATCHED_BOUNDARY',
  'REQBODY_ERROR',
  'REQBODY_PROCESSOR_ERROR',
  'REQUEST_BODY_LENGTH',
];

const FAULTS: readonly (readonly [VariableName, keyof MultipartFaults])[] = [
  ['MULTIPART_BOUNDARY_QUOTED', 'boundaryQuoted'],
  ['MULTIPART_BOUNDARY_WHITESPACE', 'boundaryWhitespace'],
  ['MULTIPART_DATA_AFTER', 'dataAfter'],
  ['MULTIPART_DATA_BEFORE', 'dataBefore'],
  ['MULTIPART_HEADER_FOLDING', 'headerFolding'],
  ['MULTIPART_INVALID_HEADER_FOLDING', 'invalidFolding'],
  ['MULTIPART_INVALID_PART', 'invalidPart'],
  ['MULTIPART_INVALID_QUOTING', 'invalidQuoting'],
  ['MULTIPART_LF_LINE', 'lfLine'],
  ['MULTIPART_MISSING_SEMICOLON', 'missingSemicolon'],
  ['MULTIPART_UNMATCHED_BOUNDARY', 'unmatchedBoundary'],
];

/** Pairs of a Cookie header (RFC 6265, section 4.2), without decoding; what has no `=` is a name without value. */
function cookies(header: string): readonly Pair[] {
  const pairs: Pair[] = [];
  for (let from = 0; from <= header.length; ) {
    const found = header.indexOf(';', from);
    const end = found < 0 ? header.length : found;
    const piece = header.slice(from, end).trim();
    const equals = piece.indexOf('=');
    if (equals >= 0) pairs.push([piece.slice(0, equals).trim(), piece.slice(equals + 1)]);
    else if (piece !== '') pairs.push([piece, '']);
    from = end + 1;
  }
  return pairs;
}
