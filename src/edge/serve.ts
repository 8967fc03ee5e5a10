// One request's way through the edge, in order; each step lets it go on or ends it with a refusal. The order is part of the design: what is cheap and needs no trust
// comes first, nothing reaches an upstream before its proof, and the policy is the one that was in force when the request began.
import { SECOND_MS } from '#kernel';
import { INSPECT_HEADER } from '#plane';
import { admit, comesBeside, type Line, type ServeParts } from './admit.ts';
import { judgeGraphql } from './allow/graphql.ts';
import type { Caller } from './callers/caller.ts';
import type { DeliveryCaller } from './callers/webhook.ts';
import { inspect } from './firewall/passage.ts';
import { accountOf, MAX_LOGIN_BODY } from './limits/account.ts';
import type { GuardedTry, GuardOutcome } from './limits/guard.ts';
import { type Allowance, rateHeaders } from './limits/limiter.ts';
import { unitsOf } from './message/client.ts';
import { type Head, type RawHead, readHead } from './message/head.ts';
import { rawHead } from './message/raw-head.ts';
import { onwardHeaders } from './onward.ts';
import { giveToken, sayIfInspected, takeReport } from './own-answers.ts';
import { type Answering, sendHead } from './proxy/exchange.ts';
import { forward, type Forwarded } from './proxy/forward.ts';
import { RequestBody } from './proxy/request-body.ts';
import { isRefusal, type Refusal, refusal, REFUSALS } from './refusal.ts';
import { leakScan } from './response/leaks.ts';
import { refusalAnswer } from './response/page.ts';
import { CSP_REPORT_PATH } from './response/rules.ts';
import type { LivePolicy, LiveRoute } from './routing/live.ts';
import { newServed, requestEvent, type Served } from './served.ts';

/** Serves one request to its end. Never throws: a fault of ours is a refusal too. */
export async function serve(answering: Answering, line: Line, parts: ServeParts): Promise<void> {
  const begin = performance.now();
  const policy = parts.policy();
  const raw = rawHead(answering.request);
  const head = readHead(raw);
  const forwardedFor = isRefusal(head) ? undefined : head.by.get('x-forwarded-for');
  const served = newServed(parts.proxies.client(line.peer, forwardedFor), parts.clock.now());
  let result: Refusal | Forwarded | 'answered';
  try {
    result = isRefusal(head) ? head : await through(answering, line, raw, head, policy, served, parts);
  } catch {
    // Whatever it was, nobody is let through by it.
    result = refusal('proof-undecided', 'fault');
  }
  if (result !== 'answered') {
    if (isRefusal(result)) refuse(answering, result, served, line);
    else note(served, result);
  }
  parts.spool.record(
    served.shop,
    line.self ? 'self-test' : 'request',
    requestEvent(served, policy?.version ?? 0, performance.now() - begin),
  );
}

function note(served: Served, result: Forwarded): void {
  served.status = result.status;
  served.bytes = result.bytes;
  served.cut = result.cut;
  served.left = result.left;
  for (const kind of result.leaks.keys()) served.leaks.push(kind);
}

/** Answers with the one page; a request whose body was not read ends its connection. */
function refuse({ request, response }: Answering, why: Refusal, served: Served, line: Line): void {
  served.status = REFUSALS[why.why];
  served.why = why.why;
  served.detail = why.detail;
  if (response.headersSent || response.destroyed) return;
  const answer = refusalAnswer(
    why,
    served.reference,
    served.head?.by.get('accept') ?? request.headers.accept,
  );
  if (line.secure) answer.headers.push(['strict-transport-security', 'max-age=31536000']);
  const unread = !request.complete && request.httpVersionMajor === 1;
  if (unread) {
    answer.headers.push(['connection', 'close']);
    // What it still sends is not read for ever: a moment to take the answer, and its connection ends.
    setTimeout(() => request.destroy(), LINGER_MS).unref();
  }
  served.bytes = answer.body.byteLength;
  sendHead(response, answer.status, answer.headers);
  if (request.method === 'HEAD') response.end();
  else response.end(answer.body);
}

