import { type Clock, type Json, SECOND_MS } from '#kernel';
import { type IntakeAnswer, type PaperWords, readFile } from '#intake';
import { lookAt, type LookOptions, type LookResult, lookAtVendor, readTarget, type VendorLook } from '#look';
import { headerValues, openOutbound, type Outbound } from '#outbound';
import {
  type ItemFacts,
  ITEM_KINDS,
  type KnownText,
  PLATFORMS,
  readPlatform,
  type ReadResult,
} from '#platform';
import { fieldsOf, SHOP_KINDS } from '#plane';

/** What a task works with. */
export interface Work {
  readonly clock: Clock;
  readonly browser: LookOptions['browser'];
  readonly userAgent: string;
  /** Ends what is done for nobody: the worker stops, or the job is not its own any more. */
  readonly signal: AbortSignal;
  onPart(part: string): void;
  /** How far it is: takes the place of what was said before. */
  onProgress(...words: readonly string[]): void;
}

export function outboundOf(reach: Json, userAgent: string): Outbound {
  const fields = fieldsOf(reach);
  const connectTo = textsIn(fields.object('connectTo'));
  return openOutbound({
    allowNetworks: fields.texts('allowNetworks'),
    extraCa: fields.texts('extraCa'),
    resolver: fields.textOrNull('resolver'),
    connectTo,
    userAgent,
  });
}

export function textsIn(value: Json): Record<string, string> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  );
}

export async function doLook(task: Json, work: Work): Promise<LookResult> {
  const fields = fieldsOf(task);
  const kind = fields.textOrNull('kind') === null ? null : fields.oneOf('kind', SHOP_KINDS);
  const outbound = outboundOf(fields.json('reach'), work.userAgent);
  return await lookAt(outbound, readTarget(fields.text('address')), {
    clock: work.clock,
    browser: work.browser,
    kind,
    signal: work.signal,
    onPart: (part) => work.onPart(part),
  });
}

export async function doVendorLook(task: Json, work: Work): Promise<VendorLook> {
  const fields = fieldsOf(task);
  const hosts = { hosts: fields.texts('hosts'), apiHosts: fields.texts('apiHosts') };
  return await lookAtVendor(outboundOf(fields.json('reach'), work.userAgent), hosts, {
    clock: work.clock,
    signal: work.signal,
  });
}

/** Reads a shop's platform with what control hands along: a short-lived token where the platform has such. */
export async function doReading(task: Json, work: Work): Promise<ReadResult> {
  const fields = fieldsOf(task);
  const kinds = fields.texts('kinds');
  const known = fields.json('known');
  const since = fields.json('productsSince');
  return await readPlatform(
    fields.oneOf('platform', PLATFORMS),
    outboundOf(fields.json('reach'), work.userAgent),
    { domain: fields.text('domain'), token: fields.text('token') },
    {
      kinds: ITEM_KINDS.filter((kind) => kinds.includes(kind)),
      known: new Map(Array.isArray(known) ? known.map(knownOf) : []),
      deep: fields.flag('deep'),
      productsSince: typeof since === 'number' ? since : null,
      since: fields.integer('since'),
      ownHosts: fields.texts('ownHosts'),
      callbackUrl: fields.textOrNull('callbackUrl'),
      clock: work.clock,
      signal: work.signal,
    },
  );
}

function knownOf(value: Json): readonly [string, KnownText] {
  const fields = fieldsOf(value);
  const facts: Record<string, ItemFacts[string]> = {};
  for (const [name, fact] of Object.entries(fields.object('facts')))
    if (typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean') facts[name] = fact;
  return [fields.text('key'), { mark: fields.text('mark'), text: fields.textOrNull('text'), facts }];
}

export async function doUpload(task: Json): Promise<IntakeAnswer> {
  const fields = fieldsOf(task);
  const bytes = Buffer.from(fields.text('bytes'), 'base64');
  return await readFile({
    kind: 'file',
    bytes,
    name: fields.text('name'),
    words: wordsOf(fields.json('words')),
  });
}

function wordsOf(value: Json): PaperWords | null {
  if (value === null) return null;
  const fields = fieldsOf(value);
  return {
    goodForDays: fields.integer('goodForDays'),
    begins: fields.texts('begins'),
    ends: fields.texts('ends'),
  };
}

const NEWS_BYTES = 2 * 1024 * 1024;
const NEWS_MS = 15 * SECOND_MS;
const MAX_HOPS = 4;

/** What was read of a feed; of one that was not reached, how that failed. */
type NewsRead = IntakeAnswer | { readonly ok: false; readonly why: string };

export async function doNews(task: Json, work: Work): Promise<NewsRead> {
  const fields = fieldsOf(task);
  if ('bytes' in Object(task))
    return await readFile({ kind: 'news', bytes: Buffer.from(fields.text('bytes'), 'base64') });
  const outbound = outboundOf(fields.json('reach'), work.userAgent);
  const asked = new URL(fields.text('url'));
  let url: URL | null = asked;
  // Each redirect goes through the address gate by itself; another host was not let in, and is not gone to.
  for (let hop = 0; url?.origin === asked.origin && hop < MAX_HOPS; hop++) {
    const answer = await outbound.request({
      url,
      headers: {
        accept:
          'application/rss+xml, application/atom+xml, application/feed+json, application/xml, application/json',
      },
      maxBodyBytes: NEWS_BYTES,
      timeoutMs: NEWS_MS,
      signal: work.signal,
      certificate: 'require',
    });
    if (!answer.ok) return { ok: false, why: answer.kind };
    if (answer.status === 200)
      return answer.truncated
        ? { ok: false, why: 'too-large' }
        : await readFile({ kind: 'news', bytes: answer.body });
    const [location] = headerValues(answer, 'location');
    url = location === undefined ? null : URL.parse(location, url);
  }
  return { ok: false, why: url === null || url.origin === asked.origin ? 'unreachable' : 'leads-elsewhere' };
}
