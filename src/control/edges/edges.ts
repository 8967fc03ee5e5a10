// The edges' part of control, wired together.
import { join } from 'node:path';
import { HOUR_MS, SECOND_MS } from '#kernel';
import { serveChannel } from '#plane';
import type { DatabasePlace, Relay } from '#storage';
import type { RulePack } from '#waf';
import type { ReachOf } from '../looks/reach.ts';
import type { Services } from '../services.ts';
import type { State } from '../state.ts';
import type { Clock } from '#kernel';
import { openEdgeCredentials } from './credentials.ts';
import { edgeMethods } from './edge-port.ts';
import { openEdgeEvents } from './events.ts';
import { openEdgeFirewall } from './firewall.ts';
import { recordDisclosures } from './disclosures.ts';
import { openEdgeIntegrations } from './integrations.ts';
import { postPolicy } from './policy-topic.ts';
import { openEdgePolicies } from './policies.ts';
import { openEdgeRoutes } from './routes.ts';
import { openEdgeWatch } from './observe.ts';
import { openRulePacks } from './rule-packs.ts';
import { openEdgeSecrets } from './secrets.ts';
import { openEdgeSettings } from './settings.ts';

export interface EdgeServicesOptions {
  readonly state: State;
  readonly services: Pick<
    Services,
    'keeper' | 'hookups' | 'connections' | 'vendorBook' | 'shops' | 'blobs' | 'observations'
  >;
  readonly reachOf: ReachOf;
  readonly events: DatabasePlace;
  /** Loupe's own firewall rules. */
  readonly firewallPack: RulePack;
  readonly socketPath: string;
  readonly policyFolder: string;
  readonly relay: Relay;
  readonly ownPort: () => number;
  readonly ownNames: readonly string[];
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

export type EdgeServices = Awaited<ReturnType<typeof openEdgeServices>>;

const POLICY_MS = SECOND_MS / 2;
/** How soon an assessment that ended stops calls. */
const GATE_MS = 10 * SECOND_MS;

export async function openEdgeServices(options: EdgeServicesOptions) {
  const { state, clock, onError, relay } = options;
  const { keeper, hookups, connections, vendorBook } = options.services;
  const events = await openEdgeEvents(options.events, clock);
  const onChanged = (): void => policies.wake();
  const secrets = openEdgeSecrets(state, keeper, clock, onChanged);
  const integrations = openEdgeIntegrations({ state, connections, vendorBook, clock, onChanged });
  const packs = openRulePacks({
    state,
    events,
    own: options.firewallPack,
    folder: join(options.policyFolder, 'packs'),
    clock,
    onChanged,
  });
  const policies = await openEdgePolicies({
    state,
    keeper,
    secrets,
    hookups,
    integrations,
    packs,
    reachOf: options.reachOf,
    folder: options.policyFolder,
    clock,
    appendLeaves: () => relay.drain(),
    onError,
  });
  const credentials = openEdgeCredentials(state, clock, onChanged);
  const { ownPort, ownNames } = options;
  const routes = openEdgeRoutes({ state, clock, ownPort, ownNames, onChanged });
  const { shops, blobs, observations } = options.services;
  const watch = openEdgeWatch({
    state,
    shops,
    blobs,
    observations,
    routes,
    credentials,
    integrations,
    events,
    policies,
    packs,
    clock,
  });
  const port = await serveChannel(
    options.socketPath,
    edgeMethods({
      state,
      events,
      policies,
      packs,
      credentials,
      clock,
      onEvents: (told) => recordDisclosures(state, told, clock),
    }),
  );
  policies.start(POLICY_MS);
  let lastOpen: string | null = null;
  /** Has a new policy published where the register's gate opened or shut for an integration. */
  async function watchGate(): Promise<void> {
    const rows = await state.kysely
      .selectFrom('edge_integration')
      .select('shop_id')
      .distinct()
      .where('ended_at', 'is', null)
      .where('is_on', '=', 1)
      .execute();
    const open: string[] = [];
    for (const { shop_id: shop } of rows)
      for (const one of await integrations.list(shop)) if (one.open) open.push(one.row.id);
    const now = open.toSorted().join(' ');
    const before = lastOpen;
    lastOpen = now;
    if (before === null || before === now) return;
    await state.transaction((tx) => postPolicy(tx, clock.now()));
    onChanged();
  }
  const watching = setInterval(() => void watchGate().catch(onError), GATE_MS);
  const pruning = setInterval(() => void events.prune().catch(onError), HOUR_MS);
  return {
    edgeFirewall: openEdgeFirewall(events, routes, packs),
    rulePacks: packs,
    edgeEvents: events,
    edgePolicies: policies,
    edgeRoutes: routes,
    edgeCredentials: credentials,
    edgeSecrets: secrets,
    edgeIntegrations: integrations,
    edgeWatch: watch,
    edgeSettings: openEdgeSettings(state, secrets, clock, onChanged),
    async close(): Promise<void> {
      clearInterval(pruning);
      clearInterval(watching);
      await policies.stop();
      await port.close();
      await events.close();
    },
  };
}
