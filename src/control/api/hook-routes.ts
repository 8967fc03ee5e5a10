// What the platform itself calls: webhooks, the app proxy, embedded pages. No session, no cookie; every request proves itself by its own
// signature or gets the same refusal.
import { Hono } from 'hono';
import type { Clock } from '#kernel';
import { verifyProxy, verifySession } from '#platform';
import { controlError } from '../errors.ts';
import type { Deliveries } from '../platforms/deliveries.ts';
import type { Hookups, HookupView } from '../platforms/hookups.ts';
import type { AnswerBook } from '../questions/answers.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';

export interface HookRoutesOptions {
  readonly state: State;
  readonly hookups: Hookups;
  readonly deliveries: Deliveries;
  readonly shops: Shops;
  readonly book: AnswerBook;
  readonly clock: Clock;
}

const refusal = (): Error => controlError('control/delivery-refused');

export function hookRoutes(options: HookRoutesOptions): Hono {
  const { hookups, deliveries, shops, book, clock } = options;
  const db = options.state.kysely;
  const app = new Hono();

  /** An address that is not a live hookup's is refused as a wrong signature is: nobody learns which there are. */
  async function hookupOf(id: string): Promise<HookupView> {
    const hookup = await hookups.byId(id);
    if (hookup === null || hookup.row.platform !== 'shopify') throw refusal();
    return hookup;
  }

  app.post('/hooks/shopify/:hookup', async (c) => {
    const hookup = await hookupOf(c.req.param('hookup'));
    const body = new Uint8Array(await c.req.arrayBuffer());
    const taken = await deliveries.take(hookup, c.req.raw.headers, body);
    if (!taken.ok) throw taken.why === 'busy' ? controlError('control/busy') : refusal();
    return c.body(null, 200);
  });

  // The shop's front calls this below its own name; the platform signs the query and passes it on.
  app.get('/proxy/shopify/:hookup', async (c) => {
    const hookup = await hookupOf(c.req.param('hookup'));
    const query = new URL(c.req.url).searchParams;
    const now = clock.now();
    const verdict = await verifyProxy(await hookups.secrets(hookup.row), hookup.row.domain, query, now);
    if (!verdict.ok) throw refusal();
    // Two visitors who ask the same in the same second carry the same signature, so only what speaks for a signed-in shopper counts once.
    if (verdict.forShopper) {
      await db.deleteFrom('proxy_seen').where('until', '<', now).execute();
      const added = await db
        .insertInto('proxy_seen')
        .values({ hookup_id: hookup.row.id, signature: verdict.signature, until: now + PROXY_REMEMBER_MS })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (added.numInsertedOrUpdatedRows === 0n) throw refusal();
    }
    return c.json({ loupe: 'reached', shop: hookup.row.domain });
  });

  // For a page embedded in the platform's admin: the ten answers, to whoever is signed in there.
  app.get('/embedded/shopify/:hookup/answers', async (c) => {
    const hookup = await hookupOf(c.req.param('hookup'));
    const token = /^Bearer ([\w.-]+)$/u.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    const verdict = await verifySession(await hookups.secrets(hookup.row), hookup.row.domain, token);
    if (!verdict.ok) throw refusal();
    const { answers, at } = await book.all(await shops.get(hookup.row.shop_id));
    return c.json({
      at,
      answers: answers
        .filter(({ id }) => /^Q\d+$/u.test(id))
        .map(({ id, question, state, sentence }) => ({ id, question, state, sentence })),
    });
  });
  return app;
}

/** Longer than a signature is taken for, on both sides of now. */
const PROXY_REMEMBER_MS = 200_000;
