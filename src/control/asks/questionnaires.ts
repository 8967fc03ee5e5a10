import { readdirSync, readFileSync } from 'node:fs';
import { type AskItem, claim, questionnaire, type Questionnaire } from '@loupe/contract';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { canonicalJson, type Clock, sha256Hex } from '#kernel';
import { QUESTION_IDS } from '#plane';
import { controlError } from '../errors.ts';
import type { State, StateTables } from '../state.ts';

type Option = AskItem['options'][number];

const YES: readonly Option[] = [
  { value: 'yes', text: 'Yes', claims: 'holds' },
  { value: 'partly', text: 'Partly', claims: 'falls-short' },
  { value: 'no', text: 'No', claims: 'falls-short' },
];
const UNSURE: Option = { value: 'unsure', text: 'I do not know', claims: 'unknown' };

/** Sets of options that many items share. */
const OPTION_SETS = {
  'yes-partly-no': [...YES, UNSURE],
  'yes-partly-no-na': [
    ...YES,
    { value: 'na', text: 'Does not apply to us', claims: 'not-applicable' },
    UNSURE,
  ],
} as const satisfies Record<string, readonly Option[]>;

/** How an item stands in `rules/questionnaires`: what is empty is left out, and shared options have a name. */
const shippedItem = z.strictObject({
  id: z.string(),
  question: z.enum(QUESTION_IDS),
  asks: z.string(),
  kind: z.enum(['choice', 'text']),
  options: z
    .union([
      z.enum(['yes-partly-no', 'yes-partly-no-na']),
      z.array(z.strictObject({ value: z.string(), text: z.string(), claims: claim })),
    ])
    .default([]),
  seen: z.array(z.string()).default([]),
  papers: z.array(z.string()).default([]),
  refs: z.array(z.string()).default([]),
  good: z.string().nullable().default(null),
  vague: z.string().nullable().default(null),
});
const shipped = z.strictObject({
  ...questionnaire.shape,
  sections: z.array(z.strictObject({ id: z.string(), title: z.string(), items: z.array(shippedItem) })),
});

/** Reads a questionnaire as it stands in `rules/`; throws a ZodError for any other shape. */
function readShipped(text: string): Questionnaire {
  const read = shipped.parse(JSON.parse(text));
  return {
    ...read,
    sections: read.sections.map((section) => ({
      ...section,
      items: section.items.map((item) => ({
        ...item,
        options: typeof item.options === 'string' ? [...OPTION_SETS[item.options]] : item.options,
      })),
    })),
  };
}

const FOLDER = new URL('../../../rules/questionnaires/', import.meta.url);

const ORDER: readonly string[] = ['developer', 'provider', 'jeweler', 'mvsp'];

/** The questionnaires that come with Loupe, in the order in which they are offered. */
export const SHIPPED: readonly Questionnaire[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => readShipped(readFileSync(new URL(name, FOLDER), 'utf8')))
  .toSorted((a, b) => ORDER.indexOf(a.id) - ORDER.indexOf(b.id));

export function itemsOf(form: Questionnaire): readonly AskItem[] {
  return form.sections.flatMap((section) => section.items);
}

function hashOf(form: Questionnaire): string {
  return sha256Hex(canonicalJson(form));
}

const MAX_IMPORTED_ITEMS = 400;
const MAX_ASKS = 1_000;