async function through(
  answering: Answering,
  line: Line,
  raw: RawHead,
  head: Head,
  policy: LivePolicy | null,
  served: Served,
  parts: ServeParts,
): Promise<Refusal | Forwarded | 'answered'> {
  served.head = head;
  if (policy === null) return refusal('no-policy');
  if (parts.shedder.level() === 2) return refusal('overloaded', 'queue time', { retryAfterS: 2 });
  if (comesBeside(head, line, policy, parts)) return refusal('beside-proxy');
  const tokens = policy.tokens(head.host, head.path);
  if (tokens !== null) return await giveToken(answering, tokens, head, served, parts);
  if (head.path === CSP_REPORT_PATH) return await takeReport(answering, policy, head, served, parts);
  const body = new RequestBody(answering.request, head.hasBody);
  if (line.self && head.by.has(INSPECT_HEADER))
    return await sayIfInspected(answering, policy, raw, head, body, served);
  const admitted = await admit(head, line, policy, served, parts, (maxBytes) => body.whole(maxBytes));
  if (isRefusal(admitted)) return admitted;
  const { route, caller, allowance } = admitted;
  const whole = (): Promise<Uint8Array | Refusal> => body.whole(route.rule.maxBodyBytes);
  const method = head.override ?? head.method;
  const now = served.startedAt;
  if (route.allow !== null || route.rule.graphql !== null) {
    const unfit = await fit(route, head, whole, served);
    if (unfit !== null) return unfit;
  }
  const stopped = await inspect(raw, head, body, route, served);
  if (stopped !== null) return stopped;
  // What a learning route is to learn from is read whole, where it is small.
  if (route.shadow !== null && head.hasBody && (head.length ?? Infinity) <= MAX_LEARNED_BODY) {
    const bytes = await whole();
    if (isRefusal(bytes)) return bytes;
  }
  if (route.upstream.full()) return refusal('overloaded', 'upstream queue', { retryAfterS: 2 });

  const guarded = route.guards.length === 0 ? null : await guard(route, method, head, whole, served, now);
  if (guarded !== null && isRefusal(guarded)) return guarded;
  if (isDelivery(caller) && !(await parts.counters.once(deliveryKey(route, caller), caller.rememberMs, now)))
    return refusal('repeated', 'delivery');

  const result = await send(answering, line, route, head, body, caller, allowance, served, parts);
  if (guarded !== null || route.shadow !== null || isDelivery(caller))
    await conclude(route, head, body, guarded, caller, result, served, parts);
  return result;
}

const LINGER_MS = 500;
const MAX_HELD_BODY = 1024 * 1024;
const MAX_LEARNED_BODY = 64 * 1024;

function isDelivery(caller: Caller): caller is DeliveryCaller {
  return 'deliveryId' in caller;
}

function deliveryKey(route: LiveRoute, caller: DeliveryCaller): string {
  return `${route.shop}/${route.rule.id}/${route.names.of('delivery', caller.deliveryId)}`;
}

/** Allowlist and GraphQL bounds. What only watches lets go and is told. */
export async function fit(
  route: LiveRoute,
  head: Head,
  body: () => Promise<Uint8Array | Refusal>,
  served: Served,
): Promise<Refusal | null> {
  const { allow, rule } = route;
  if (allow !== null && rule.allow !== null) {
    const operation = allow.operation(head.override ?? head.method, head.path);
    let misfit = 'what' in operation ? operation : operation.checkHead(head);
    if (misfit === null && 'name' in operation) {
      served.operation = operation.name;
      if (operation.readsBody && head.hasBody) {
        const bytes = await body();
        if (isRefusal(bytes)) return bytes;
        misfit = operation.checkBody(head, bytes);
      }
    }
    if (misfit !== null) {
      served.misfit = `${misfit.where}: ${misfit.what}`;
      if (rule.allow.mode === 'enforce') return refusal('not-allowed', served.misfit);
    }
  }
  if (rule.graphql !== null && (head.hasBody || /[?&]query=/u.test(head.query))) {
    const bytes = await body();
    if (isRefusal(bytes)) return bytes;
    const tooMuch = judgeGraphql(rule.graphql, head.method, head.query, bytes);
    if (tooMuch !== null) return refusal('graphql-bound', tooMuch);
  }
  return null;
}

/** Begins a guarded try; null where no guard covers the request. */
async function guard(
  route: LiveRoute,
  method: string,
  head: Head,
  body: () => Promise<Uint8Array | Refusal>,
  served: Served,
  now: number,
): Promise<GuardedTry | Refusal | null> {
  const watch = route.guards.find((one) => one.covers(method, head.path));
  if (watch === undefined) return null;
  let account: string | null = null;
  if (watch.rule.accountField !== null && head.hasBody) {
    if (head.length !== null && head.length > MAX_LOGIN_BODY) return refusal('too-large', 'login');
    const bytes = await body();
    if (isRefusal(bytes)) return bytes;
    const named = accountOf(head, bytes, watch.rule.accountField);
    if (named === 'ambiguous') return refusal('bad-body', 'an account named twice');
    account = named === null ? null : named.account;
  }
  const begun = await watch.begin({ address: served.address, account }, now);
  if (begun.begun.ok) return begun;
  const retryAfterS = Math.max(1, Math.ceil(begun.begun.retryAfterMs / SECOND_MS));
  return refusal('locked-out', `${watch.rule.what}${begun.begun.locked ? '' : ': too many at once'}`, {
    retryAfterS,
  });
}

