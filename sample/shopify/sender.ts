import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { Store, Subscription } from './store.ts';
import type { ShopifySwitch } from './switches.ts';

export interface SenderOptions {
  readonly store: Store;
  readonly secret: () => string;
  readonly version: string;
  readonly switches: ReadonlySet<ShopifySwitch>;
  /** Where Loupe really listens, `http://127.0.0.1:7070`; its public name goes along as Host. Null: nowhere, and nothing is sent. */
  readonly deliverTo: () => string | null;
  readonly now: () => number;
  /** Waits before the second and later tries. The real ones lie within four hours. */
  readonly retryMs: readonly number[];
}

export interface Delivery {
  readonly topic: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
  readonly host: string;
}

/** Sends webhooks as Shopify does: signed over the body, eight tries, and a subscription that always fails is taken away. */
export interface Sender {
  /** Sends to whoever is subscribed. Fulfilled once each was delivered or given up. */
  emit(topic: string, payload: Readonly<Record<string, unknown>>): Promise<readonly number[]>;
  /** Sends one of the three compliance topics, to the address in the app's settings. */
  emitCompliance(topic: string, payload: Readonly<Record<string, unknown>>): Promise<number>;
  /** Everything that was sent, for replaying. */
  readonly sent: Delivery[];
  /** Puts one request on the wire as it is; its status, 0 where nobody answered. */
  post(delivery: Delivery): Promise<number>;
  close(): void;
}

const TRIES = 8;
const ANSWER_MS = 5_000;

function bodyOf(payload: Readonly<Record<string, unknown>>, fields: readonly string[]): string {
  const kept =
    fields.length === 0
      ? payload
      : Object.fromEntries(Object.entries(payload).filter(([name]) => fields.includes(name)));
  return JSON.stringify(kept);
}

function topicName(topic: string): string {
  // THEMES_UPDATE → themes/update; CUSTOMERS_DATA_REQUEST → customers/data_request.
  return topic.toLowerCase().replace('_', '/');
}

export function openSender(options: SenderOptions): Sender {
  const { store, switches } = options;
  const sent: Delivery[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const ending = new AbortController();

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, ms);
      timers.add(timer);
    });

  async function post(delivery: Delivery): Promise<number> {
    const to = options.deliverTo();
    if (to === null) return 0;
    const { hostname, port } = new URL(to);
    return await new Promise((resolve) => {
      const sending = request(
        {
          host: hostname,
          port,
          path: delivery.path,
          method: 'POST',
          headers: {
            ...delivery.headers,
            host: delivery.host,
            'content-length': Buffer.byteLength(delivery.body),
          },
          timeout: ANSWER_MS,
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode ?? 0));
        },
      );
      sending.on('timeout', () => sending.destroy());
      sending.on('error', () => resolve(0));
      sending.end(delivery.body);
    });
  }

  function deliveryOf(topic: string, callbackUrl: string, body: string): Delivery {
    const url = new URL(callbackUrl);
    const secret = switches.has('forged') ? 'somebody-else' : options.secret();
    const late = switches.has('late') ? 9 * 3_600_000 : 0;
    return {
      topic,
      body,
      host: url.host,
      path: `${url.pathname}${url.search}`,
      headers: {
        'content-type': 'application/json',
        'x-shopify-topic': topicName(topic),
        'x-shopify-shop-domain': store.domain,
        'x-shopify-api-version': options.version,
        'x-shopify-webhook-id': randomUUID(),
        'x-shopify-event-id': randomUUID(),
        'x-shopify-triggered-at': new Date(options.now() - late).toISOString(),
        'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
      },
    };
  }

  async function deliver(delivery: Delivery, subscription: Subscription | null): Promise<number> {
    sent.push(delivery);
    if (switches.has('lost') || options.deliverTo() === null) return 0;
    let status = 0;
    for (let attempt = 0; attempt < TRIES && !ending.signal.aborted; attempt++) {
      status = await post(delivery);
      if (switches.has('replayed') && status === 200) await post(delivery);
      if (status >= 200 && status < 300) return status;
      const waitMs = options.retryMs[attempt];
      if (waitMs === undefined) break;
      await wait(waitMs);
    }
    // After all tries failed, again and again, the subscription is taken away.
    if (subscription !== null && status !== 200) {
      subscription.failures += 1;
      if (subscription.failures >= 3)
        store.subscriptions = store.subscriptions.filter((one) => one !== subscription);
    }
    return status;
  }

  return {
    sent,
    post,
    emit: (topic, payload) =>
      Promise.all(
        store.subscriptions
          .filter((one) => one.topic === topic)
          .map((one) => deliver(deliveryOf(topic, one.callbackUrl, bodyOf(payload, one.includeFields)), one)),
      ),
    async emitCompliance(topic, payload) {
      const [any] = store.subscriptions;
      return any === undefined
        ? 0
        : await deliver(deliveryOf(topic, any.callbackUrl, bodyOf(payload, [])), null);
    },
    close() {
      ending.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
