import { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Clock, MINUTE_MS, SECOND_MS, systemCode } from '#kernel';
import { openOutbound } from '#outbound';
import { type ChannelServer, serveChannel } from '#plane';
import { type DatabasePlace, openBlobStore, openJobs } from '#storage';
import type { SampleOffer } from '@loupe/contract';
import { type Anchors, type AnchorTarget, openAnchors } from './anchors/anchors.ts';
import { newApp, openApi, type Operation } from './api/api.ts';
import { addEvidenceRoutes } from './api/evidence-routes.ts';
import { boundedBodies, ownNamesOnly, sameOriginChanges, secureHeaders } from './api/guards.ts';
import { problemOf } from './api/problems.ts';
import { addSessionRoutes } from './api/session-routes.ts';
import { addShopRoutes } from './api/shop-routes.ts';
import { openGrants } from './auth/grants.ts';
import { openPeople, type People } from './auth/people.ts';
import { controlError } from './errors.ts';
import { openKeeperClient } from './keeper-client.ts';
import { openLedgerRelay } from './ledger-relay.ts';
import { INSTALLATION_LOG } from './leaves.ts';
import { openLooks, type Reach } from './looks/looks.ts';
import { openObservations } from './looks/observations.ts';
import { workerMethods } from './looks/worker-port.ts';
import { pages } from './pages/pages.ts';
import { DOCUMENT_STYLE_SOURCE } from './pages/styles.ts';
import { openAnswerBook } from './questions/answers.ts';
import { openShops } from './shops/shops.ts';
import { openState } from './state.ts';

/** A sample shop that is offered for a first try, and how it is reached. */
export interface Sample extends SampleOffer {
  readonly reach: Reach;
}

export interface ControlOptions {
  readonly state: DatabasePlace;
  readonly evidenceFolder: string;
  readonly keeperSocket: string;
  readonly workerSocket: string;
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
  /** The key that verifies a log's checkpoints. */
  logKey(log: string): Promise<string>;
  close(): Promise<void>;
}

const RELAY_MS = SECOND_MS / 2;

/** Starts the control plane: state, relay to the ledger, API, pages, and the port for workers. */
export async function startControl(options: ControlOptions): Promise<Control> {
  const { clock, onError } = options;
  const state = await openState(options.state);
  const keeper = openKeeperClient(options.keeperSocket);
  await keeper.ensureLog(INSTALLATION_LOG, false);

  const jobs = openJobs(state, clock);
  const blobs = openBlobStore(options.evidenceFolder, keeper);
  const people = openPeople(state, keeper, clock);
  const grants = openGrants(state, clock);
  const shops = openShops(state, keeper, clock);
  const observations = openObservations(state);
  const looks = openLooks(state, jobs, blobs, shops, clock);
  const book = openAnswerBook(observations, clock);
  const outbound = openOutbound({ ...options.anchorReach, userAgent: options.userAgent });
  const anchors = openAnchors(state, keeper, outbound, options.anchors, clock);
  const relay = openLedgerRelay(state, keeper, clock, onError);

  const reach = new Map(Object.entries(options.reach));
  for (const sample of options.samples) reach.set(new URL(sample.address).hostname, sample.reach);
  const port: ChannelServer = await serveChannel(
    options.workerSocket,
    workerMethods({ jobs, looks, reachOf: (host) => reach.get(host) }),
  );

  const gate = { people, grants };
  const app = newApp();
  const names = new Set<string>();
  app.use(secureHeaders(DOCUMENT_STYLE_SOURCE));
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
  addSessionRoutes(v1, people);
  addShopRoutes(v1, {
    shops,
    looks,
    grants,
    people,
    samples: options.samples.map(({ name, address, visit }) => ({ name, address, visit })),
  });
  addEvidenceRoutes(v1, { shops, observations, book, blobs, keeper, anchors });
  v1.app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Loupe', version: '1' },
    servers: [{ url: '/api/v1' }],
  });
  app.route('/api/v1', v1.app);
  app.route('/', pages({ gate, shops, book, keeper, anchors, consoleFolder: options.consoleFolder }));

  const { server, bound } = await listen(app.fetch, options.host, options.port);
  // Browsers leave the port out where it is http's own.
  for (const name of ['127.0.0.1', 'localhost', '[::1]']) names.add(bound === 80 ? name : `${name}:${bound}`);
  for (const name of options.publicNames) names.add(name.toLowerCase());

  relay.start(RELAY_MS);
  const tick = every(10 * SECOND_MS, async () => void (await jobs.tick()));
  const anchoring = every(MINUTE_MS, async () => {
    for (const failure of await anchors.run())
      onError(new Error(`anchor ${failure.name} of ${failure.log}: ${failure.why}`));
  });

  function every(ms: number, act: () => Promise<void>): NodeJS.Timeout {
    const run = (): void => {
      act().catch(onError);
    };
    run();
    return setInterval(run, ms);
  }

  return {
    port: bound,
    operations: v1.operations,
    people,
    anchorNow: () => anchors.run(),
    anchorsOf: (log) => anchors.of(log),
    logKey: async (log) => (await keeper.logs()).find((l) => l.id === log)?.vkey ?? '',
    async close() {
      clearInterval(tick);
      clearInterval(anchoring);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await port.close();
      await relay.stop();
      keeper.close();
      await state.close();
    },
  };
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
