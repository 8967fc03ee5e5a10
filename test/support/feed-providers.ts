import { createServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import { FEED_HOSTS, openSampleFeeds, type SampleFeeds } from '../../sample/feeds/services.ts';
import { type SampleStone, sampleStone } from '../../sample/feeds/stones.ts';
import type { ControlOptions } from '#control';
import { testAuthority } from './certificates.ts';

export interface FeedProviders {
  readonly feeds: SampleFeeds;
  /** How Loupe reaches them. */
  readonly reach: ControlOptions['reach'];
  close(): Promise<void>;
}

export const manyStones = (count: number, first = 1): readonly SampleStone[] =>
  Array.from({ length: count }, (_, i) => sampleStone(first + i));

/** The sample's providers of stones, under their own names on this machine. */
export async function startFeedProviders(stones: readonly SampleStone[]): Promise<FeedProviders> {
  const feeds = openSampleFeeds(stones);
  const authority = await testAuthority();
  const { key, cert } = await authority.issue([...FEED_HOSTS]);
  const listen = getRequestListener(feeds.app.fetch);
  const server = createServer({ key, cert }, (request, response) => void listen(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const to = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const reach = {
    allowNetworks: ['127.0.0.1'],
    extraCa: [authority.ca],
    resolver: null,
    connectTo: Object.fromEntries(FEED_HOSTS.map((host) => [`${host}:443`, to])),
  };
  return {
    feeds,
    reach: Object.fromEntries(FEED_HOSTS.map((host) => [host, reach])),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
