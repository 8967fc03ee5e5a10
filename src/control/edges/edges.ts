// The edges' part of control, wired together.
import { HOUR_MS, SECOND_MS } from '#kernel';
import { serveChannel } from '#plane';
import type { DatabasePlace, Relay } from '#storage';
import type { Services } from '../services.ts';
import type { State } from '../state.ts';
import type { Clock } from '#kernel';
import { openEdgeCredentials } from './credentials.ts';
import { edgeMethods } from './edge-port.ts';
import { openEdgeEvents } from './events.ts';
import { openEdgePolicies } from './policies.ts';
import { openEdgeRoutes } from './routes.ts';
import { openEdgeSecrets } from './secrets.ts';
import { openEdgeSettings } from './settings.ts';

export interface EdgeServicesOptions {
  readonly state: State;
  readonly services: Pick<Services, 'keeper' | 'hookups'>;
  readonly events: DatabasePlace;
  readonly socketPath: string;
  readonly policyFolder: string;
  readonly relay: Relay;
  readonly ownPort: () => number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

export type EdgeServices = Awaited<ReturnType<typeof openEdgeServices>>;

const POLICY_MS = SECOND_MS / 2;

export async function openEdgeServices(options: EdgeServicesOptions) {
  const { state, clock, onError, relay } = options;
  const { keeper, hookups } = options.services;
  const events = await openEdgeEvents(options.events, clock);
  const onChanged = (): void => policies.wake();
  const secrets = openEdgeSecrets(state, keeper, clock, onChanged);
  const policies = await openEdgePolicies({
    state,
    keeper,
    secrets,
    hookups,
    folder: options.policyFolder,
    clock,
    appendLeaves: () => relay.drain(),
    onError,
  });
  const credentials = openEdgeCredentials(state, clock, onChanged);
  const port = await serveChannel(
    options.socketPath,
    edgeMethods({ state, events, policies, credentials, clock, onEvents: async () => undefined }),
  );
  policies.start(POLICY_MS);
  const pruning = setInterval(() => void events.prune().catch(onError), HOUR_MS);
  return {
    edgeEvents: events,
    edgePolicies: policies,
    edgeRoutes: openEdgeRoutes({ state, clock, ownPort: options.ownPort, onChanged }),
    edgeCredentials: credentials,
    edgeSecrets: secrets,
    edgeSettings: openEdgeSettings(state, secrets, clock, onChanged),
    async close(): Promise<void> {
      clearInterval(pruning);
      await policies.stop();
      await port.close();
      await events.close();
    },
  };
}
