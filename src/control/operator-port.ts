// What control offers the operator's command line on a socket that only this machine's user can open: to have a feed loaded, kept loads looked at once more, and the firewall's doings explained and excluded from. The worker has no part in it: it has read what strangers sent.
import { createReadStream, readFileSync } from 'node:fs';
import { fieldsOf, type Methods } from '#plane';
import { controlError } from './errors.ts';
import type { EdgeFirewall } from './edges/firewall.ts';
import type { RulePacks } from './edges/rule-packs.ts';
import type { Drops } from './feeds/drops.ts';
import type { FeedLoads } from './feeds/feed-loads.ts';
import { INSPECTIONS, type Inspections } from './feeds/inspections.ts';
import { failureText } from './messages/feeds.ts';
import type { State } from './state.ts';

/** Who did it, in the ledger: whoever may use this machine's account. */
const OPERATOR = 'operator';

export interface OperatorOptions {
  readonly state: State;
  readonly drops: Drops;
  readonly feedLoads: FeedLoads;
  readonly inspections: Inspections;
  readonly edgeFirewall: EdgeFirewall;
  readonly rulePacks: RulePacks;
}

export function operatorMethods({
  state,
  drops,
  feedLoads,
  inspections,
  edgeFirewall,
  rulePacks,
}: OperatorOptions): Methods {
  async function shopOf(table: 'feed' | 'feed_load', id: string): Promise<string> {
    const row = await state.kysely
      .selectFrom(table)
      .select('shop_id')
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row.shop_id;
  }

  /** A shop by its id or host; the only one where none is named. */
  async function shopNamed(name: string | null): Promise<string> {
    const shops = await state.kysely
      .selectFrom('shop')
      .select(['id', 'host'])
      .where('removed_at', 'is', null)
      .execute();
    const found = name === null ? shops : shops.filter(({ id, host }) => id === name || host === name);
    const [only] = found;
    if (only === undefined || found.length > 1) throw controlError('control/not-found');
    return only.id;
  }

  return {
    'feeds.load': async (params) => {
      const fields = fieldsOf(params);
      const [feed, path] = [fields.text('feed'), fields.textOrNull('path')];
      const shop = await shopOf('feed', feed);
      // The file is read here: whoever may use this socket is whoever may read it.
      const drop = path === null ? null : await drops.receive(shop, createReadStream(path), OPERATOR);
      await feedLoads.request(shop, feed, drop);
      return null;
    },
    'feeds.inspect': async (params) => {
      const fields = fieldsOf(params);
      const load = fields.text('load');
      const shop = await shopOf('feed_load', load);
      return { shop, id: await inspections.request(shop, load, fields.oneOf('what', INSPECTIONS), OPERATOR) };
    },
    'feeds.inspected': async (params) => {
      const fields = fieldsOf(params);
      const [shop, id] = [fields.text('shop'), fields.text('id')];
      const found = await inspections.get(shop, id);
      if (found.state === 'failed') return { state: 'failed', says: failureText(found.failure) };
      return found.state === 'listed' ? { ...found, csv: await inspections.sheet(shop, id) } : { ...found };
    },
    'waf.import': async (params) => {
      const fields = fieldsOf(params);
      // The file is read here: whoever may use this socket is whoever may read it.
      const bytes = readFileSync(fields.text('path'));
      return { ...(await rulePacks.add(bytes, fields.oneOf('source', ['folder', 'release']), OPERATOR)) };
    },
    'waf.packs': async (params) => {
      const shop = await shopNamed(fieldsOf(params).textOrNull('shop'));
      return JSON.parse(JSON.stringify(await rulePacks.view(shop)));
    },
    'waf.choose': async (params) => {
      const fields = fieldsOf(params);
      const shop = await shopNamed(fields.textOrNull('shop'));
      const step = fields.oneOf('step', ['try', 'enforce', 'back']);
      if (step === 'try') await rulePacks.try(shop, fields.textOrNull('pack'), OPERATOR);
      else await rulePacks[step](shop, OPERATOR);
      return JSON.parse(JSON.stringify(await rulePacks.view(shop)));
    },
    'waf.explain': async (params) => {
      const explained = await edgeFirewall.explain(null, fieldsOf(params).text('reference'));
      return JSON.parse(JSON.stringify(explained));
    },
    'waf.exclude': async (params) => {
      const fields = fieldsOf(params);
      const [reference, undo] = [
        fields.text('reference'),
        fields.oneOf('action', ['make', 'undo']) === 'undo',
      ];
      const { route, exclusions } = await edgeFirewall.exclude(null, reference, undo, OPERATOR);
      return { route, exclusions: exclusions.map((one) => ({ ...one })) };
    },
  };
}
