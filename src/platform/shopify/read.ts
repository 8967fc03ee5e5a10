import { MINUTE_MS } from '#kernel';
import type { Outbound } from '#outbound';
import { type Collector, newCollector } from '../collector.ts';
import { AccessDenied, readFailureOf } from '../failed.ts';
import type { ItemKind, ReadResult } from '../item.ts';
import type { ReadOptions } from '../reading.ts';
import { type Admin, type AdminAccess, openAdmin } from './admin.ts';
import { ownScopes, readApps, readStaff, readTraces } from './people.ts';
import { readAllProducts, readProductsSince } from './products.ts';
import { SHOPIFY_VERSION, shopifyDomain } from './protocol.ts';
import { hasScope, SHOPIFY_SCOPES } from './scopes.ts';
import { readDiscounts, readPages, readPolicies, readRedirects, readSetting } from './storefront.ts';
import { keepSubscribed, type SubscriptionsSeen, unsubscribe } from './subscriptions.ts';
import { readThemes } from './themes.ts';

const READING_MS = 5 * MINUTE_MS;

/** Reads a Shopify shop: the kinds asked for, the webhooks set right, who did what. What the token may not read is a gap. */
export async function readShopify(
  outbound: Outbound,
  given: AdminAccess,
  options: ReadOptions,
): Promise<ReadResult> {
  const began = performance.now();
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(READING_MS)]);
  const access = { domain: shopifyDomain(given.domain), token: given.token };
  const admin = openAdmin(outbound, access, signal);
  const into = newCollector();
  try {
    const scopes = await ownScopes(admin);
    // The setting is read each time: a sign of life, and cheap.
    const kinds = new Set<ItemKind>(['setting', ...options.kinds]);
    for (const kind of kinds) {
      const offer = SHOPIFY_SCOPES.find((one) => one.kinds.includes(kind));
      if (kind === 'theme-file') continue;
      if (offer !== undefined && !hasScope(scopes, offer.scope)) {
        for (const closed of offer.kinds) into.gap(closed, offer.closed ? 'closed' : 'scope', offer.scope);
        continue;
      }
      await part(into, kind, () => readKind(kind, admin, outbound, into, options, signal));
    }
    let seen: SubscriptionsSeen = { subscribed: [], resubscribed: [] };
    if (options.callbackUrl !== null) seen = await keepSubscribed(admin, options.callbackUrl, scopes);
    // The journal says who; without it a change is told without a name.
    const traces = await readTraces(admin, options.since).catch((error: unknown) => {
      if (error instanceof AccessDenied) return [];
      throw error;
    });
    return {
      ok: true,
      reading: {
        at: options.clock.now(),
        ms: Math.round(performance.now() - began),
        covered: [...into.covered],
        items: into.items,
        gaps: into.gaps,
        traces,
        texts: into.texts,
        access: { scopes, askedVersion: SHOPIFY_VERSION, servedVersion: admin.servedVersion(), ...seen },
      },
    };
  } catch (error) {
    return { ok: false, why: readFailureOf(error) };
  }
}

/** Takes back what was set up at the platform. Best done before the access is forgotten; a failure is told, not thrown. */
export async function leaveShopify(
  outbound: Outbound,
  given: AdminAccess,
  signal: AbortSignal,
): Promise<boolean> {
  const admin = openAdmin(outbound, { domain: shopifyDomain(given.domain), token: given.token }, signal);
  return await unsubscribe(admin).then(
    () => true,
    () => false, // a token that is refused has nothing left to take back
  );
}

async function readKind(
  kind: ItemKind,
  admin: Admin,
  outbound: Outbound,
  into: Collector,
  options: ReadOptions,
  signal: AbortSignal,
): Promise<void> {
  switch (kind) {
    case 'setting':
      return await readSetting(admin, into);
    case 'theme':
      return await readThemes(admin, into, options.known, options.deep);
    case 'product':
      if (options.productsSince !== null && (await readProductsSince(admin, into, options.productsSince)))
        return;
      return await readAllProducts(admin, outbound, into, signal);
    case 'discount':
      return await readDiscounts(admin, into);
    case 'redirect':
      return await readRedirects(admin, into, options.ownHosts);
    case 'policy':
      return await readPolicies(admin, into);
    case 'page':
      return await readPages(admin, into);
    case 'app':
      return await readApps(admin, into);
    case 'staff':
      return await readStaff(admin, into);
    case 'theme-file':
    case 'payment':
      return; // read with the themes; not open to apps at Shopify
    case 'pixel':
    case 'checkout-extension':
      return into.gap(kind, 'own-only');
  }
}

/** A part by itself: one that may not be read is a gap, and the others go on. */
async function part(into: Collector, kind: ItemKind, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (error instanceof AccessDenied) into.gap(kind, 'closed');
    else if (readFailureOf(error) === 'bad-answer') into.gap(kind, 'failed');
    else throw error;
  }
}
