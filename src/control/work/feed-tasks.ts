// Feeds, as the worker does them: loads, and catalogues out of loads.
import { listPlace, type Showing, showing, supplierList } from '@loupe/contract';
import {
  type CataloguePlan,
  FETCH_BOUNDS,
  type FetchSession,
  type FirstRows,
  firstRows,
  hostsOf,
  keptBytes,
  type KeptLoad,
  GIA_GAP_MS,
  GIA_HOSTS,
  type LoadPlan,
  type LoadReport,
  lookUpAtGia,
  type Made,
  makeCatalogue,
  openSession,
  performLoad,
  quarantineSheet,
  type QuarantineSheet,
  repeatLoad,
  previewCatalogue,
  type Provider,
  providerOf,
  type Release,
} from '#feeds';
import { fromBase64, type Json, LoupeError, SECOND_MS } from '#kernel';
import { fieldsOf, type JsonObject } from '#plane';
import { openSealing } from '#storage';
import { entitlementOf } from '../feeds/feed-book.ts';
import { rulesOf } from '../feeds/showing.ts';
import { outboundOf, textsIn, type Work } from './tasks.ts';

/** A load that ended well, or why there is none. */
type LoadRead =
  | { readonly ok: true; readonly report: LoadReport }
  | { readonly ok: false; readonly failure: Readonly<Record<string, string | number>> };

const MAX_ROWS = 6_000_000;

/** Loads whose rows this process has typed, all by the same code; the newest of them. Whatever was typed before it began may have been by an older release. */
const typedHere = new Set<string>();
const MAX_TYPED_HERE = 1_000;

export async function doFeedLoad(task: Json, work: Work): Promise<LoadRead> {
  const fields = fieldsOf(task);
  const provider = providerIn(task);
  const load = fieldsOf(fields.object('load'));
  const before = fields.json('before');
  const folder = fields.text('folder');
  const session = sessionOf(task, { ...provider, plain: fields.flag('plain') }, work, FETCH_BOUNDS);
  const files = openSealing();
  try {
    const report = await performLoad(
      {
        provider,
        load: { id: load.text('id'), folder, key: keyIn(load.text('key')), files },
        before: before === null ? null : { ...keptIn(before, folder), files },
        at: work.clock.now(),
        keepDays: fields.integer('keepDays'),
        typedAlike: before !== null && typedHere.has(fieldsOf(before).text('id')),
        hashKey: keyIn(fields.text('hashKey')),
        releases: releasesIn(fields.json('releases')),
        maxBytes: FETCH_BOUNDS.maxBytes,
        maxRows: MAX_ROWS,
        lookUp: lookUpIn(task, work),
        onProgress: ({ stage, bytes }) => work.onProgress(stage, String(bytes)),
      },
      session,
    );
    const [oldest] = typedHere;
    if (typedHere.size >= MAX_TYPED_HERE && oldest !== undefined) typedHere.delete(oldest);
    typedHere.add(load.text('id'));
    return { ok: true, report };
  } catch (error) {
    return { ok: false, failure: failureIn(error) };
  } finally {
    await files.close();
  }
}

type Inspection =
  | { readonly ok: true; readonly loaded: LoadReport['loaded'] }
  | ({ readonly ok: true } & QuarantineSheet)
  | { readonly ok: false; readonly failure: Readonly<Record<string, string | number>> };

/** A kept load, judged again or its quarantine listed. */
export async function doFeedInspect(task: Json): Promise<Inspection> {
  const fields = fieldsOf(task);
  const provider = providerIn(task);
  const folder = fields.text('folder');
  const load = keptIn(fields.json('load'), folder);
  const before = fields.json('before');
  try {
    if (fields.text('what') === 'quarantine') return { ok: true, ...quarantineSheet(provider, load) };
    const { loaded } = await repeatLoad({
      provider,
      load,
      before: before === null ? null : keptIn(before, folder),
      hashKey: keyIn(fields.text('hashKey')),
      releases: releasesIn(fields.json('releases')),
      maxBytes: FETCH_BOUNDS.maxBytes,
      maxRows: MAX_ROWS,
    });
    return { ok: true, loaded };
  } catch (error) {
    return { ok: false, failure: failureIn(error) };
  }
}

/** The beginning of a list, or why it cannot be read. */
type SampleRead =
  | { readonly ok: true; readonly first: FirstRows }
  | { readonly ok: false; readonly failure: Readonly<Record<string, string | number>> };

