// Feeds, as the worker does them: loads, and catalogues out of loads.
import { type Showing, showing } from '@loupe/contract';
import {
  type CataloguePlan,
  FETCH_BOUNDS,
  type LoadReport,
  type Made,
  makeCatalogue,
  openSession,
  performLoad,
  previewCatalogue,
  type Provider,
  PROVIDERS,
  type Release,
} from '#feeds';
import { fromBase64, type Json, LoupeError } from '#kernel';
import { fieldsOf, type JsonObject } from '#plane';
import { entitlementOf } from '../feeds/feed-book.ts';
import { rulesOf } from '../feeds/showing.ts';
import { outboundOf, textsIn, type Work } from './tasks.ts';

/** A load that ended well, or why there is none. */
type LoadRead =
  | { readonly ok: true; readonly report: LoadReport }
  | { readonly ok: false; readonly failure: Readonly<Record<string, string | number>> };

const MAX_ROWS = 6_000_000;

export async function doFeedLoad(task: Json, work: Work): Promise<LoadRead> {
  const fields = fieldsOf(task);
  const provider = providerOf(fields.text('provider'));
  const load = fieldsOf(fields.object('load'));
  const before = fields.json('before');
  const folder = fields.text('folder');
  const session = openSession({
    outbound: outboundOf(fields.json('reach'), work.userAgent),
    hosts: provider.hosts,
    credentials: textsIn(fields.json('credentials')),
    gapMs: provider.gapMs,
    bounds: FETCH_BOUNDS,
    signal: work.signal,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  try {
    const report = await performLoad(
      {
        provider,
        load: { id: load.text('id'), folder, key: keyIn(load.text('key')) },
        before: before === null ? null : keptIn(before, folder),
        hashKey: keyIn(fields.text('hashKey')),
        releases: releasesIn(fields.json('releases')),
        maxBytes: FETCH_BOUNDS.maxBytes,
        maxRows: MAX_ROWS,
        onProgress: ({ stage, bytes }) => work.onProgress(stage, String(bytes)),
      },
      session,
    );
    return { ok: true, report };
  } catch (error) {
    if (!(error instanceof LoupeError) || !error.code.startsWith('feeds/')) throw error;
    const details = Object.entries(error.details).flatMap(([name, detail]) =>
      typeof detail === 'string' || typeof detail === 'number' ? [[name, detail] as const] : [],
    );
    return { ok: false, failure: { ...Object.fromEntries(details), code: error.code } };
  }
}

/** What was made for the window; or, where somebody only asked, what it would be. */
type CatalogueDone = { readonly made: Made } | { readonly preview: ReturnType<typeof previewCatalogue> };

export async function doFeedPublish(task: Json): Promise<CatalogueDone> {
  const fields = fieldsOf(task);
  const load = fields.object('load');
  const given: Showing = showing.parse(JSON.parse(fields.text('showing')));
  const plan: CataloguePlan = {
    feed: fields.text('feed'),
    provider: providerOf(fields.text('provider')),
    load: keptIn(load, fieldsOf(load).text('folder')),
    entitlement: entitlementOf({ entitlement: JSON.stringify(fields.json('entitlement')) }),
    ...rulesOf(given),
    now: fields.integer('now'),
  };
  if (fields.flag('preview')) return { preview: previewCatalogue(plan) };
  return { made: await makeCatalogue(plan, fields.text('into')) };
}

function providerOf(id: string): Provider {
  const provider = PROVIDERS.find((known) => known.id === id);
  if (provider === undefined) throw new TypeError(`no such provider: ${id}`);
  return provider;
}

function keyIn(text: string): Uint8Array {
  const key = fromBase64(text);
  if (key === null) throw new TypeError('a key in base64');
  return key;
}

function keptIn(value: JsonObject | Json, folder: string): CataloguePlan['load'] {
  const fields = fieldsOf(value);
  return {
    id: fields.text('id'),
    folder,
    key: keyIn(fields.text('key')),
    pricesAccepted: fields.flag('pricesAccepted'),
  };
}

function releasesIn(value: Json): readonly Release[] {
  if (!Array.isArray(value)) throw new TypeError('a list of releases');
  return value.map((one: Json) => {
    const fields = fieldsOf(one);
    const figures = fields.json('figures');
    return {
      keyHigh: fields.integer('keyHigh'),
      keyLow: fields.integer('keyLow'),
      figures: Array.isArray(figures) ? figures.map(Number) : [],
    };
  });
}
