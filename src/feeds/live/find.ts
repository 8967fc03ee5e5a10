// Stones of a live service, passed through: what comes for one shopper is read, checked and priced as a load of its own, and forgotten with the answer. There is no load before to compare with, so what a stone cost
// yesterday says nothing here; all that one stone and one page can contradict is looked at.
import type { Entitlement } from '../entitlement/entitlement.ts';
import { rowTexts } from '../load/row-texts.ts';
import { runLoad } from '../load/run.ts';
import type { LoadTable } from '../load/table.ts';
import { type Choice, select } from '../price/choice.ts';
import { NO_RULES, type PriceRules } from '../price/price.ts';
import type { LiveProvider, LiveSearch } from '../providers/provider.ts';
import { type Facet, FACETS } from '../publish/catalogue-file.ts';
import type { WindowStone } from '../publish/catalogue.ts';
import { shownTexts } from '../publish/make.ts';
import type { Asked } from '../publish/query.ts';
import type { Query, Span } from '../publish/search.ts';
import type { FlatRecord } from '../read/record.ts';
import { transcript } from '../read/transcript.ts';
import { shownStone } from '../stone/shown.ts';
import { type SealedRefs, sealedRefs } from './sealed-ref.ts';

export interface LivePlan {
  readonly provider: LiveProvider;
  readonly search: LiveSearch;
  readonly entitlement: Entitlement;
  readonly choice: Choice;
  /** Of no matter where the contract lets no price be shown. */
  readonly rules: PriceRules | null;
  /** The feed's own key. */
  readonly hashKey: Uint8Array;
}

export interface LiveFound {
  /** How many there are, as the provider says; what is kept out is counted in it. */
  readonly total: number;
  readonly stones: readonly WindowStone[];
  /** Stones that came and are not shown, and rows that were none. */
  readonly keptOut: number;
}

export interface LiveFinder {
  page(asked: Asked, now: number): Promise<LiveFound>;
  /** A stone by its public name; null where there is none, or it is not to be shown. */
  stone(ref: string, now: number): Promise<WindowStone | null>;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** Opens a way to a live service. Its answers throw `feeds/not-fetched`, `feeds/unreadable`. */
export function liveFinder(plan: LivePlan): LiveFinder {
  const { provider, search } = plan;
  const refs = sealedRefs(plan.hashKey);
  return {
    async page(asked, now) {
      const perPage = Math.min(asked.perPage, provider.maxPerPage);
      const { records, total } = await search.page({ ...asked, perPage });
      const { stones, came } = await shown(plan, refs, records, asked.query, now);
      return { total, stones, keptOut: came - stones.length };
    },
    async stone(ref, now) {
      const id = refs.read(ref);
      if (id === null) return null;
      const { stones } = await shown(plan, refs, await search.stone(id), null, now);
      // An answer about another stone is none.
      return stones.find((one) => one.ref === ref) ?? null;
    },
  };
}

/** Reads, checks, prices and filters what came. */
async function shown(
  { provider, entitlement, choice, rules, hashKey }: LivePlan,
  refs: SealedRefs,
  records: readonly FlatRecord[],
  query: Query | null,
  now: number,
): Promise<{ readonly stones: readonly WindowStone[]; readonly came: number }> {
  const pieces: Uint8Array[] = [];
  for await (const piece of transcript(provider.fields, records)) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const { table } = await runLoad({
    adapter: provider.adapter,
    bytes: [bytes],
    hashKey,
    before: null,
    gone: null,
    old: null,
    releases: [],
    maxBytes: MAX_BYTES,
    maxRows: provider.maxPerPage,
  });
  const textsAt = rowTexts({ read: (at, length) => bytes.subarray(at, at + length) }, provider.adapter);
  const priced = entitlement.prices === 'none' ? null : (rules ?? NO_RULES);
  const selection = select(table, { ...choice, most: table.rows }, priced, now);
  const currency = rules?.currency ?? provider.adapter.currency;
  const stones = [...selection.rows].flatMap((row, place) => {
    const priceMinor = selection.prices[place] ?? 0;
    if (query !== null && !fits(query, table, row, priceMinor)) return [];
    const texts = textsAt(table.of('offset', row), table.of('rowBytes', row));
    const ref = refs.of(texts.offerId);
    if (ref === null) return [];
    return [stoneOf(row, ref, priceMinor, shownTexts(texts, entitlement))];
  });
  return { stones: query === null ? stones : ordered(stones, query), came: records.length };

  function stoneOf(row: number, ref: string, priceMinor: number, texts: WindowStone['texts']): WindowStone {
    const {
      priceMinor: _cost,
      availability: _availability,
      ...figures
    } = shownStone((figure) => table.of(figure, row));
    const hasMeasures = entitlement.show.includes('measurements');
    return {
      ref,
      ...figures,
      ...(hasMeasures ? {} : { measurements: [0, 0, 0], depth: 0, table: 0 }),
      price: priceMinor === 0 ? null : { amountMinor: priceMinor, currency },
      texts,
    };
  }
}

function fits(
  { facets, caratMilli, priceMinor }: Query,
  table: LoadTable,
  row: number,
  price: number,
): boolean {
  return (
    FACETS.every((facet: Facet) => facets[facet]?.includes(table.of(facet, row)) ?? true) &&
    within(caratMilli, table.of('caratMilli', row)) &&
    within(priceMinor, price)
  );
}

function within([from, to]: Span, value: number): boolean {
  return (from === null || value >= from) && (to === null || value <= to);
}

/** In the order that was asked for; what the provider's own order was says little of the shop's prices. */
function ordered(stones: readonly WindowStone[], { sort }: Query): readonly WindowStone[] {
  const sign = sort.startsWith('-') ? -1 : 1;
  const key = (stone: WindowStone): number =>
    sort.endsWith('price') ? (stone.price?.amountMinor ?? 0) : stone.carat;
  return stones.toSorted((a, b) => sign * (key(a) - key(b)));
}
