// The server of stones that are passed through: each search asks the provider, and nothing of its answer is kept. It is reached through the edge.
import { type Asked, readQuery } from '#feeds';
import { SECOND_MS } from '#kernel';
import { openChannel } from '#plane';
import { type LiveFeed, openLiveFeeds, reasonOf } from './live-feeds.ts';
import { nothing, type Place, send, serve, type Serving } from './serve.ts';

export interface LiveOptions extends Place {
  /** Where control says which feeds there are. */
  readonly controlSocket: string;
  readonly userAgent: string;
  now(): number;
  readonly onError: (error: unknown) => void;
}

/** How often control is asked: a switch that was thrown is seen within this. */
const ASK_MS = SECOND_MS / 2;
/** Questions of one feed that are on their way or wait for their turn. */
const MAX_WAITING = 16;

interface Passed {
  readonly status: number;
  readonly body: object;
}

const BUSY: Passed = { status: 503, body: { error: 'Others are asking; try again soon.' } };
const GONE: Passed = { status: 404, body: { error: 'This stone is not here any more.' } };
const UNANSWERED: Passed = { status: 502, body: { error: 'The provider does not answer; try again later.' } };

/** Starts passing stones through. */
export async function startLive(options: LiveOptions): Promise<Serving> {
  const channel = openChannel(options.controlSocket);
  const feeds = openLiveFeeds(channel, options.userAgent);
  const waiting = new Map<string, number>();
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    // Control may be down: then all goes on as it was, and whoever supervises tells it.
    await feeds.refresh().catch(() => undefined);
    asking = false;
  };
  await ask();
  const timer = setInterval(() => void ask(), ASK_MS);

  /** What a question of a shopper's comes to. */
  async function passedThrough(feed: LiveFeed, asked: Asked, ref: string | undefined): Promise<Passed> {
    const before = waiting.get(feed.id) ?? 0;
    if (before >= MAX_WAITING) return BUSY;
    waiting.set(feed.id, before + 1);
    try {
      if (ref !== undefined) {
        const stone = await feed.finder.stone(ref, options.now());
        return stone === null ? GONE : { status: 200, body: stone };
      }
      const found = await feed.finder.page(asked, options.now());
      feed.note(found);
      const perPage = Math.min(asked.perPage, feed.provider.maxPerPage);
      return { status: 200, body: { ...found, page: asked.page, perPage, facets: {} } };
    } catch (error) {
      const why = reasonOf(error);
      if (why === null) throw error;
      feed.note({ why });
      return UNANSWERED;
    } finally {
      waiting.set(feed.id, (waiting.get(feed.id) ?? 1) - 1);
    }
  }

  const serving = await serve(
    options,
    async (url, request, response) => {
      const [, room, name = '', ref, more] = url.pathname.split('/');
      const feed = room === 'live' && more === undefined ? feeds.of(name) : null;
      if (feed === null) {
        nothing(request, response);
        return;
      }
      const read = readQuery(url.searchParams);
      const parameter = read.ok ? feed.provider.cannot(read.asked) : read.parameter;
      if (!read.ok || parameter !== null) {
        send(request, response, 400, { error: 'This cannot be asked.', parameter });
        return;
      }
      const { status, body } = await passedThrough(feed, read.asked, ref);
      // Somebody may have thrown its switch meanwhile.
      if (feeds.of(name) !== feed) nothing(request, response);
      else {
        if (status === 503) response.setHeader('retry-after', '5');
        send(request, response, status, body, 'live');
      }
    },
    options.onError,
  );
  return {
    port: serving.port,
    async close() {
      clearInterval(timer);
      await serving.close();
      channel.close();
    },
  };
}
