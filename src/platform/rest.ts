// What WooCommerce and Magento have in common: JSON over REST, page by page.
import { type Json, MINUTE_MS, SECOND_MS } from '#kernel';
import type { Outbound } from '#outbound';
import { isObject, type JsonObject } from '#plane';
import { type Collector, newCollector } from './collector.ts';
import { AccessDenied, ReadFailed, readFailureOf } from './failed.ts';
import { boundFetch, FetchFailed } from './fetch.ts';
import { type ItemKind, MAX_ITEMS, type ReadResult } from './item.ts';
import type { ReadOptions } from './reading.ts';

const CALL_MS = 20 * SECOND_MS;
const CALL_BYTES = 16 * 1024 * 1024;
const READING_MS = 5 * MINUTE_MS;
/** Pages of a hundred: as many as hold the most items of a reading. */
const MAX_PAGES: number = MAX_ITEMS / 100;

/** One shop's REST interface. */
export interface Rest {
  /** One answer. Throws `AccessDenied` for what the key may not read, `ReadFailed` for all else. */
  get(path: string): Promise<Json>;
}

export function openRest(outbound: Outbound, host: string, authorization: string, signal: AbortSignal): Rest {
  const fetchOwn = boundFetch(outbound, {
    hosts: [host],
    maxBodyBytes: CALL_BYTES,
    timeoutMs: CALL_MS,
    signal,
  });
  return {
    async get(path) {
      const answer = await fetchOwn(`https://${host}${path}`, {
        headers: { authorization, accept: 'application/json' },
      });
      if (answer.status === 401) throw new ReadFailed('refused');
      // A part that is switched off is not there, and one that the key may not see is refused: gaps, both.
      if (answer.status === 403 || answer.status === 404) throw new AccessDenied();
      if (answer.status === 429) throw new ReadFailed('throttled');
      if (answer.status >= 500) throw new ReadFailed('unreachable');
      if (answer.status !== 200) throw new ReadFailed('bad-answer');
      return parse(await answer.text());
    },
  };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new ReadFailed('bad-answer');
  }
}

/** All objects of a list, page by page; null where there are more than a reading holds. `listOf` finds the list in an answer. */
export async function pagesOf(
  rest: Rest,
  pathOf: (page: number) => string,
  listOf: (answer: Json) => Json | undefined,
): Promise<readonly JsonObject[] | null> {
  const found: JsonObject[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const list = listOf(await rest.get(pathOf(page)));
    if (!Array.isArray(list)) throw new ReadFailed('bad-answer');
    for (const one of list) {
      if (!isObject(one)) throw new ReadFailed('bad-answer');
      found.push(one);
    }
    if (list.length < 100) return found;
  }
  return null;
}

/** Reads the parts that are asked for; one that may not be read is a gap, and the others go on. */
export async function readParts(
  options: ReadOptions,
  parts: Readonly<Partial<Record<ItemKind, (into: Collector, signal: AbortSignal) => Promise<void>>>>,
): Promise<ReadResult> {
  const began = performance.now();
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(READING_MS)]);
  const into = newCollector();
  try {
    for (const kind of options.kinds) {
      const read = parts[kind];
      if (read === undefined) continue;
      try {
        await read(into, signal);
      } catch (error) {
        if (error instanceof AccessDenied) into.gap(kind, 'closed');
        else if (readFailureOf(error) === 'bad-answer') into.gap(kind, 'failed');
        else throw error;
      }
    }
    // Not one part: that is another software's address, or a key without any right.
    if (into.covered.size === 0 && into.gaps.length > 0) return { ok: false, why: 'not-allowed' };
    return {
      ok: true,
      reading: {
        at: options.clock.now(),
        ms: Math.round(performance.now() - began),
        covered: [...into.covered],
        items: into.items,
        gaps: into.gaps,
        traces: [],
        texts: into.texts,
        access: { scopes: [], askedVersion: null, servedVersion: null, subscribed: [], resubscribed: [] },
      },
    };
  } catch (error) {
    return { ok: false, why: error instanceof FetchFailed ? 'unreachable' : readFailureOf(error) };
  }
}
