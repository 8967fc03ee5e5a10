// A catalogue out of a kept load: what is chosen, priced, and allowed to be seen. The same load and rules give the same files.
import type { Entitlement } from '../entitlement/entitlement.ts';
import { acceptPrices } from '../load/history.ts';
import { type KeptLoad, openKept, readKeptTable } from '../load/kept.ts';
import { rowTexts } from '../load/row-texts.ts';
import { COLUMN_NAMES, type Column, type LoadTable } from '../load/table.ts';
import { type Choice, type LeftOut, type Selection, select } from '../price/choice.ts';
import { NO_RULES, type PriceRules } from '../price/price.ts';
import type { Texts } from '../providers/adapter.ts';
import type { Provider } from '../providers/provider.ts';
import type { ShownStone } from '../stone/shown.ts';
import { type HashedFile, writeHashedFile } from '#storage';
import { stonesFile, type TextPlaces } from './catalogue-file.ts';

export interface CataloguePlan {
  readonly feed: string;
  readonly provider: Provider;
  readonly load: KeptLoad & { readonly pricesAccepted: boolean };
  readonly entitlement: Entitlement;
  readonly choice: Choice;
  /** Of no matter where the contract lets no price be shown. */
  readonly rules: PriceRules | null;
  readonly now: number;
}

export interface Made {
  readonly rows: number;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  readonly stones: HashedFile;
  readonly texts: HashedFile;
}

/** What would be shown, before it is. */
export interface Preview {
  readonly rows: number;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  /** The cheapest, the middle and the dearest price, minor units; null where nothing is shown. */
  readonly prices: readonly [least: number, middle: number, most: number] | null;
  readonly currency: string;
  /** A few stones over the whole range, with what the provider asks and what shoppers would pay. */
  readonly examples: readonly PricedExample[];
}

export interface PricedExample extends Pick<ShownStone, 'shape' | 'carat' | 'color' | 'clarity' | 'lab'> {
  readonly costMinor: number;
  readonly priceMinor: number;
}

const EXAMPLES = 12;
/** What a catalogue is made of: all but what a stone once cost. */
const SHOWN: readonly Column[] = COLUMN_NAMES.filter((name) => name !== 'basisMinor');

/** Writes the files of a catalogue into `folder`, by their hashes. They count for nothing until a signed pointer names them. */
export async function makeCatalogue(plan: CataloguePlan, folder: string): Promise<Made> {
  const { table, selection } = selected(plan);
  const places = textPlaces(selection.rows.length);
  const texts = await writeHashedFile(folder, textsOf(plan, table, selection, places));
  const stones = await writeHashedFile(
    folder,
    stonesFile(
      {
        v: 1,
        of: plan.provider.adapter.of,
        feed: plan.feed,
        provider: plan.provider.name,
        currency: currencyOf(plan),
        rows: selection.rows.length,
        show: plan.entitlement.show,
      },
      table,
      selection,
      places,
    ),
  );
  return { rows: selection.rows.length, leftOut: selection.leftOut, stones, texts };
}

export function previewCatalogue(plan: CataloguePlan): Preview {
  const { table, selection } = selected(plan);
  const { rows, prices, leftOut } = selection;
  const count = rows.length;
  const examples = Array.from({ length: Math.min(EXAMPLES, count) }, (_, i) => {
    const place = Math.floor((i * Math.max(0, count - 1)) / Math.max(1, Math.min(EXAMPLES, count) - 1));
    const row = rows[place] ?? 0;
    const {
      shape,
      carat,
      color,
      clarity,
      lab,
      priceMinor: costMinor,
    } = plan.provider.adapter.shown((figure) => table.of(figure, row));
    return { shape, carat, color, clarity, lab, costMinor, priceMinor: prices[place] ?? 0 };
  });
  return {
    rows: count,
    currency: currencyOf(plan),
    leftOut,
    prices: count === 0 ? null : [prices[0] ?? 0, prices[count >> 1] ?? 0, prices[count - 1] ?? 0],
    examples,
  };
}

function currencyOf({ rules, provider }: CataloguePlan): string {
  return rules?.currency ?? provider.adapter.currency;
}

function selected(plan: CataloguePlan): { readonly table: LoadTable; readonly selection: Selection } {
  const table = readKeptTable(plan.load, SHOWN, false);
  if (plan.load.pricesAccepted) acceptPrices(table);
  const rules = plan.entitlement.prices === 'none' ? null : (plan.rules ?? NO_RULES);
  return { table, selection: select(table, plan.choice, rules, plan.now) };
}

function textPlaces(stones: number): TextPlaces & { set(place: number, begin: number, bytes: number): void } {
  const begins = new Float64Array(stones);
  const lengths = new Uint32Array(stones);
  return {
    begin: (place) => begins[place] ?? 0,
    bytes: (place) => lengths[place] ?? 0,
    set(place, begin, bytes) {
      begins[place] = begin;
      lengths[place] = bytes;
    },
  };
}

const FLUSH_BYTES = 1024 * 1024;

/** The texts of all chosen stones, read from where their rows lie in the kept bytes, and cleaned; each one's place is noted. */
function* textsOf(
  plan: CataloguePlan,
  table: LoadTable,
  { rows }: Selection,
  places: ReturnType<typeof textPlaces>,
): Generator<Uint8Array> {
  const raw = openKept(plan.load, 'raw');
  try {
    const textsAt = rowTexts(raw, plan.provider.adapter);
    let begin = 0;
    let held: string[] = [];
    let heldBytes = 0;
    // Rows of the table are in the order of the file, and so each of its pieces is opened once.
    const inOrder = rows.map((_, place) => place).sort((a, b) => (rows[a] ?? 0) - (rows[b] ?? 0));
    for (const place of inOrder) {
      const row = rows[place] ?? 0;
      const text = JSON.stringify(
        shownTexts(textsAt(table.of('offset', row), table.of('rowBytes', row)), plan.entitlement),
      );
      const bytes = Buffer.byteLength(text);
      places.set(place, begin, bytes);
      begin += bytes;
      held.push(text);
      heldBytes += bytes;
      if (heldBytes < FLUSH_BYTES) continue;
      yield Buffer.from(held.join(''));
      held = [];
      heldBytes = 0;
    }
    yield Buffer.from(held.join(''));
  } finally {
    raw.close();
  }
}

const filled = (name: string, text: string | null): Record<string, string> =>
  text === null || text === '' ? {} : { [name]: text };

/** What shoppers may read of a stone: `certificate`, `report`, `image`, `video`, `comment`, as far as the contract goes; and what goods are called. */
export function shownTexts(texts: Texts, { show }: Entitlement): Readonly<Record<string, string>> {
  return {
    ...texts.facts,
    ...(show.includes('certificate') ? filled('certificate', texts.certificate) : {}),
    ...(show.includes('report') ? filled('report', texts.certificateUrl) : {}),
    ...(show.includes('media') ? filled('image', texts.imageUrl) : {}),
    ...(show.includes('media') ? filled('video', texts.videoUrl) : {}),
    ...(show.includes('comment') ? filled('comment', texts.comment) : {}),
  };
}
