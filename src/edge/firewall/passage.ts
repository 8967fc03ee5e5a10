// A request's passage through the firewall of its route.
import type { FirewallRules } from '#plane';
import type { HeaderLine, RequestHead } from '#waf';
import { unitsOf } from '../message/client.ts';
import type { Head, RawHead } from '../message/head.ts';
import type { RequestBody } from '../proxy/request-body.ts';
import { isRefusal, type Refusal, refusal } from '../refusal.ts';
import type { LiveRoute } from '../routing/live.ts';
import type { Served } from '../served.ts';
import { decoded } from './content-coding.ts';
import type { Inspected } from './inspection-words.ts';
import type { Inspection } from './inspector.ts';
import { candidateNote, noteOf } from './note.ts';

/** Inspects a request by its route's rules; a refusal, or null where it may go on. What there is to tell is noted in `served`. */
export async function inspect(
  raw: RawHead,
  head: Head,
  body: RequestBody,
  route: LiveRoute,
  served: Served,
): Promise<Refusal | null> {
  const rules = route.rule.firewall;
  if (rules.mode === 'off') return null;
  const readable = head.hasBody ? await readableBody(head, body, rules) : NO_BODY;
  if (readable !== null && isRefusal(readable)) return readable;
  const { bytes, beyond } = readable ?? NO_BODY;
  const request: Inspected = {
    reference: served.reference,
    client: served.address,
    at: served.startedAt,
    head: requestHead(raw, head),
    body: bytes,
    beyond,
    exclusions: rules.exclusions,
  };
  const { address: unit } = unitsOf(served.address);
  const { enforced, candidate } = route.inspectors;
  const inspection = await enforced.inspect(request, unit);
  const verdict = verdictOf(inspection, readable === null, rules);
  served.firewall = noteOf(inspection, verdict, rules.mode, enforced.pack);
  if (candidate !== null) {
    // Exclusions name rules of the pack that is in force.
    const tried = await candidate.inspect({ ...request, exclusions: NO_EXCLUSIONS }, unit);
    served.candidate = candidateNote(tried, verdictOf(tried, readable === null, rules), candidate.pack);
  }
  return rules.mode === 'watch' ? null : verdict;
}

const NO_EXCLUSIONS: FirewallRules['exclusions'] = [];

interface Readable {
  readonly bytes: Buffer;
  readonly beyond: boolean;
}

const NO_BODY: Readable = { bytes: Buffer.alloc(0), beyond: false };

/** As much of a body as is inspected, without its content coding; null where that cannot be taken off. */
async function readableBody(
  head: Head,
  body: RequestBody,
  { inspectBytes }: FirewallRules,
): Promise<Readable | Refusal | null> {
  const state = await body.upTo(inspectBytes);
  if (state === 'broken') return refusal('bad-body', 'cut off');
  const bytes = body.read().subarray(0, inspectBytes);
  const beyond = state === 'more';
  const coding = head.by.get('content-encoding') ?? 'identity';
  if (coding.toLowerCase() === 'identity') return { bytes, beyond };
  return await decoded(bytes, coding, inspectBytes, !beyond);
}

/** What the rules would have done, whether or not the route only watches. */
function verdictOf(inspection: Inspection, isSealed: boolean, rules: FirewallRules): Refusal | null {
  if (inspection === 'busy') return refusal('overloaded', 'inspection', { retryAfterS: 2 });
  if (inspection === 'undecided')
    return rules.onFailure === 'block' ? refusal('not-inspected', 'took too long') : null;
  if (inspection.outcome.kind !== 'pass') return refusal('firewall', `rule ${inspection.outcome.ruleId}`);
  if (isSealed && rules.onFailure === 'block') return refusal('not-inspected', 'content coding');
  if (inspection.limits.length > 0 && rules.onFailure === 'block')
    return refusal('not-inspected', `rule ${inspection.limits[0] ?? 0} reached its bound`);
  if (inspection.beyond && rules.beyond === 'block')
    return refusal('not-inspected', 'longer than what is inspected');
  return null;
}

/** The head as rules see it: names and values as they came, in order; of HTTP/2, the authority as Host. */
function requestHead(raw: RawHead, head: Head): RequestHead {
  const headers: HeaderLine[] = [];
  if (raw.authority !== undefined && !head.by.has('host')) headers.push(['Host', raw.authority]);
  const { rawHeaders } = raw;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!name.startsWith(':')) headers.push([name, rawHeaders[i + 1] ?? '']);
  }
  return { method: raw.method, target: head.path + head.query, protocol: `HTTP/${raw.version}`, headers };
}
