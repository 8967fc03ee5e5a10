// The feeds whose stones are passed through, as control says twice a second: which there are, under which names, what signs in, and what may be shown at what price. What signs in is in this process' memory alone.
import {
  FETCH_BOUNDS,
  LIVE_PROVIDERS,
  type LiveFinder,
  liveFinder,
  type LiveFound,
  type LiveProvider,
  openSession,
} from '#feeds';
import { fromBase64, type Json, LoupeError, SECOND_MS } from '#kernel';
import { openOutbound } from '#outbound';
import { type Channel, fieldsOf, type JsonObject } from '#plane';

/** What is told of a feed since control was last told. */
interface Told {
  answers: number;
  failures: number;
  stones: number;
  keptOut: number;
  /** Why the newest question came to nothing; null: it did not. */
  why: string | null;
  reached: JsonObject[];
}

export interface LiveFeed {
  readonly id: string;
  readonly provider: LiveProvider;
  readonly finder: LiveFinder;
  /** Notes what came of a question. */
  note(found: Pick<LiveFound, 'stones' | 'keptOut'> | { readonly why: string }): void;
}

/** A feed, and what was said of it when it was opened. */
interface OpenFeed {
  readonly feed: LiveFeed;
  readonly said: string;
  end(): void;
}

export interface LiveFeeds {
  /** The feed of that public name; null where there is none, or it is switched off. */
  of(name: string): LiveFeed | null;
  /** Asks control what there is, and tells it what was seen. Where it does not answer, all goes on as it was. */
  refresh(): Promise<void>;
}

/** A shopper waits: a provider that is slower than this is none. */
const BOUNDS = {
  ...FETCH_BOUNDS,
  maxBytes: 4 * 1024 * 1024,
  timeoutMs: 12 * SECOND_MS,
  idleMs: 8 * SECOND_MS,
  maxTries: 1,
};

export function openLiveFeeds(channel: Channel, userAgent: string): LiveFeeds {
  let mark = '';
  /** By public name. */
  let feeds: ReadonlyMap<string, OpenFeed> = new Map();
  const told = new Map<string, Told>();

  function open(given: Json): OpenFeed {
    const fields = fieldsOf(given);
    const id = fields.text('feed');
    const provider = LIVE_PROVIDERS.find((one) => one.id === fields.text('provider'));
    const hashKey = fromBase64(fields.text('hashKey'));
    if (provider === undefined || hashKey === null) throw new TypeError('a live feed of control’s');
    const reach = fieldsOf(fields.object('reach'));
    const end = new AbortController();
    const session = openSession({
      outbound: openOutbound({
        allowNetworks: reach.texts('allowNetworks'),
        extraCa: reach.texts('extraCa'),
        resolver: reach.textOrNull('resolver'),
        connectTo: textsOf(reach.object('connectTo')),
        userAgent,
      }),
      hosts: provider.hosts,
      credentials: textsOf(fields.object('credentials')),
      gapMs: provider.gapMs,
      plain: false,
      handedIn: null,
      bounds: BOUNDS,
      signal: end.signal,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    const finder = liveFinder({
      provider,
      search: provider.open(session),
      hashKey,
      // As control made them, out of what people said.
      ...JSON.parse(fields.text('showing')),
    });
    const feed: LiveFeed = {
      id,
      provider,
      finder,
      note(found) {
        const one = told.get(id) ?? {
          answers: 0,
          failures: 0,
          stones: 0,
          keptOut: 0,
          why: null,
          reached: [],
        };
        told.set(id, one);
        one.reached = session.reached.map((host) => ({ ...host }));
        if ('why' in found) {
          one.failures++;
          one.why = found.why;
          return;
        }
        one.answers++;
        one.stones += found.stones.length;
        one.keptOut += found.keptOut;
        one.why = null;
      },
    };
    return { feed, said: JSON.stringify(given), end: () => end.abort() };
  }

  return {
    of: (name) => feeds.get(name)?.feed ?? null,
    async refresh() {
      const saying = [...told];
      told.clear();
      let answer: ReturnType<typeof fieldsOf>;
      try {
        const seen = saying.map(([feed, one]): JsonObject => ({ feed, ...one }));
        answer = fieldsOf(await channel.call('live.feeds', { mark, seen }, 5 * SECOND_MS));
      } catch (error) {
        // To be told again, less what is newer by now.
        for (const [feed, one] of saying) if (!told.has(feed)) told.set(feed, one);
        throw error;
      }
      if (answer.text('mark') === mark) return;
      const given = answer.json('feeds');
      const before = feeds;
      feeds = new Map(
        (Array.isArray(given) ? given : []).map((one: Json) => {
          const name = fieldsOf(one).text('name');
          const there = before.get(name);
          // One of which nothing else is said goes on: another shop's change is no matter of its shoppers.
          return [name, there?.said === JSON.stringify(one) ? there : open(one)];
        }),
      );
      mark = answer.text('mark');
      // Whoever waits for an answer under what was said before gets none.
      for (const [name, one] of before) if (feeds.get(name) !== one) one.end();
    },
  };
}

function textsOf(value: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  );
}

/** Why a question came to nothing, in a word. */
export function reasonOf(error: unknown): string | null {
  if (!(error instanceof LoupeError) || !error.code.startsWith('feeds/')) return null;
  return typeof error.details['why'] === 'string' ? error.details['why'] : error.code;
}
