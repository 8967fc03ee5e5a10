import type { Answer, Change } from '@loupe/contract';
import { SECOND_MS } from '#kernel';
import type { DatabasePlace } from '#storage';
import { SHOPIFY_DOMAIN } from '../../sample/shopify/platform.ts';
import { startWorld, type World } from '../../sample/world.ts';
import { startTestControl, type TestControl } from './control.ts';
import { type ApiClient, eventually } from './installation.ts';

export const V1 = '/api/v1';

/** The hosted sample shop, added and looked at, with its simulated platform beside it. */
export interface HostedShop {
  readonly t: TestControl;
  readonly world: World;
  readonly platform: World['platform'];
  readonly shop: string;
  /** The owner's client; anew after a jump of the clock, which ends sessions. */
  owner(): ApiClient;
  signInAgain(): Promise<void>;
  keys(): { readonly domain: string; readonly clientId: string; readonly clientSecret: string };
  /** Connects the platform, and waits for the first reading; its id. */
  connect(): Promise<string>;
  /** The platform as the API shows it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer of the API, as the tests read it
  view(): Promise<any>;
  changes(): Promise<Change[]>;
  answer(id: string): Promise<Answer>;
  check(question: string, id: string): Promise<Answer['checks']>;
  /** Waits until a check comes to this: it is judged a moment after what it is judged by. */
  comesTo(question: string, id: string, outcome: string): Promise<unknown>;
  /** Has the platform read, as a person would, and waits for it. */
  read(): Promise<void>;
  /** Waits for a reading that a delivery caused. */
  readByItself(): Promise<void>;
  close(): Promise<void>;
}

export async function startHostedShop(state: DatabasePlace): Promise<HostedShop> {
  const started: { t?: TestControl } = {};
  const world = await startWorld({
    firstPort: 0,
    weaknesses: new Set(),
    deliverTo: () => started.t?.url ?? null,
    // What is read since a time is read by the clock that the time was taken from.
    now: () => started.t?.clock.now() ?? Date.now(),
  });
  const t = await startTestControl({ samples: world.shops, state });
  started.t = t;
  let owner = await t.owner();
  const { platform } = world;
  const added = await owner.call('POST', `${V1}/shops`, { address: 'https://maison-aurora.test/' });
  const shop: string = added.json.shop.id;
  const path = `${V1}/shops/${shop}`;
  await eventually(
    async () => (await owner.call('GET', `${path}/looks/${added.json.look}`)).json.state === 'done',
  );
  const hosted: HostedShop = {
    t,
    world,
    platform,
    shop,
    owner: () => owner,
    async signInAgain() {
      owner = await t.owner();
    },
    keys: () => ({
      domain: SHOPIFY_DOMAIN,
      clientId: platform.clientId,
      clientSecret: platform.clientSecret(),
    }),
    async connect() {
      const made = await owner.call('POST', `${path}/platform`, hosted.keys());
      if (made.status !== 201) throw new Error(`not connected: ${made.text}`);
      await eventually(async () => (await hosted.view()).platform.readAt !== null);
      return made.json.platform;
    },
    view: async () => (await owner.call('GET', `${path}/platform`)).json,
    changes: async () => (await owner.call('GET', `${path}/changes`)).json.changes,
    answer: async (id) =>
      (await owner.call('GET', `${path}/answers`)).json.answers.find((one: Answer) => one.id === id),
    check: async (question, id) => (await hosted.answer(question)).checks.filter((one) => one.id === id),
    comesTo: (question, id, outcome) =>
      eventually(async () => (await hosted.check(question, id))[0]?.outcome === outcome),
    async read() {
      // The first to end may be one that a delivery asked for: of a part only, or begun before. The second was asked for here.
      for (const _ of ['any', 'ours']) {
        const before = (await hosted.view()).platform.readAt;
        t.clock.advance(15 * SECOND_MS);
        await owner.call('POST', `${path}/platform/readings`);
        t.clock.advance(5 * SECOND_MS);
        await eventually(async () => ((await hosted.view()).platform.readAt ?? 0) > (before ?? 0));
      }
    },
    async readByItself() {
      const before = (await hosted.view()).platform.readAt;
      await eventually(async () => {
        t.clock.advance(SECOND_MS);
        return (await hosted.view()).platform.readAt > before;
      });
    },
    async close() {
      await t.close();
      await world.close();
    },
  };
  return hosted;
}
