// What the edge answers itself: tokens for machines, browsers' reports, self-tests of the firewall.
import { SECOND_MS } from '#kernel';
import type { ServeParts } from './admit.ts';
import { answerTokenRequest, MAX_FORM_BYTES } from './callers/token-endpoint.ts';
import { inspect } from './firewall/passage.ts';
import { rateOf } from './limits/gcra.ts';
import { unitsOf } from './message/client.ts';
import type { Head, RawHead } from './message/head.ts';
import { type Answering, sendHead } from './proxy/exchange.ts';
import { RequestBody } from './proxy/request-body.ts';
import { isRefusal, type Refusal, refusal } from './refusal.ts';
import { cspReports, MAX_REPORT_BYTES } from './response/csp-report.ts';
import type { LivePolicy, LiveTokens } from './routing/live.ts';
import type { Served } from './served.ts';

/** Failed token requests by address: few, since machines do not mistype. */
const TOKEN_RATE = rateOf(30, 60 * SECOND_MS, 10);

export async function giveToken(
  answering: Answering,
  tokens: LiveTokens,
  head: Head,
  served: Served,
  parts: ServeParts,
): Promise<Refusal | 'answered'> {
  served.shop = tokens.shop;
  served.names = tokens.names;
  const now = served.startedAt;
  const count = await parts.counters.take(
    `${tokens.shop}/tokens/${unitsOf(served.address).address}`,
    TOKEN_RATE,
    now,
  );
  if (!count.ok)
    return refusal('over-limit', 'tokens by address', {
      retryAfterS: Math.ceil(count.retryAfterMs / SECOND_MS),
    });
  const body = await new RequestBody(answering.request, head.hasBody).whole(MAX_FORM_BYTES);
  if (isRefusal(body)) return body;
  const { status, body: answer, client } = await answerTokenRequest(tokens.authority, head, body, now);
  served.status = status;
  if (client !== null) served.caller = { kind: 'client-token', id: client, account: null, scopes: [] };
  if (status === 401) served.why = 'bad-proof';
  const text = Buffer.from(JSON.stringify(answer));
  served.bytes = text.byteLength;
  sendHead(answering.response, status, [
    ['content-type', 'application/json'],
    ['content-length', String(text.byteLength)],
    ['cache-control', 'no-store'],
    ...(status === 401 ? ([['www-authenticate', 'Basic realm="token"']] as const) : []),
  ]);
  answering.response.end(text);
  return 'answered';
}

const REPORT_RATE = rateOf(60, 60 * SECOND_MS, 20);

/** Browsers' reports of what a content security policy stopped. */
export async function takeReport(
  answering: Answering,
  policy: LivePolicy,
  head: Head,
  served: Served,
  parts: ServeParts,
): Promise<Refusal | 'answered'> {
  const shop = policy.shopOf(head.host);
  if (shop === null) return refusal('unknown-host');
  served.shop = shop.id;
  served.names = shop.names;
  if (head.method !== 'POST') return refusal('wrong-method', head.method, { headers: { allow: 'POST' } });
  const now = served.startedAt;
  const count = await parts.counters.take(
    `${shop.id}/csp/${unitsOf(served.address).address}`,
    REPORT_RATE,
    now,
  );
  if (!count.ok)
    return refusal('over-limit', 'reports', { retryAfterS: Math.ceil(count.retryAfterMs / SECOND_MS) });
  const body = await new RequestBody(answering.request, head.hasBody).whole(MAX_REPORT_BYTES);
  if (isRefusal(body)) return body;
  for (const report of cspReports(body)) parts.spool.record(shop.id, 'csp-report', { ...report });
  served.status = 204;
  sendHead(answering.response, 204, []);
  answering.response.end();
  return 'answered';
}

/** For self-tests: whether a route's firewall lets a request go, which goes no further. No proof is asked for, since nothing is reached. */
export async function sayIfInspected(
  { response }: Answering,
  policy: LivePolicy,
  raw: RawHead,
  head: Head,
  body: RequestBody,
  served: Served,
): Promise<Refusal | 'answered'> {
  const route = policy.route(head.host, head.path);
  if (typeof route === 'string') return refusal(route);
  served.shop = route.shop;
  served.route = route.rule.id;
  served.names = route.names;
  const stopped = await inspect(raw, head, body, route, served);
  if (stopped !== null) return stopped;
  served.status = 204;
  sendHead(response, 204, []);
  response.end();
  return 'answered';
}
