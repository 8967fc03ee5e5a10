import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Control,
  type ControlOptions,
  PUBLIC_REACH,
  type Sample,
  startControl,
  startWorker,
  type Worker,
} from '#control';
import { makeRootKey } from '#crypto';
import { fixedClock, type Json } from '#kernel';
import { decodeLeaf, fieldsOf, type Leaf, openChannel } from '#plane';
import { type Keeper, startKeeper } from '#keeper';
import type { DatabasePlace } from '#storage';
import { ownPack } from '../../src/bin/rule-packs.ts';
import { apiClient } from './installation.ts';

export interface TestControl {
  readonly folder: string;
  readonly control: Control;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly url: string;
  readonly errors: unknown[];
  /** What an edge needs to work with this control. */
  readonly liveSocket: string;
  readonly forEdges: { readonly controlSocket: string; readonly publicationKey: string };
  client(): ReturnType<typeof apiClient>;
  /** A client that has claimed the installation. */
  owner(): Promise<ReturnType<typeof apiClient>>;
  /** Every leaf that a log holds by now. */
  leavesOf(log: string): Promise<Leaf[]>;
  close(): Promise<void>;
}

export interface TestControlOptions {
  readonly samples?: readonly Sample[];
  readonly anchors?: ControlOptions['anchors'];
  readonly anchorReach?: ControlOptions['anchorReach'];
  readonly publicNames?: ControlOptions['publicNames'];
  readonly reach?: ControlOptions['reach'];
  readonly mail?: ControlOptions['mail'];
  /** Where control's own tables lie; a new SQLite file where absent. */
  readonly state?: DatabasePlace;
  readonly events?: DatabasePlace;
}

/** Keeper, control and a worker in this process, with a clock that the test moves. */
export async function startTestControl(options: TestControlOptions = {}): Promise<TestControl> {
  const folder = mkdtempSync(join(tmpdir(), 'lc-'));
  mkdirSync(join(folder, 'run'), { mode: 0o700 });
  const rootKeyPath = join(folder, 'root.key');
  makeRootKey(rootKeyPath);
  const clock = fixedClock(Date.now());
  const sockets = {
    keeper: join(folder, 'run', 'k'),
    worker: join(folder, 'run', 'w'),
    operator: join(folder, 'run', 'o'),
    edge: join(folder, 'run', 'e'),
    live: join(folder, 'run', 'l'),
  };
  const errors: unknown[] = [];
  const keeper: Keeper = await startKeeper({
    socketPath: sockets.keeper,
    rootKeyPath,
    ledger: { engine: 'sqlite', path: join(folder, 'ledger.db') },
    clock,
  });
  const control = await startControl({
    state: options.state ?? { engine: 'sqlite', path: join(folder, 'state.db') },
    evidenceFolder: join(folder, 'evidence'),
    keeperSocket: sockets.keeper,
    workerSocket: sockets.worker,
    liveSocket: sockets.live,
    operatorSocket: sockets.operator,
    edgeSocket: sockets.edge,
    events: options.events ?? { engine: 'sqlite', path: join(folder, 'events.db') },
    policyFolder: join(folder, 'policy'),
    feedFolder: join(folder, 'feeds'),
    windowFolder: join(folder, 'windows'),
    firewallPack: ownPack(),
    consoleFolder: 'console/dist',
    host: '127.0.0.1',
    port: 0,
    publicNames: options.publicNames ?? [],
    reach: options.reach ?? {},
    mail: options.mail ?? null,
    samples: options.samples ?? [],
    anchors: options.anchors ?? [],
    anchorReach: options.anchorReach ?? PUBLIC_REACH,
    userAgent: 'LoupeTest/1',
    clock,
    onError: (error) => errors.push(error),
  });
  const worker: Worker = startWorker({
    socketPath: sockets.worker,
    clock,
    browser: { mode: 'off', executable: null },
    userAgent: 'LoupeTest/1',
    onError: (error) => errors.push(error),
  });
  const url = `http://127.0.0.1:${control.port}`;
  return {
    folder,
    control,
    clock,
    url,
    errors,
    liveSocket: sockets.live,
    forEdges: { controlSocket: sockets.edge, publicationKey: keeper.publicationKey },
    client: () => apiClient({ url }),
    async owner() {
      const client = apiClient({ url });
      const token = await control.people.newSetupToken();
      await client.call('POST', '/api/v1/claim', { token });
      return client;
    },
    async leavesOf(log) {
      const channel = openChannel(sockets.keeper);
      const logs = fieldsOf({ logs: await channel.call('log.list', null) }).json('logs');
      const own = Array.isArray(logs)
        ? logs.map((one: Json) => fieldsOf(one)).find((one) => one.text('id') === log)
        : undefined;
      const leaves: Leaf[] = [];
      for (let index = 0; index < (own?.integer('size') ?? 0); index++) {
        const text = await channel.call('log.leaf', { log, index });
        if (typeof text === 'string') leaves.push(decodeLeaf(Buffer.from(text)));
      }
      channel.close();
      return leaves;
    },
    async close() {
      await worker.stop();
      await control.close();
      await keeper.close();
    },
  };
}
