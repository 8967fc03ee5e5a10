// The figures of a connected shop: webhooks taken in while they are handled, a large theme compared, many products read within the cost limits.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { steadyClock } from '#kernel';
import { openOutbound } from '#outbound';
import {
  compareItems,
  grantToken,
  type ItemKind,
  type KnownText,
  type ReadOptions,
  readPlatform,
} from '#platform';
import { gid } from '../sample/shopify/store.ts';
import { apiClient, eventually, startInstallation } from '../test/support/installation.ts';
import { startShopify } from '../test/support/shopify.ts';
import { figure, median, percentile, say } from './harness.ts';

const RATE = 200;
const SECONDS = 15;
const ROUNDS = 3;
const FILES = 500;
const PRODUCTS = 10_000;
/** 2,000 points at 100 a second. */
const REFILL_MS = 20_000;

export async function connectBench(): Promise<Record<string, number>> {
  const accepted = await accept();
  return { ...accepted, ...(await readings()) };
}

interface Target {
  readonly port: number;
  readonly path: string;
  readonly host: string;
}

/** Sends at a steady rate, whatever comes back; how long each took, and how many were not answered well. */
async function blast(target: Target, headersOf: (body: string) => Record<string, string>) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const times: number[] = [];
  let refused = 0;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const body = JSON.stringify({ id: 1, updated_at: randomUUID() });
      const began = performance.now();
      const sending = request(
        {
          agent,
          host: '127.0.0.1',
          port: target.port,
          path: target.path,
          method: 'POST',
          headers: { host: target.host, 'content-length': Buffer.byteLength(body), ...headersOf(body) },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => {
            times.push(performance.now() - began);
            if (answer.statusCode !== 200) refused += 1;
            resolve();
          });
        },
      );
      sending.on('error', () => {
        refused += 1;
        resolve();
      });
      sending.end(body);
    });
  const all: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < RATE * SECONDS; sent++) {
    const due = began + (sent / RATE) * 1000;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    all.push(one());
  }
  await Promise.all(all);
  agent.destroy();
  return { times, refused };
}

async function accept(): Promise<Record<string, number>> {
  const installation = await startInstallation();
  // Beside it in the same run: a bare server that reads the body and says yes, checking and keeping nothing.
  const bare = createServer((incoming, answer) => {
    incoming.resume();
    incoming.on('end', () => answer.writeHead(200).end());
  });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  try {
    const owner = apiClient(installation);
    await owner.call('POST', '/api/v1/claim', { token: installation.setupToken });
    const samples: { platform?: { domain: string; clientId: string; clientSecret: string } }[] = JSON.parse(
      readFileSync(join(installation.folder, 'data', 'run', 'samples.json'), 'utf8'),
    );
    const platform = samples
      .flatMap((sample) => sample.platform ?? [])
      .find((one) => one.domain.endsWith('.myshopify.com'));
    if (platform === undefined) throw new Error('no sample platform is running');
    const added = await owner.call('POST', '/api/v1/shops', { address: 'https://maison-aurora.test/' });
    const { domain, clientId, clientSecret } = platform;
    const made = await owner.call('POST', `/api/v1/shops/${String(added.json.shop.id)}/platform`, {
      domain,
      clientId,
      clientSecret,
    });
    const view = `/api/v1/shops/${String(added.json.shop.id)}/platform`;
    await eventually(async () => (await owner.call('GET', view)).json.platform.readAt !== null);
    const headers = (body: string): Record<string, string> => ({
      'content-type': 'application/json',
      'x-shopify-topic': 'products/update',
      'x-shopify-shop-domain': domain,
      'x-shopify-api-version': '2026-10',
      'x-shopify-webhook-id': randomUUID(),
      'x-shopify-triggered-at': new Date().toISOString(),
      'x-shopify-hmac-sha256': createHmac('sha256', clientSecret).update(body).digest('base64'),
    });
    const ours = {
      port: Number(new URL(installation.url).port),
      path: `/hooks/shopify/${String(made.json.platform)}`,
      host: 'loupe.test',
    };
    const theirs = { port: (bare.address() as AddressInfo).port, path: '/', host: 'bare.test' };
    const p99s: number[] = [];
    const bares: number[] = [];
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const own = await blast(ours, headers);
      const other = await blast(theirs, headers);
      refused += own.refused;
      p99s.push(percentile(own.times, 0.99));
      bares.push(percentile(other.times, 0.99));
      say(
        `${RATE}/s for ${SECONDS} s: p50 ${median(own.times).toFixed(2)} ms, p99 ${p99s.at(-1)?.toFixed(1)} ms; bare server p99 ${bares.at(-1)?.toFixed(1)} ms`,
      );
    }
    return { acceptP99Ms: figure(median(p99s)), bareP99Ms: figure(median(bares)), refused };
  } finally {
    bare.close();
    await installation.stop();
  }
}

