import { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS, systemCode } from '#kernel';
import { compareTexts, readFile } from '#intake';
import { type ChannelServer, serveChannel } from '#plane';
import type { DatabasePlace } from '#storage';
import type { RulePack } from '#waf';
import type { SampleOffer } from '@loupe/contract';
import type { Anchors, AnchorTarget } from './anchors/anchors.ts';
import { newApp, openApi, type Operation } from './api/api.ts';
import { addAskRoutes } from './api/ask-routes.ts';
import { addChangeRoutes } from './api/change-routes.ts';
import { addBrokerRoutes } from './api/broker-routes.ts';
import { addCallerRoutes } from './api/caller-routes.ts';
import { addEdgeRoutes } from './api/edge-routes.ts';
import { addFirewallRoutes } from './api/firewall-routes.ts';
import { addEvidenceRoutes } from './api/evidence-routes.ts';
import { addDropRoutes } from './api/drop-routes.ts';
import { addFeedRoutes } from './api/feed-routes.ts';
import { addInspectionRoutes } from './api/inspection-routes.ts';
import { addWindowHookRoutes } from './api/window-hook-routes.ts';
import { addListSampleRoutes } from './api/list-sample-routes.ts';
import { addGateRoutes } from './api/gate-routes.ts';
import { hookRoutes } from './api/hook-routes.ts';
import { boundedBodies, ownNamesOnly, sameOriginChanges, secureHeaders } from './api/guards.ts';
import { addPaperRoutes } from './api/paper-routes.ts';
import { addPlatformRoutes } from './api/platform-routes.ts';
import { problemOf } from './api/problems.ts';
import { addSessionRoutes } from './api/session-routes.ts';
import { addShopRoutes } from './api/shop-routes.ts';
import { addVendorRoutes } from './api/vendor-routes.ts';
import type { People } from './auth/people.ts';
import { openEdgeServices } from './edges/edges.ts';
import { controlError } from './errors.ts';
import { openLedgerRelay } from './ledger-relay.ts';
import { INSTALLATION_LOG } from './leaves.ts';
import type { Reach } from './looks/reach.ts';
import type { MailOptions } from './mail/mailer.ts';
import { askPages } from './pages/ask-pages.ts';
import { pages } from './pages/pages.ts';
import { STYLE_SOURCES } from './pages/styles.ts';
import { openServices, type Services } from './services.ts';
import { openState } from './state.ts';
import { operatorMethods } from './operator-port.ts';
import { workerMethods } from './work/worker-port.ts';

