// What shoppers may ask, out of the query of an address. Strict: a name or word that is not known is refused, so that a filter is never silently none.
import type { Ware } from '../goods/kinds.ts';
import { facetsOf, type FacetWords } from './catalogue.ts';
import type { Facet } from './catalogue-file.ts';
import { type Query, SORTS, type Sort, type Span } from './search.ts';

export interface Asked {
  readonly query: Query;
  readonly page: number;
  readonly perPage: number;
}

export type ReadQuery =
  | { readonly ok: true; readonly asked: Asked }
  /** The parameter that cannot be read. */
  | { readonly ok: false; readonly parameter: string };

const MAX_WORDS = 40;
const MAX_PER_PAGE = 100;
const MAX_DEPTH = 10_000;
const USUAL_PER_PAGE = 24;

/** Facets of stones whose words have an order: `D-G` is everything from the one to the other. */
const ORDERED: ReadonlySet<Facet> = new Set([
  'color',
  'clarity',
  'cut',
  'polish',
  'symmetry',
  'fluorescence',
]);

/** Reads a query. Weights in carats, prices in whole units of the currency with at most two decimals. */
export function readQuery(parameters: URLSearchParams, ware: Ware = 'stones'): ReadQuery {
  const known = facetsOf(ware);
  const facets: Partial<Record<Facet, readonly number[]>> = {};
  let caratMilli: Span = [null, null];
  let priceMinor: Span = [null, null];
  let sort: Sort = 'price';
  let page: number | null = 1;
  let perPage: number | null = USUAL_PER_PAGE;
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (seen.has(name)) return { ok: false, parameter: shown(name) };
    seen.add(name);
    const facet = known.find((one) => one.name === name);
    if (facet !== undefined) {
      const codes = codesOf(facet, ware, value);
      if (codes === null) return { ok: false, parameter: name };
      facets[facet.facet] = codes;
    } else if (name === 'price' || (name === 'carat' && ware === 'stones')) {
      const span = spanOf(value, name === 'carat' ? 3 : 2);
      if (span === null) return { ok: false, parameter: name };
      if (name === 'carat') caratMilli = span;
      else priceMinor = span;
    } else if (name === 'sort') {
      const order = SORTS.find((one) => one === value);
      if (order === undefined || (order.endsWith('carat') && ware !== 'stones'))
        return { ok: false, parameter: name };
      sort = order;
    } else if (name === 'page') page = countOf(value, MAX_DEPTH);
    else if (name === 'per') perPage = countOf(value, MAX_PER_PAGE);
    else return { ok: false, parameter: shown(name) };
  }
  if (perPage === null) return { ok: false, parameter: 'per' };
  if (page === null || page * perPage > MAX_DEPTH) return { ok: false, parameter: 'page' };
  return {
    ok: true,
    asked: { query: { facets, caratMilli, priceMinor, sort, most: page * perPage }, page, perPage },
  };
}

/** A stranger's name for a parameter is not repeated unless it is a plain word. */
function shown(name: string): string {
  return /^[a-z]{1,20}$/u.test(name) ? name : 'an unknown one';
}

function codesOf({ facet, words }: FacetWords, ware: Ware, value: string): readonly number[] | null {
  const parts = value.split(',');
  if (parts.length > MAX_WORDS) return null;
  const codes: number[] = [];
  for (const part of parts) {
    const code = words.indexOf(part);
    if (code >= 0) {
      codes.push(code);
      continue;
    }
    const [from, to] =
      ware === 'stones' && ORDERED.has(facet) ? part.split('-').map((word) => words.indexOf(word)) : [];
    if (from === undefined || to === undefined || from < 0 || to < from) return null;
    for (let one = from; one <= to; one++) codes.push(one);
  }
  return codes;
}

/** One number, or none: at most nine digits before the point, and so many after it. */
const NUMBER = { 2: /^(?:\d{1,9}(?:\.\d{1,2})?)?$/u, 3: /^(?:\d{1,9}(?:\.\d{1,3})?)?$/u } as const;

/** `0.5-1.2`, `0.5-`, `-1.2`; integers of the last decimal. */
function spanOf(value: string, decimals: 2 | 3): Span | null {
  const ends = value.split('-');
  if (ends.length !== 2 || ends.some((text) => !NUMBER[decimals].test(text))) return null;
  const scale = 10 ** decimals;
  const [from, to] = ends.map((text) => (text === '' ? null : Math.round(Number(text) * scale)));
  return [from ?? null, to ?? null];
}

function countOf(value: string, most: number): number | null {
  const count = /^\d{1,6}$/u.test(value) ? Number(value) : 0;
  return count >= 1 && count <= most ? count : null;
}
