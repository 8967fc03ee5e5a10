// The shop's calls to third parties: `/out/NAME/…` on a listener of its own. The shop's software holds one token and no credential of anybody else's; what goes
// out is on a list, over verified TLS, bounded, told, and can be switched off. An attacker here may hold the token (a shop that was broken into), and may be the
// third party itself.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, MINUTE_MS, SECOND_MS, sha256Hex } from '#kernel';
import { type Exchange, type Failure, type Outbound, type OutboundPolicy, openOutbound } from '#outbound';
import type { Integration, JsonObject } from '#plane';
import { busyPort } from '../errors.ts';
import type { Counters } from '../limits/counters.ts';
import { rateOf } from '../limits/gcra.ts';
import { answerHeaders } from '../message/headers.ts';
import { type Head, readHead } from '../message/head.ts';
import { rawHead } from '../message/raw-head.ts';
import { sendHead } from '../proxy/exchange.ts';
import { RequestBody } from '../proxy/request-body.ts';
import { isRefusal, type Refusal, refusal, REFUSALS } from '../refusal.ts';
import { refusalAnswer } from '../response/page.ts';
import type { LivePolicy, LiveShop } from '../routing/live.ts';
import { newServed } from '../served.ts';
import { redactPath } from '../spool/redact.ts';
import type { Spool } from '../spool/spool.ts';
import { type CarriedFields, carriedFields } from './customer-fields.ts';

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly shared: boolean;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly spool: Spool;
  readonly userAgent: string;
  readonly policy: () => LivePolicy | null;
}

export interface Broker {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const TOKEN_HEADER = 'loupe-token';

/** What a third party is asked with of the shop's own headers; everything else is Loupe's, or nobody's business. */
const ONWARD =
  /^(?:accept|accept-language|content-type|if-match|if-none-match|if-modified-since|idempotency-key|prefer|soapaction|x-request-id)$/u;

/** What of an answer the shop does not need. */
const DROPPED: ReadonlySet<string> = new Set([
  'set-cookie',
  'alt-svc',
  'strict-transport-security',
  'content-length',
  'content-encoding',
]);

interface Call {
  readonly shop: LiveShop;
  readonly integration: Integration;
  readonly head: Head;
  /** Below `/out/NAME`. */
  readonly path: string;
}

function disclosure(call: Call, carried: CarriedFields, reference: string): JsonObject {
  const { shop, integration } = call;
  return {
    ref: reference,
    integration: integration.id,
    to: new URL(integration.origin).hostname,
    fields: [...carried.fields],
    subject: carried.subject === null ? null : shop.names.of('subject', carried.subject.toLowerCase()),
  };
}

/** Opens the broker's listener. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const { clock, counters, spool } = options;
  const ways = new Map<string, Outbound>();

  function wayOut(integration: Integration): Outbound {
    const policy: OutboundPolicy = {
      allowNetworks: integration.allowNetworks,
      extraCa: integration.extraCa,
      resolver: null,
      userAgent: options.userAgent,
      connectTo: integration.connectTo,
    };
    const key = JSON.stringify(policy);
    const found = ways.get(key) ?? openOutbound(policy);
    ways.set(key, found);
    return found;
  }

  /** Which call this is; refused where it is on no list. */
  function callOf(head: Head): Call | Refusal {
    const policy = options.policy();
    if (policy === null) return refusal('no-policy');
    const hash = sha256Hex(head.by.get(TOKEN_HEADER) ?? '');
    const shop = policy.shops.find((one) => one.policy.brokerHashes.includes(hash));
    if (shop === undefined) return refusal('bad-proof', 'token');
    const [, name, path] = /^\/out\/([a-z0-9-]{1,60})(\/.*)$/u.exec(head.path) ?? [];
    const integration = shop.policy.integrations.find((one) => one.name === name);
    if (integration === undefined || path === undefined) return refusal('no-route', 'integration');
    return { shop, integration, head, path };
  }