/** A sample shop that is offered for a first try, and how it is reached. */
export interface Sample extends SampleOffer {
  readonly reach: Reach;
  /** Its simulated platform, where it has one: what a person would find in its dashboard, and under which name it reaches Loupe. */
  readonly platform?: {
    readonly domain: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly visit: string;
    readonly callBase: string;
  };
  /** What signs in at its simulated providers of stones, by provider. */
  readonly feeds?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface ControlOptions {
  readonly state: DatabasePlace;
  readonly evidenceFolder: string;
  readonly keeperSocket: string;
  readonly workerSocket: string;
  /** For the process that passes stones of live feeds through. */
  readonly liveSocket: string;
  /** For the operator's command line. */
  readonly operatorSocket: string;
  /** Where edges ask for policy and tell what happened. */
  readonly edgeSocket: string;
  readonly events: DatabasePlace;
  readonly policyFolder: string;
  /** Where loads of feeds are kept, sealed. */
  readonly feedFolder: string;
  /** Where windows are published; the window's process reads there. */
  readonly windowFolder: string;
  /** Loupe's own firewall rules, so that what they say can be told. */
  readonly firewallPack: RulePack;
  readonly consoleFolder: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Names besides the loopback ones under which the console is opened. */
  readonly publicNames: readonly string[];
  readonly reach: Readonly<Record<string, Reach>>;
  readonly samples: readonly Sample[];
  readonly anchors: readonly AnchorTarget[];
  readonly anchorReach: Reach;
  /** A mail server for questions and reminders, or null: a person sends them. */
  readonly mail: MailOptions | null;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

export interface Control {
  readonly port: number;
  readonly operations: readonly Operation[];
  readonly people: People;
  /** Sends checkpoints outside now; returns what failed. */
  anchorNow(): ReturnType<Anchors['run']>;
  anchorsOf(log: string): ReturnType<Anchors['of']>;
  /** Does what has come due: reminders, asking again, judging agreed actions. */
  keepPromises(): Promise<void>;
  /** The key that verifies a log's checkpoints. */
  logKey(log: string): Promise<string>;
  close(): Promise<void>;
}

const RELAY_MS = SECOND_MS / 2;
const MAIL_MS = 5 * SECOND_MS;

/** Starts the control plane: state, relay to the ledger, API, pages, and the port for workers. */
export async function startControl(options: ControlOptions): Promise<Control> {
  const { clock, onError } = options;
  const state = await openState(options.state);
  let bound = options.port;
  const services = openServices(
    options,
    state,
    () => bound,
    () => relay,
  );
  const { keeper, jobs, people, grants, mailer } = services;
  await keeper.ensureLog(INSTALLATION_LOG, false);
  const relay = openLedgerRelay(state, keeper, clock, onError);
  const port: ChannelServer = await serveChannel(
    options.workerSocket,
    workerMethods(jobs, services.jobKinds),
  );
  const livePort = await serveChannel(options.liveSocket, services.live);

  const edges = await openEdgeServices({
    state,
    services,
    events: options.events,
    firewallPack: options.firewallPack,
    socketPath: options.edgeSocket,
    policyFolder: options.policyFolder,
    reachOf: services.reachOf,
    relay,
    ownPort: () => bound,
    // Routes name hosts without a port.
    ownNames: options.publicNames.map((name) => name.toLowerCase().replace(/:\d+$/u, '')),
    clock,
    onError,
  });

  const operatorPort = await serveChannel(
    options.operatorSocket,
    operatorMethods({ state, ...services, ...edges }),
  );
  services.judges.push((shopId) => edges.edgeWatch.judgeUnguarded(shopId));
  const gate = { people, grants };
  const app = newApp();
  const names = new Set<string>();
  const publicNames = new Set(options.publicNames.map((name) => name.toLowerCase()));
  app.use(secureHeaders(STYLE_SOURCES));
  app.get('/healthz', (c) => c.text('ok\n'));
  app.get('/readyz', async (c) => {
    await keeper.custody();
    return c.text('ready\n');
  });
  app.use(ownNamesOnly(names));
  app.use(boundedBodies());
  app.use(sameOriginChanges());
  let claimed = await people.claimed();
  app.use(async (c, next) => {
    // Until it is claimed nobody is answered but whoever opens the link, and whoever did.
    claimed ||= (await people.claimed()) || (await somebodyThere());
    const open =
      claimed ||
      c.req.path === '/api/v1/claim' ||
      c.req.path === '/claim' ||
      /^\/(console|assets)\//u.test(c.req.path);
    if (!open) {
      const { status, body } = problemOf(controlError('control/not-claimed'));
      return c.json(body, status, { 'content-type': 'application/problem+json' });
    }
    await next();
  });
  const somebodyThere = async (): Promise<boolean> =>
    (await state.kysely.selectFrom('person').select('id').executeTakeFirst()) !== undefined;

  const v1 = openApi(gate, state, () => clock.now());
  addSessionRoutes(v1, people, (host) => publicNames.has(host));
  addShopRoutes(v1, {
    ...services,
    samples: options.samples.map(({ name, address, visit }) => ({ name, address, visit })),
  });
  addEvidenceRoutes(v1, services);
  addAskRoutes(v1, { ...services, readFile });
  addVendorRoutes(v1, { ...services, book: services.vendorBook });
  addGateRoutes(v1, { ...services, book: services.vendorBook });
  addPaperRoutes(v1, { ...services, book: services.vendorBook });
  addPlatformRoutes(v1, { ...services, state, clock, samples: options.samples });
  addEdgeRoutes(v1, { ...services, ...edges, clock, state });
  addFirewallRoutes(v1, edges);
  addCallerRoutes(v1, edges);
  addBrokerRoutes(v1, { ...edges, clock });
  addListSampleRoutes(v1, services);
  addDropRoutes(v1, services);
  addWindowHookRoutes(v1, services);
  addInspectionRoutes(v1, services);
  addFeedRoutes(v1, { ...services, samples: options.samples, namesOf: (ids) => people.namesOf(ids) });
  addChangeRoutes(v1, { ...services, namesOf: (ids) => people.namesOf(ids), compareTexts });
  v1.app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Loupe', version: '1' },
    servers: [{ url: '/api/v1' }],
  });
  app.route('/api/v1', v1.app);
  app.route('/', hookRoutes({ ...services, state, clock }));
  app.route(
    '/',
    askPages({ ...services, clock, linkBase: (c) => services.publicBase ?? new URL(c.req.url).origin }),
  );
  app.route('/', pages({ ...services, gate, clock, consoleFolder: options.consoleFolder }));

