// A person's word for single stones: in the window as they are, whatever was found. Good for one offer with exactly these figures.
import { type Clock, type Json, newId } from '#kernel';
import { fieldsOf } from '#plane';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State } from '../state.ts';
import type { LoadRow } from './feed-loads.ts';

export interface Releases {
  /** Lets in the stone at this place of a load's report. Throws `control/not-found` where there is none, or it is in no quarantine. */
  add(load: LoadRow, report: Json, place: number, reason: string, by: string): Promise<void>;
}

const MAX_RELEASES = 5_000;

export function openReleases(state: State, clock: Clock): Releases {
  return {
    async add(load, report, place, reason, by) {
      const specimens = report === null ? [] : fieldsOf(report).json('specimens');
      const found = Array.isArray(specimens) ? specimens[place] : undefined;
      if (found === undefined || !fieldsOf(found).flag('quarantined'))
        throw controlError('control/not-found');
      const stone = fieldsOf(fieldsOf(found).object('release'));
      const now = clock.now();
      const row = {
        id: newId('rel', now),
        feed_id: load.feed_id,
        shop_id: load.shop_id,
        key_high: stone.integer('keyHigh'),
        key_low: stone.integer('keyLow'),
        figures: JSON.stringify(stone.json('figures')),
        reason,
        made_by: by,
        made_at: now,
        ended_at: null,
      };
      await state.transaction(async (tx) => {
        const there = await tx
          .selectFrom('feed_release')
          .select(['key_high', 'key_low', 'figures'])
          .where('feed_id', '=', load.feed_id)
          .where('ended_at', 'is', null)
          .execute();
        if (there.length >= MAX_RELEASES) throw controlError('control/too-many');
        const isSame = (one: (typeof there)[number]): boolean =>
          one.key_high === row.key_high && one.key_low === row.key_low && one.figures === row.figures;
        if (there.some(isSame)) throw controlError('control/conflict');
        await tx.insertInto('feed_release').values(row).execute();
        const body = {
          feed: load.feed_id,
          load: load.id,
          release: row.id,
          findings: [...fieldsOf(found).texts('findings')],
        };
        await recordChange(tx, { kind: 'stone-released', shop: load.shop_id, by, body }, now);
      });
    },
  };
}