async function readings(): Promise<Record<string, number>> {
  // Standard plan: 100 points a second, a bucket of 2,000.
  const running = await startShopify({ scopes: ['read_themes', 'read_products'] });
  try {
    const { store, clientId } = running.platform;
    const live = store.themes[0];
    if (live === undefined) throw new Error('the sample has a theme');
    for (let n = live.files.size; n < FILES; n++)
      live.files.set(`sections/s${n}.liquid`, {
        content: `<div>{{ section.settings.s${n} }}</div>\n`.repeat(120),
        updatedAt: Date.now(),
      });
    store.products = Array.from({ length: PRODUCTS }, (_, n) => ({
      id: gid('Product', n + 1),
      title: `Ring ${n}`,
      handle: `ring-${n}`,
      status: 'ACTIVE',
      vendor: 'Maison Aurora',
      updatedAt: Date.now(),
      variants: [0, 1, 2].map((size) => ({
        id: gid('ProductVariant', n * 10 + size),
        price: `${100 + n}.00`,
      })),
    }));
    const outbound = openOutbound({ ...running.reach, userAgent: 'LoupeBench/1' });
    const signal = new AbortController().signal;
    const [domain = ''] = Object.keys(running.reach.connectTo).map((place) => place.replace(/:443$/u, ''));
    const granted = await grantToken(
      outbound,
      domain,
      { clientId, clientSecret: running.platform.clientSecret() },
      Date.now(),
      signal,
    );
    if (!granted.ok) throw new Error(granted.why);
    const read = async (kinds: readonly ItemKind[], known: ReadonlyMap<string, KnownText> = new Map()) => {
      const options: ReadOptions = {
        kinds,
        known,
        deep: false,
        productsSince: null,
        since: Date.now(),
        ownHosts: [],
        callbackUrl: null,
        clock: steadyClock(),
        signal,
      };
      const began = performance.now();
      const result = await readPlatform('shopify', outbound, { domain, token: granted.token }, options);
      if (!result.ok) throw new Error(result.why);
      return { reading: result.reading, ms: performance.now() - began };
    };
    const first = await read(['theme']);
    say(`theme of ${FILES} files, every body fetched: ${(first.ms / 1000).toFixed(2)} s`);
    const known = new Map<string, KnownText>();
    for (const { key, mark, text, facts } of first.reading.items)
      if (mark !== null) known.set(key, { mark, text, facts });
    const themeS: number[] = [];
    const productsS: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // Readings lie an hour apart, and each begins with the bucket full: it fills up within this time.
      await new Promise((resolve) => setTimeout(resolve, REFILL_MS));
      // One file in ten is changed each time.
      for (const [name, file] of [...live.files].filter((_, n) => n % 10 === 0))
        live.files.set(name, { content: `${file.content}<!-- ${round} -->`, updatedAt: Date.now() + round });
      const began = performance.now();
      const { reading } = await read(['theme'], known);
      const changes = compareItems(first.reading.items, reading.items, reading.covered);
      themeS.push((performance.now() - began) / 1000);
      if (changes.length !== FILES / 10)
        throw new Error(`${changes.length} changes instead of ${FILES / 10}`);
      const products = await read(['product']);
      productsS.push(products.ms / 1000);
      say(
        `theme compared, ${changes.length} of ${FILES} files changed: ${themeS.at(-1)?.toFixed(2)} s; ${PRODUCTS} products read: ${productsS.at(-1)?.toFixed(2)} s`,
      );
    }
    const throttled = running.platform.calls.filter((call) => call === 'throttled').length;
    return {
      themeS: figure(median(themeS)),
      themeFirstS: figure(first.ms / 1000),
      products10kS: figure(median(productsS)),
      throttled,
    };
  } finally {
    await running.close();
  }
}
