import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { makeAuthority, type Pem } from './certificates.ts';
import { sampleZone, startDns } from './dns.ts';
import { NAMES } from './names.ts';
import { openSampleWooCommerce, type SampleWooCommerce } from './rest/woocommerce.ts';
import { partyScripts } from './parties/parties.ts';
import {
  BULK_HOST,
  openSamplePlatform,
  SAMPLE_SCOPES,
  type SamplePlatform,
  SHOPIFY_DOMAIN,
} from './shopify/platform.ts';
import { hostedShop } from './shops/hosted.ts';
import type { Credentials } from './shopify/credentials.ts';
import { FEED_HOSTS, openSampleFeeds, type SampleFeeds, SUPPLIER_HOST } from './feeds/services.ts';
import { sampleStone } from './feeds/stones.ts';
import { themeScripts } from './shopify/store.ts';
import { selfHostedShop } from './shops/self-hosted.ts';
import { ALL_WEAKNESSES, type Weakness } from './weaknesses.ts';

function portOf(server: Server): number {
  const address: string | AddressInfo | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export interface WorldOptions {
  /** The first of eight neighbouring ports; 0 takes free ones. */
  readonly firstPort: number;
  /** Where Loupe listens, `http://127.0.0.1:7070`: the sample’s platform sends its webhooks there. Null: nowhere. */
  readonly deliverTo?: () => string | null;
  /** The credentials of the sample’s platform app; new ones where absent. */
  readonly credentials?: Credentials;
  readonly weaknesses?: ReadonlySet<Weakness>;
  /** The platform’s clock; the system’s where absent. */
  readonly now?: () => number;
}

/** How Loupe reaches the sample world: what an operator would write for a shop on a private network. */
export interface SampleShop {
  readonly name: string;
  readonly address: string;
  /** Where a person can look at it. */
  readonly visit: string;
  readonly reach: {
    readonly allowNetworks: readonly string[];
    readonly extraCa: readonly string[];
    readonly resolver: string;
    readonly connectTo: Readonly<Record<string, string>>;
  };
  /** The simulated platform, where it has one: what its dashboard shows, and under which name it reaches Loupe. */
  readonly platform?: {
    readonly domain: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly visit: string;
    readonly callBase: string;
  };
  /** What signs in at its providers of stones, by provider. */
  readonly feeds: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface World {
  readonly shops: readonly SampleShop[];
  readonly platform: SamplePlatform;
  readonly wooCommerce: SampleWooCommerce;
  readonly feeds: SampleFeeds;
  close(): Promise<void>;
}

/** A small provider: what a start can make in a moment. */
const SAMPLE_STONES = 20_000;

/** Old versions need RSA and OpenSSL's lowest security level. */
const OLD_TLS: ServerOptions = { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' };

function listener(app: Hono): RequestListener {
  const listen = getRequestListener(app.fetch);
  return (request, response) => {
    void listen(request, response);
  };
}

function withoutCdn(shop: Hono): (request: Request) => Promise<Response> {
  return async (request) => {
    const answer = await shop.fetch(request);
    answer.headers.delete('x-sucuri-id');
    return answer;
  };
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const on = options.weaknesses ?? ALL_WEAKNESSES;
  const port = (n: number): number => (options.firstPort === 0 ? 0 : options.firstPort + n);
  const authority = await makeAuthority();
  const servers: Server[] = [];
  const listen = async (server: Server, wanted: number, host = '127.0.0.1'): Promise<number> => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(wanted, host, resolve);
    });
    servers.push(server);
    return portOf(server);
  };
  const secure = (app: Hono, pem: Pem, tls: ServerOptions = {}): Server =>
    createHttpsServer({ ...pem, ...tls }, listener(app));

  const oldTls = on.has('old-tls') || on.has('null-suite');
  // Named one by one: Node's DEFAULT bars suites without encryption for good.
  const shopCiphers = `ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:AES128-SHA${on.has('null-suite') ? ':NULL-SHA256' : ''}:@SECLEVEL=0`;
  const shopTls: ServerOptions = {
    ...(on.has('old-tls') ? { minVersion: 'TLSv1' } : { minVersion: 'TLSv1.2' }),
    ...(oldTls ? { ciphers: shopCiphers } : {}),
  };
  const shopNames = [NAMES.selfHosted, `mta-sts.${NAMES.selfHosted}`];
  const wooCommerce = openSampleWooCommerce();
  const self = selfHostedShop(on).route('/', wooCommerce.app);
  const selfPem = await authority.issue(shopNames, { rsa: true });
  const selfPort = await listen(secure(self, selfPem, shopTls), port(1));
  if (on.has('open-origin')) {
    // The machine behind the CDN: the same shop at another address, without the CDN's header.
    const bare = secure(new Hono().mount('/', withoutCdn(self)), selfPem);
    await listen(bare, selfPort, '127.0.0.2');
  }
  const platform = openSamplePlatform({
    deliverTo: options.deliverTo ?? (() => null),
    scopes: SAMPLE_SCOPES,
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  });
  const hostedPort = await listen(
    secure(
      hostedShop(() => themeScripts(platform.store)),
      await authority.issue([NAMES.hosted, `mta-sts.${NAMES.hosted}`]),
    ),
    port(0),
  );

  const partyPem = await authority.issue([NAMES.chat, NAMES.reviews, NAMES.feed, NAMES.hostedCdn]);
  const partyPort = await listen(secure(partyScripts(), partyPem), port(3));
  const carelessPem = await authority.issue(
    [NAMES.careless],
    on.has('careless-party') ? { days: -9, rsa: true } : {},
  );
  const careless = secure(
    partyScripts(on.has('careless-party')),
    carelessPem,
    on.has('careless-party') ? { ...OLD_TLS, maxVersion: 'TLSv1' } : {},
  );
  const carelessPort = await listen(careless, port(4));

  const plain = createHttpServer((request, response) => {
    const host = request.headers.host ?? '';
    if (host === NAMES.selfHosted && on.has('no-redirect')) {
      listener(self)(request, response);
      return;
    }
    response.writeHead(301, { location: `https://${host}${request.url ?? '/'}` }).end();
  });
  const plainPort = await listen(plain, port(2));
  const platformPort = await listen(
    secure(platform.app, await authority.issue([SHOPIFY_DOMAIN, BULK_HOST])),
    port(6),
  );
  const feeds = openSampleFeeds(Array.from({ length: SAMPLE_STONES }, (_, i) => sampleStone(i + 1)));
  const feedPort = await listen(secure(feeds.app, await authority.issue([...FEED_HOSTS])), port(7));
  const dns = await startDns(sampleZone(on), port(5));

  const at = (name: string, tls: number): Record<string, string> => ({
    [`${name}:443`]: `127.0.0.1:${tls}`,
    [`${name}:80`]: `127.0.0.1:${plainPort}`,
  });
  const reach = {
    allowNetworks: ['127.0.0.1', '127.0.0.2'],
    extraCa: [authority.ca],
    resolver: `127.0.0.1:${dns.port}`,
    connectTo: {
      ...at(NAMES.hosted, hostedPort),
      ...at(`mta-sts.${NAMES.hosted}`, hostedPort),
      ...at(NAMES.selfHosted, selfPort),
      ...at(`mta-sts.${NAMES.selfHosted}`, selfPort),
      ...Object.assign(
        {},
        ...[NAMES.chat, NAMES.reviews, NAMES.feed, NAMES.hostedCdn].map((name) => at(name, partyPort)),
      ),
      ...at(NAMES.careless, carelessPort),
      // Names that are somebody’s: never looked up, always here.
      [`${SHOPIFY_DOMAIN}:443`]: `127.0.0.1:${platformPort}`,
      [`${BULK_HOST}:443`]: `127.0.0.1:${platformPort}`,
      ...Object.fromEntries(FEED_HOSTS.map((host) => [`${host}:443`, `127.0.0.1:${feedPort}`])),
    },
  };
  const { username, password, apiKey, apiSecret, access, secret } = feeds.account;
  const feedAccounts = {
    rapnet: { username, password },
    'rapnet-instant': { clientId: apiKey, clientSecret: apiSecret },
    idex: { apiKey, apiSecret },
    'idex-lab-grown': { apiKey, apiSecret },
    'idex-legacy': { access },
    nivoda: { username, password },
    'nivoda-lab-grown': { username, password },
    'supplier-list': { url: `https://${SUPPLIER_HOST}/stock/list.json`, secret },
  };
  return {
    shops: [
      {
        name: 'Bergström Jewelers',
        address: `https://${NAMES.selfHosted}/`,
        visit: `https://127.0.0.1:${selfPort}/`,
        reach,
        platform: {
          domain: NAMES.selfHosted,
          clientId: wooCommerce.key,
          clientSecret: wooCommerce.secret,
          visit: `https://127.0.0.1:${selfPort}/`,
          callBase: `https://${NAMES.loupe}`,
        },
        feeds: feedAccounts,
      },
      {
        name: 'Maison Aurora',
        address: `https://${NAMES.hosted}/`,
        visit: `https://127.0.0.1:${hostedPort}/`,
        reach,
        platform: {
          domain: SHOPIFY_DOMAIN,
          clientId: platform.clientId,
          clientSecret: platform.clientSecret(),
          visit: `https://127.0.0.1:${platformPort}/dev-dashboard`,
          callBase: `https://${NAMES.loupe}`,
        },
        feeds: feedAccounts,
      },
    ],
    platform,
    wooCommerce,
    feeds,
    async close() {
      platform.sender.close();
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await dns.close();
    },
  };
}