/** Of a list only the beginning is read, and it has to come soon: a person waits. */
const SAMPLE_BOUNDS = { ...FETCH_BOUNDS, maxBytes: 64 * 1024 * 1024, timeoutMs: 45 * SECOND_MS };

export async function doFeedSample(task: Json, work: Work): Promise<SampleRead> {
  const list = listPlace.parse(fieldsOf(task).json('list'));
  const session = sessionOf(task, { hosts: hostsOf(list), gapMs: 0, plain: false }, work, SAMPLE_BOUNDS);
  try {
    return { ok: true, first: await firstRows(list, session) };
  } catch (error) {
    return { ok: false, failure: failureIn(error) };
  }
}

/** Look-ups of reports may hold a load up by so much. */
const REPORT_BOUNDS = { ...FETCH_BOUNDS, maxBytes: 256 * 1024, timeoutMs: 5 * SECOND_MS, maxTries: 1 };

function lookUpIn(task: Json, { signal, userAgent, clock }: Work): LoadPlan['lookUp'] {
  const reports = fieldsOf(task).json('reports');
  if (reports === null) return null;
  const fields = fieldsOf(reports);
  const session = openSession({
    outbound: outboundOf(fields.json('reach'), userAgent),
    hosts: GIA_HOSTS,
    credentials: { key: fields.text('key') },
    gapMs: GIA_GAP_MS,
    plain: false,
    handedIn: null,
    bounds: REPORT_BOUNDS,
    signal,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  return async (number) => ({ report: await lookUpAtGia(session, number), at: clock.now() });
}

function sessionOf(
  task: Json,
  { hosts, gapMs, plain }: Pick<Provider, 'hosts' | 'gapMs'> & { readonly plain: boolean },
  work: Work,
  bounds: typeof FETCH_BOUNDS,
): FetchSession {
  const fields = fieldsOf(task);
  const drop = fields.json('drop');
  return openSession({
    outbound: outboundOf(fields.json('reach'), work.userAgent),
    hosts,
    credentials: textsIn(fields.json('credentials')),
    gapMs,
    plain,
    handedIn: drop === null ? null : () => keptBytes(handedIn(drop)),
    bounds,
    signal: work.signal,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}

/** A failure of the feed's, or of what was kept of it, told; whatever else went wrong is the worker's own. */
function failureIn(error: unknown): Readonly<Record<string, string | number>> {
  const isTold =
    error instanceof LoupeError && (error.code.startsWith('feeds/') || error.code === 'storage/damaged');
  if (!isTold) throw error;
  const details = Object.entries(error.details).flatMap(([name, detail]) =>
    typeof detail === 'string' || typeof detail === 'number' ? [[name, detail] as const] : [],
  );
  return { ...Object.fromEntries(details), code: error.code };
}

/** What was made for the window; or, where somebody only asked, what it would be. */
type CatalogueDone = { readonly made: Made } | { readonly preview: ReturnType<typeof previewCatalogue> };

export async function doFeedPublish(task: Json): Promise<CatalogueDone> {
  const fields = fieldsOf(task);
  const load = fields.object('load');
  const given: Showing = showing.parse(JSON.parse(fields.text('showing')));
  const plan: CataloguePlan = {
    feed: fields.text('feed'),
    provider: providerIn(task),
    load: keptIn(load, fieldsOf(load).text('folder')),
    entitlement: entitlementOf({ entitlement: JSON.stringify(fields.json('entitlement')) }),
    ...rulesOf(given),
    now: fields.integer('now'),
  };
  if (fields.flag('preview')) return { preview: previewCatalogue(plan) };
  const files = openSealing();
  try {
    return { made: await makeCatalogue({ ...plan, load: { ...plan.load, files } }, fields.text('into')) };
  } finally {
    await files.close();
  }
}

function providerIn(task: Json): Provider {
  const fields = fieldsOf(task);
  const list = fields.textOrNull('list');
  const provider = providerOf(
    fields.text('provider'),
    list === null ? null : supplierList.parse(JSON.parse(list)),
  );
  if (provider === null) throw new TypeError('a provider of control’s');
  return provider;
}

function keyIn(text: string): Uint8Array {
  const key = fromBase64(text);
  if (key === null) throw new TypeError('a key in base64');
  return key;
}

function handedIn(drop: Json): KeptLoad {
  const fields = fieldsOf(drop);
  return { id: fields.text('id'), folder: fields.text('folder'), key: keyIn(fields.text('key')) };
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