async function send(
  answering: Answering,
  line: Line,
  route: LiveRoute,
  head: Head,
  body: RequestBody,
  caller: Caller,
  allowance: Allowance | null,
  served: Served,
  parts: ServeParts,
): Promise<Forwarded | Refusal> {
  const { rule } = route;
  // A body that fits is waited for here: no connection of the upstream waits for a client that sends it slowly.
  const fits = head.hasBody && (head.length ?? rule.maxBodyBytes) <= MAX_HELD_BODY;
  const bytes = head.hasBody && (fits || body.isRead) ? await body.whole(rule.maxBodyBytes) : null;
  if (bytes !== null && isRefusal(bytes)) return bytes;
  const watch = route.guards.find((one) => one.covers(head.override ?? head.method, head.path));
  const words = watch?.rule.missWords ?? [];
  const scans =
    rule.response.cardNumbers !== 'off' ||
    rule.response.secrets !== 'off' ||
    rule.response.stackTraces !== 'off';
  const { address: unit } = unitsOf(served.address);
  if (!route.upstream.enter(unit)) return refusal('overloaded', 'share of one address', { retryAfterS: 1 });
  try {
    return await forward({
      answering,
      upstream: route.upstream,
      method: head.method,
      pathAndQuery: head.path + head.query,
      headers: onwardHeaders(head, line, route, caller, served, bytes, words.length > 0 || scans),
      body: bytes ?? (head.hasBody ? body.onward() : null),
      maxBodyBytes: rule.maxBodyBytes,
      rules: route.answer,
      secure: line.secure,
      scan: () => leakScan(rule.response),
      holdBack: [rule.response.cardNumbers, rule.response.secrets, rule.response.stackTraces].includes(
        'block',
      ),
      extra: allowance === null ? [] : Object.entries(rateHeaders(allowance)),
      words,
      readers: parts.readers,
      unit,
    });
  } finally {
    route.upstream.leave(unit);
  }
}

/** What follows from the answer: a try ends, a delivery that failed may come again, the shadow learns. */
async function conclude(
  route: LiveRoute,
  head: Head,
  body: RequestBody,
  guarded: GuardedTry | null,
  caller: Caller,
  result: Forwarded | Refusal,
  served: Served,
  parts: ServeParts,
): Promise<void> {
  if (guarded !== null) {
    const watch = route.guards.find((one) => one.covers(head.override ?? head.method, head.path));
    const locks = await guarded.end(outcomeOf(watch?.rule, head.path, result), parts.clock.now());
    for (const { per, lock } of locks) served.locks.push(`${per} ${lock}`);
  }
  const failed = isRefusal(result) || result.status >= 500;
  if (isDelivery(caller) && failed) await parts.counters.forget(deliveryKey(route, caller));
  if (route.shadow !== null && !isRefusal(result) && result.status < 400) {
    route.shadow.note(head, head.hasBody && body.isRead ? body.read() : null);
  }
}

/**
 * How a guarded answer turned out. Success forgives, so it must show: an answer that merely lacks the words of a failure is none, and whoever leaves before it could
 * show has missed.
 */
export function outcomeOf(
  rule: LiveRoute['guards'][number]['rule'] | undefined,
  path: string,
  result: Forwarded | Refusal,
): GuardOutcome {
  if (rule === undefined || isRefusal(result)) return 'neither';
  const location = result.location?.toLowerCase() ?? '';
  const missed =
    rule.missStatus.includes(result.status) ||
    result.wordFound ||
    rule.missWords.some((word) => location.includes(word));
  if (missed) return 'miss';
  if (result.left && (result.status === 0 || rule.missWords.length > 0)) return 'miss';
  const { status } = result;
  if (status >= 300 && status < 400) return leadsBack(location, path) ? 'neither' : 'success';
  return status < 300 && rule.missWords.length === 0 ? 'success' : 'neither';
}

/** Whether a redirect leads to where it came from: a form that was not even judged does that. */
function leadsBack(location: string, path: string): boolean {
  if (!URL.canParse(location, 'http://shop.invalid')) return true;
  return (
    new URL(location, 'http://shop.invalid').pathname.replace(/\/$/u, '') ===
    path.toLowerCase().replace(/\/$/u, '')
  );
}
