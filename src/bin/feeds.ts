// Feeds on the command line: what there is, a load now, a kept load looked at once more.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FeedListing } from '#control';
import { MINUTE_MS } from '#kernel';
import { fieldsOf } from '#plane';
import { startError } from './errors.ts';
import { askControl } from './operator.ts';
import type { Settings } from './settings.ts';

/** A shop's feeds for a terminal. */
export function feedsText(listing: FeedListing): string {
  return [
    `${listing.host} (${listing.shop})`,
    ...listing.feeds.flatMap((feed) => [
      `  ${feed.name}${feed.state === 'on' ? '' : ', switched off'} (${feed.id})`,
      ...feed.loads.map(
        (load) =>
          `    ${new Date(load.startedAt).toISOString().slice(0, 16)} ${load.state.padEnd(9)} ${
            load.stones === null ? load.says : `${load.stones} stones, ${load.quarantined} in quarantine`
          } (${load.id})`,
      ),
    ]),
    ...(listing.feeds.length === 0 ? ['  no feed'] : []),
    '',
  ].join('\n');
}

/** Whether nothing waits for anybody: no load is held, and none failed last. */
export function feedsInOrder({ feeds }: FeedListing): boolean {
  return feeds.every(
    ({ state, loads: [newest] }) =>
      state === 'off' || (newest?.state !== 'held' && newest?.state !== 'failed'),
  );
}

/** A file of 1 GiB is sealed on the way. */
const HAND_IN_MS = 5 * MINUTE_MS;

/** Has a feed loaded by the Loupe that runs here: fetched, or a file that is handed in. */
export async function loadFeed(settings: Settings, feed: string, file: string | undefined): Promise<void> {
  const path = file === undefined ? null : resolve(file);
  if (path !== null && statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw startError('start/unreadable', { details: { path } });
  await askControl(settings, (channel) => channel.call('feeds.load', { feed, path }, HAND_IN_MS));
}

const ASK_EVERY_MS = 300;
/** A load of another feed may be at the worker before; longer than this nobody waits. */
const LONGEST_MS = 15 * MINUTE_MS;

type Quarantine =
  | { readonly ok: true; readonly csv: string; readonly stones: number; readonly of: number }
  | { readonly ok: false; readonly says: string };

/** The quarantine of a kept load as CSV and how much of it that is, or why a worker could not read it. */
export async function quarantineOf(settings: Settings, load: string): Promise<Quarantine> {
  const found = fieldsOf(
    await askControl(settings, async (channel) => {
      const asked = fieldsOf(await channel.call('feeds.inspect', { load, what: 'quarantine' }));
      const begin = performance.now();
      for (;;) {
        const answer = await channel.call('feeds.inspected', {
          shop: asked.text('shop'),
          id: asked.text('id'),
        });
        if (fieldsOf(answer).text('state') !== 'waiting') return answer;
        if (performance.now() - begin > LONGEST_MS)
          return { state: 'failed', says: 'No worker has come to it; ask again later.' };
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
      }
    }),
  );
  if (found.text('state') !== 'listed') return { ok: false, says: found.text('says') };
  return { ok: true, csv: found.text('csv'), stones: found.integer('stones'), of: found.integer('of') };
}