  async function through(call: Call, request: IncomingMessage, told: Told): Promise<Exchange | Refusal> {
    const { shop, integration, head, path } = call;
    if (!integration.enabled) return refusal('switched-off', integration.name);
    if (!integration.methods.includes(head.method)) return refusal('wrong-method', head.method);
    const listed = integration.paths.some((own) => (own.endsWith('/') ? path.startsWith(own) : path === own));
    if (!listed) return refusal('not-listed', 'path');
    const rate = rateOf(
      integration.amountPerMinute,
      MINUTE_MS,
      Math.max(1, Math.ceil(integration.amountPerMinute / 10)),
    );
    const count = await counters.take(`${shop.id}/out/${integration.id}`, rate, clock.now());
    if (!count.ok)
      return refusal('over-limit', 'calls', { retryAfterS: Math.ceil(count.retryAfterMs / SECOND_MS) });
    const body = await new RequestBody(request, head.hasBody).whole(MAX_REQUEST_BYTES);
    if (isRefusal(body)) return body;
    const headers = headersFor(call);
    if (isRefusal(headers)) return headers;
    const carried = carriedFields(head, body, integration.customerFields);
    if (carried.fields.length > 0) {
      told.fields = carried.fields;
      // On the disk before anything leaves: what is not recorded is not disclosed.
      const recorded = await spool.recordDurably(
        shop.id,
        'disclosure',
        disclosure(call, carried, told.reference),
      );
      if (!recorded) return refusal('not-recorded', 'disclosure');
    }
    const answer = await wayOut(integration).request({
      url: new URL(path + head.query, integration.origin),
      method: methodOf(head.method),
      headers,
      ...(head.hasBody ? { body } : {}),
      maxBodyBytes: integration.maxAnswerBytes,
      timeoutMs: integration.timeoutMs,
      signal: AbortSignal.timeout(integration.timeoutMs),
      certificate: 'require',
    });
    if (!answer.ok) return refusalOf(answer);
    told.tls =
      answer.tls === null
        ? null
        : { protocol: answer.tls.protocol, notAfter: answer.tls.chain[0]?.notAfter ?? 0 };
    return answer.truncated ? refusal('answer-too-large', integration.name) : concealed(answer, call);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begin = performance.now();
    const served = newServed(request.socket.remoteAddress ?? '', clock.now());
    const told: Told = { reference: served.reference, tls: null, fields: [] };
    const head = readHead(rawHead(request));
    const call = isRefusal(head) ? head : callOf(head);
    const result = isRefusal(call)
      ? call
      : await through(call, request, told).catch(() => refusal('upstream-unreachable', 'fault'));
    const event: { [name: string]: string | number | null | readonly string[] } = {
      ref: told.reference,
      status: isRefusal(result) ? REFUSALS[result.why] : result.status,
      ms: Math.round(performance.now() - begin),
    };
    if (!isRefusal(call)) {
      event['integration'] = call.integration.id;
      event['method'] = call.head.method;
      event['path'] = redactPath(call.path);
    }
    if (told.fields.length > 0) event['fields'] = told.fields;
    if (told.tls !== null) {
      event['tls'] = told.tls.protocol;
      event['certificateUntil'] = told.tls.notAfter;
    }
    if (isRefusal(result)) {
      event['why'] = result.why;
      event['detail'] = result.detail;
      const page = refusalAnswer(result, told.reference, 'application/json');
      sendHead(response, page.status, [...page.headers, ['connection', 'close']]);
      response.end(page.body);
    } else {
      event['bytes'] = result.body.byteLength;
      const headers = answerHeaders(grouped(result.headers), DROPPED);
      headers.push(['content-length', String(result.body.byteLength)]);
      sendHead(response, result.status, headers);
      if (request.method === 'HEAD') response.end();
      else response.end(result.body);
    }
    // The event of a call that was let out or stopped; strangers without a token are counted with the edge's own.
    spool.record(isRefusal(call) ? '' : call.shop.id, 'call', JSON.parse(JSON.stringify(event)));
  }

  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10 * SECOND_MS,
      requestTimeout: MINUTE_MS,
      keepAliveTimeout: 30 * SECOND_MS,
      insecureHTTPParser: false,
    },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = 512;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(busyPort(error, options)));
    server.listen({ host: options.host, port: options.port, reusePort: options.shared }, resolve);
  });
  // A TCP server's address is one.
  const address: AddressInfo | string | null = server.address();
  return {
    port: address === null || typeof address === 'string' ? 0 : address.port,
    async close() {
      server.closeIdleConnections();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const cut = setTimeout(() => server.closeAllConnections(), 5 * SECOND_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

interface Told {
  readonly reference: string;
  tls: { readonly protocol: string; readonly notAfter: number } | null;
  fields: readonly string[];
}

type CallMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

function methodOf(method: string): CallMethod {
  const known: readonly CallMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
  return known.find((one) => one === method) ?? 'GET';
}

/** The headers of the call, credentials put in; a refusal where one cannot be opened here. */
function headersFor({ head, integration, shop }: Call): Record<string, string> | Refusal {
  const headers: Record<string, string> = {};
  for (const [name, value] of head.by) if (ONWARD.test(name)) headers[name] = value;
  for (const injection of integration.inject) {
    const secret = shop.secrets.get(injection.secret);
    if (secret === undefined) return refusal('proof-undecided', 'credential');
    if (injection.as === 'header') headers[injection.name.toLowerCase()] = injection.prefix + secret;
    else headers['authorization'] = `Basic ${basicOf(injection.user, secret)}`;
  }
  return headers;
}

/** A third party that repeats what it was asked with would show the credential to the shop's software. */
function concealed(answer: Exchange, { integration, shop }: Call): Exchange {
  const secrets = integration.inject.flatMap((injection) => {
    const secret = shop.secrets.get(injection.secret);
    if (secret === undefined) return [];
    return injection.as === 'basic' ? [secret, basicOf(injection.user, secret)] : [secret];
  });
  const hide = (text: string): string =>
    secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '*'.repeat(secret.length)), text);
  const body = Buffer.from(answer.body);
  const shown = secrets.some((secret) => body.includes(secret));
  return {
    ...answer,
    headers: answer.headers.map(([name, value]) => [name, hide(value)] as const),
    body: shown ? Buffer.from(hide(body.toString('latin1')), 'latin1') : body,
  };
}

function basicOf(user: string, secret: string): string {
  return Buffer.from(`${user}:${secret}`).toString('base64');
}

function refusalOf(failure: Failure): Refusal {
  return refusal(failure.kind === 'timeout' ? 'upstream-too-slow' : 'upstream-unreachable', failure.kind);
}

function grouped(pairs: Exchange['headers']): Record<string, string | string[]> {
  const named: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of pairs) {
    const before = named[name];
    named[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return named;
}