  const listening = await listen(app.fetch, options.host, options.port);
  const { server } = listening;
  bound = listening.bound;
  // Browsers leave the port out where it is http's own.
  for (const name of ['127.0.0.1', 'localhost', '[::1]']) names.add(bound === 80 ? name : `${name}:${bound}`);
  for (const name of publicNames) names.add(name);
  for (const { platform } of options.samples)
    if (platform !== undefined) names.add(new URL(platform.callBase).host);

  relay.start(RELAY_MS);
  services.shopWindows.start(RELAY_MS);
  mailer.start(MAIL_MS);
  const timers = [
    every(10 * SECOND_MS, async () => void (await jobs.tick())),
    every(MINUTE_MS, async () => {
      for (const failure of await services.anchors.run())
        onError(new Error(`anchor ${failure.name} of ${failure.log}: ${failure.why}`));
    }),
    every(MINUTE_MS, () => keepPromises(services, onError)),
    every(20 * SECOND_MS, () => edges.edgeWatch.tick()),
    every(SECOND_MS, async () => void (await services.deliveries.handle())),
    every(HOUR_MS, async () => {
      for (const shop of await services.shops.all()) await services.changed(shop.id);
    }),
  ];

  /** Acts now and again every so often; a time that comes while the last one still works is passed over. */
  function every(ms: number, act: () => Promise<void>): NodeJS.Timeout {
    let busy = false;
    const run = (): void => {
      if (busy) return;
      busy = true;
      act()
        .catch(onError)
        .finally(() => (busy = false));
    };
    run();
    return setInterval(run, ms);
  }

  return {
    port: bound,
    operations: v1.operations,
    people,
    anchorNow: () => services.anchors.run(),
    anchorsOf: (log) => services.anchors.of(log),
    keepPromises: () => keepPromises(services, onError),
    logKey: async (log) => (await keeper.logs()).find((l) => l.id === log)?.vkey ?? '',
    async close() {
      for (const timer of timers) clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await livePort.close();
      await operatorPort.close();
      await port.close();
      await edges.close();
      await services.shopWindows.stop();
      await relay.stop();
      await mailer.stop();
      keeper.close();
      await state.close();
    },
  };
}

/** What has a date: reminders, asking again, papers that end, agreed actions and the looks that decide about them. */
async function keepPromises(services: Services, onError: (error: unknown) => void): Promise<void> {
  const { sender, alarms, actions, observations, looks, vendorLooks, register, feedLoads, shopWindows } =
    services;
  await feedLoads.forget();
  await shopWindows.tick();
  await sender.tick();
  await alarms.tick();
  for (const { shopId, vendorId } of await actions.judgeDue(observations)) {
    // A shop or third party that is gone keeps no promise of another's waiting.
    const asked = vendorId === null ? looks.request(shopId) : lookAgain(shopId, vendorId);
    await asked.catch(onError);
  }

  async function lookAgain(shopId: string, vendorId: string): Promise<string | null> {
    return await vendorLooks.request(shopId, await register.get(shopId, vendorId));
  }
}

async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  host: string,
  port: number,
): Promise<{ server: Server; bound: number }> {
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: host, port }, (info: AddressInfo) => {
      resolve({ server: asServer(server), bound: info.port });
    });
    server.on('error', (error: unknown) => {
      const busy = systemCode(error) === 'EADDRINUSE';
      reject(busy ? controlError('control/busy-port', { details: { host, port }, cause: error }) : error);
    });
  });
}

function asServer(server: ReturnType<typeof serve>): Server {
  if (!('closeAllConnections' in server)) throw new TypeError('an HTTP/1.1 server was asked for');
  return server;
}