/** Headings under which spreadsheets keep their columns. */
const COLUMNS = {
  section: /^(section|domain|category|area|topic)\b/iu,
  asks: /^(question|control question|query|requirement|control)\b/iu,
  ref: /^(id|ref|reference|no\.?|number|#|control id|question id)$/iu,
  about: /^(answers|loupe|question of loupe)$/iu,
} as const;

/**
 * Makes a questionnaire of a spreadsheet's rows: a heading row with a column of questions, and perhaps of sections and numbers. Each question is
 * answered by yes, partly, no and a text. Null where no such column is found.
 */
export function fromRows(title: string, rows: readonly (readonly string[])[]): Questionnaire | null {
  const head = rows.findIndex((row) => row.some((cell) => COLUMNS.asks.test(cell)));
  const heading = rows[head];
  if (heading === undefined) return null;
  const column = (name: keyof typeof COLUMNS): number =>
    heading.findIndex((cell) => COLUMNS[name].test(cell));
  const at = { section: column('section'), asks: column('asks'), ref: column('ref'), about: column('about') };
  const sections: Questionnaire['sections'] = [];
  let count = 0;
  for (const row of rows.slice(head + 1)) {
    const asks = (row[at.asks] ?? '').slice(0, MAX_ASKS);
    if (asks === '' || count >= MAX_IMPORTED_ITEMS) continue;
    const sectionTitle = (row[at.section] ?? '').slice(0, 200) || (sections.at(-1)?.title ?? 'Questions');
    let section = sections.at(-1);
    if (section?.title !== sectionTitle) {
      section = { id: `S${sections.length + 1}`, title: sectionTitle, items: [] };
      sections.push(section);
    }
    count += 1;
    const ref = (row[at.ref] ?? '').slice(0, 40);
    const about = QUESTION_IDS.find((id) => id === row[at.about]);
    section.items.push({
      id: `I${count}`,
      question: about ?? 'P2',
      asks,
      kind: 'choice',
      options: [...OPTION_SETS['yes-partly-no-na']],
      seen: [],
      papers: [],
      refs: ref === '' ? [] : [ref],
      good: null,
      vague: null,
    });
  }
  if (count === 0) return null;
  return {
    id: 'imported',
    version: 1,
    for: 'vendor',
    title: title.slice(0, 120),
    intro:
      'A questionnaire that the shop brought with it. Say yes, partly or no, and a sentence where it helps.',
    minutes: Math.max(5, Math.ceil(count / 2)),
    sections,
  };
}

export interface Offered {
  readonly form: Questionnaire;
  readonly hash: string;
  readonly imported: boolean;
}

export interface Questionnaires {
  /** What can be sent for a shop: what ships, and what was imported for it. */
  offered(shopId: string): Promise<readonly Offered[]>;
  /** Finds one to send, by its id or (imported ones) its hash, and keeps it as it is. Throws `control/not-found`. */
  take(shopId: string, id: string): Promise<Offered>;
  byHash(hash: string): Promise<Questionnaire>;
  add(shopId: string, form: Questionnaire): Promise<string>;
}

export function openQuestionnaires(state: State, clock: Clock): Questionnaires {
  const db = state.kysely;
  const cache = new Map<string, Questionnaire>(SHIPPED.map((form) => [hashOf(form), form]));

  async function keep(form: Questionnaire, shopId: string | null): Promise<string> {
    const hash = hashOf(form);
    const values = {
      hash,
      shop_id: shopId,
      id: form.id,
      body: canonicalJson(form),
      made_at: clock.now(),
      offered: 1,
    };
    await db
      .insertInto('questionnaire')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    cache.set(hash, form);
    return hash;
  }

  function read(row: Selectable<StateTables['questionnaire']>): Questionnaire {
    const form = questionnaire.parse(JSON.parse(row.body));
    cache.set(row.hash, form);
    return form;
  }

  return {
    async offered(shopId) {
      const rows = await db
        .selectFrom('questionnaire')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('offered', '=', 1)
        .orderBy('made_at')
        .execute();
      return [
        ...SHIPPED.map((form) => ({ form, hash: hashOf(form), imported: false })),
        ...rows.map((row) => ({ form: read(row), hash: row.hash, imported: true })),
      ];
    },
    async take(shopId, id) {
      const found = (await this.offered(shopId)).find((offer) =>
        offer.imported ? offer.hash === id : offer.form.id === id,
      );
      if (found === undefined) throw controlError('control/not-found');
      if (!found.imported) await keep(found.form, null);
      return found;
    },
    async byHash(hash) {
      const cached = cache.get(hash);
      if (cached !== undefined) return cached;
      const row = await db
        .selectFrom('questionnaire')
        .selectAll()
        .where('hash', '=', hash)
        .executeTakeFirstOrThrow();
      return read(row);
    },
    async add(shopId, form) {
      // Two shops may import the same sheet: the shop's id keeps their hashes, and so their rows, apart.
      return await keep(
        { ...form, id: `imported-${sha256Hex(`${shopId}\n${hashOf(form)}`).slice(0, 12)}` },
        shopId,
      );
    },
  };
}
