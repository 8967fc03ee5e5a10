import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '#kernel';
import { SHOPIFY_DOMAIN } from '../../../sample/shopify/platform.ts';
import type { Delivery } from '../../../sample/shopify/sender.ts';
import { databasePlaces } from '../../../test/support/databases.ts';
import { type HostedShop, startHostedShop, V1 } from '../../../test/support/hosted-shop.ts';
import { eventually, filesWith } from '../../../test/support/installation.ts';

describe.each(databasePlaces())('what the platform itself calls, with state on $engine', ({ place }) => {
  let hookup = '';
  let h: HostedShop;
  beforeAll(async () => {
    h = await startHostedShop(await place('control'));
    hookup = await h.connect();
  });
  afterAll(() => h.close());
  afterEach(() => {
    h.platform.switches.clear();
    expect(h.t.errors).toEqual([]);
  });

  describe('the app proxy and embedded pages', () => {
    const proxy = (query: string) => fetch(`${h.t.url}/proxy/shopify/${hookup}?${query}`);
    const stamp = () => String(Math.floor(Date.now() / 1000));

    it('hears the platform', async () => {
      expect(await (await proxy(h.platform.signProxy({ q: 'ring' }))).json()).toEqual({
        loupe: 'reached',
        shop: SHOPIFY_DOMAIN,
      });
    });

    it.each([
      ['a changed query', () => h.platform.signProxy({ q: 'ring' }).replace('ring', 'king')],
      ['an added parameter', () => `${h.platform.signProxy({})}&admin=1`],
      ['a repeated shop', () => `${h.platform.signProxy({})}&shop=other.myshopify.com`],
      ['another shop of the same app', () => h.platform.signProxy({ shop: 'other-shop.myshopify.com' })],
      ['an old time', () => h.platform.signProxy({ timestamp: String(Number(stamp()) - 91) })],
      ['a time that is no whole number', () => h.platform.signProxy({ timestamp: `${stamp()}.5` })],
      ['no signature', () => `shop=${SHOPIFY_DOMAIN}&timestamp=${stamp()}`],
    ] as const)('refuses %s', async (_says, query) => {
      expect((await proxy(query())).status).toBe(401);
    });

    it('takes what speaks for a shopper once', async () => {
      const query = h.platform.signProxy({ logged_in_customer_id: '7' });
      expect([(await proxy(query)).status, (await proxy(query)).status]).toEqual([200, 401]);
      // Two visitors may ask the same within a second.
      const open = h.platform.signProxy({ q: 'pendant' });
      expect([(await proxy(open)).status, (await proxy(open)).status]).toEqual([200, 200]);
    });

    const embedded = (token: string) =>
      fetch(`${h.t.url}/embedded/shopify/${hookup}/answers`, {
        headers: { authorization: `Bearer ${token}` },
      });

    it('answers whoever is signed in at the platform', async () => {
      const answered = (await (await embedded(h.platform.sessionToken())).json()) as { answers: unknown[] };
      expect(answered.answers).toHaveLength(10);
    });

    it.each([
      ['of another app', { aud: 'another' }],
      [
        'for another shop',
        { dest: 'https://other-shop.myshopify.com', iss: 'https://other-shop.myshopify.com/admin' },
      ],
      ['with an issuer of its own', { iss: 'https://evil.example/admin' }],
      ['that has ended', { exp: Math.floor(Date.now() / 1000) - 60 }],
      ['that has not begun', { nbf: Math.floor(Date.now() / 1000) + 600 }],
      ['of nobody', { sub: '' }],
    ] as const)('refuses a session token %s, without repeating it', async (_says, claims) => {
      const token = h.platform.sessionToken(claims);
      const answer = await embedded(token);
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toContain(token.slice(0, 20));
    });

    it('refuses a token without a signature', async () => {
      const [, payload] = h.platform.sessionToken().split('.');
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
      expect((await embedded(none)).status).toBe(401);
      expect((await embedded('x'.repeat(5_000))).status).toBe(401);
    });
  });

  describe('a delivery', () => {
    /** The last one that was sent, as it lay on the wire. */
    const last = (): Delivery => h.platform.sender.sent.at(-1)!;
    const post = (delivery: Delivery) => h.platform.sender.post(delivery);
    const signed = (body: string, secret: string) =>
      createHmac('sha256', secret).update(body).digest('base64');
    const withHeaders = (headers: Record<string, string>, body?: string): Delivery => ({
      ...last(),
      ...(body === undefined ? {} : { body }),
      headers: { ...last().headers, ...headers },
    });

    beforeAll(async () => {
      // The test's clock went ahead; the platform's own did not.
      await h.platform.deed('raise-a-price');
    });

    const fresh = (id: string): Record<string, string> => ({
      'x-shopify-triggered-at': new Date(h.t.clock.now()).toISOString(),
      'x-shopify-webhook-id': id,
    });

    it('is taken once, however often it comes', async () => {
      const body = JSON.stringify({ id: 1, updated_at: 'once' });
      const one = withHeaders(
        { ...fresh('11111111-once'), 'x-shopify-hmac-sha256': signed(body, h.platform.clientSecret()) },
        body,
      );
      expect([await post(one), await post(one)]).toEqual([200, 200]);
      // The id is not signed: the same body under a new one is the same delivery.
      expect(await post({ ...one, headers: { ...one.headers, 'x-shopify-webhook-id': 'another' } })).toBe(
        200,
      );
    });

    it.each([
      [
        'signed with another secret',
        (d: Delivery) => ({ 'x-shopify-hmac-sha256': signed(d.body, 'another') }),
      ],
      ['without a signature', () => ({ 'x-shopify-hmac-sha256': '' })],
      [
        'with half a signature',
        (d: Delivery) => ({ 'x-shopify-hmac-sha256': d.headers['x-shopify-hmac-sha256']!.slice(0, 20) }),
      ],
      ['about another shop', () => ({ 'x-shopify-shop-domain': 'other-shop.myshopify.com' })],
      [
        'nine hours old',
        () => ({ 'x-shopify-triggered-at': new Date(h.t.clock.now() - 9 * HOUR_MS).toISOString() }),
      ],
      [
        'from tomorrow',
        () => ({ 'x-shopify-triggered-at': new Date(h.t.clock.now() + DAY_MS).toISOString() }),
      ],
      ['without a time', () => ({ 'x-shopify-triggered-at': '' })],
      ['about nothing that was asked for', () => ({ 'x-shopify-topic': 'carts/update' })],
      ['without an id', () => ({ 'x-shopify-webhook-id': '' })],
    ] as const)('%s is refused like any other', async (_says, change) => {
      const body = JSON.stringify({ id: 2, updated_at: String(Math.random()) });
      const good = withHeaders(
        {
          ...fresh(`w-${String(Math.random())}`),
          'x-shopify-hmac-sha256': signed(body, h.platform.clientSecret()),
        },
        body,
      );
      expect(await post({ ...good, headers: { ...good.headers, ...change(good) } })).toBe(401);
    });

    it('changed by one byte is refused', async () => {
      const body = JSON.stringify({ id: 3, updated_at: 'x' });
      const good = withHeaders(
        { ...fresh('w3'), 'x-shopify-hmac-sha256': signed(body, h.platform.clientSecret()) },
        body,
      );
      expect(await post({ ...good, body: `${good.body} ` })).toBe(401);
      expect(await post(good)).toBe(200);
    });

    it('to an address that is nobody’s is refused in the same words', async () => {
      const wrong = { ...last(), path: '/hooks/shopify/plt_00000000000000000000000000000000' };
      const at = async (delivery: Delivery) => {
        const answer = await fetch(`${h.t.url}${delivery.path}`, {
          method: 'POST',
          body: '{}',
          headers: { host: 'loupe.test' },
        });
        return { status: answer.status, text: await answer.text() };
      };
      expect(await at(wrong)).toEqual(await at(last()));
    });

    it('is refused by size before it is read', async () => {
      const answer = await fetch(`${h.t.url}${last().path}`, {
        method: 'POST',
        body: 'x'.repeat(6 * 1024 * 1024),
      });
      expect(answer.status).toBe(413);
    });

    it('of a rotated secret counts for an hour', async () => {
      const old = h.platform.clientSecret();
      const next = h.platform.rotateSecret();
      const rotated = await h
        .owner()
        .call('PUT', `${V1}/shops/${h.shop}/platform/secret`, { clientSecret: next });
      expect(rotated.status).toBe(204);
      const send = (secret: string, id: string) => {
        const body = JSON.stringify({ id: 4, updated_at: id });
        return post(withHeaders({ ...fresh(id), 'x-shopify-hmac-sha256': signed(body, secret) }, body));
      };
      expect([await send(old, 'r1'), await send(next, 'r2')]).toEqual([200, 200]);
      h.t.clock.advance(HOUR_MS + 1);
      await h.signInAgain();
      expect([await send(old, 'r3'), await send(next, 'r4')]).toEqual([401, 200]);
    });

    it('that was refused is counted, and shown', async () => {
      await eventually(async () => (await h.view()).platform.refused.length >= 4);
      expect((await h.view()).platform.refused).toContainEqual({ why: 'about another shop', count: 1 });
    });

    it.each(['forged', 'late', 'lost'] as const)(
      'that is %s hides no change: it is found by reading',
      async (wrong) => {
        h.platform.switches.add(wrong);
        const before = (await h.changes()).length;
        // What is not taken is tried again eight times, and nobody waits for that here.
        void h.platform.deed('raise-a-price');
        await new Promise((resolve) => setTimeout(resolve, 300));
        h.platform.switches.clear();
        await h.read();
        expect((await h.changes()).length).toBe(before + 1);
      },
    );

    it('that is sent twice by the platform causes one change', async () => {
      h.platform.switches.add('replayed');
      const before = (await h.changes()).length;
      await h.platform.deed('raise-a-price');
      h.platform.switches.clear();
      const more = async (): Promise<number> => {
        h.t.clock.advance(SECOND_MS);
        return (await h.changes()).length - before;
      };
      await eventually(async () => (await more()) > 0);
      await h.read();
      expect(await more()).toBe(1);
    });

    it('for a customer’s demand is recorded with its date, sealed, and erased when done', async () => {
      const body = JSON.stringify({
        shop_id: 1,
        shop_domain: SHOPIFY_DOMAIN,
        customer: { id: 7, email: 'anna@customer.example', phone: '555' },
        data_request: { id: 9 },
      });
      const demand = withHeaders(
        {
          ...fresh('p1'),
          'x-shopify-topic': 'customers/data_request',
          'x-shopify-hmac-sha256': signed(body, h.platform.clientSecret()),
        },
        body,
      );
      expect(await post(demand)).toBe(200);
      // Signed, but about another shop of the same app: never ours to carry out.
      const foreign = body.replace(SHOPIFY_DOMAIN, 'other-shop.myshopify.com');
      await post(
        withHeaders(
          {
            ...fresh('p2'),
            'x-shopify-topic': 'customers/redact',
            'x-shopify-hmac-sha256': signed(foreign, h.platform.clientSecret()),
          },
          foreign,
        ),
      );
      const list = async () =>
        (await h.owner().call('GET', `${V1}/shops/${h.shop}/privacy-requests`)).json.requests;
      await eventually(async () => (await list()).length === 1);
      const [request] = await list();
      expect(request).toMatchObject({ what: 'A customer asks for a copy of their data', overdue: false });
      expect(request.dueAt - request.receivedAt).toBe(30 * DAY_MS);
      expect(filesWith(h.t.folder, ['anna@customer.example'])).toEqual([]);
      const about = await h
        .owner()
        .call('POST', `${V1}/shops/${h.shop}/privacy-requests/${request.id}/about`);
      expect(JSON.parse(about.json.about).customer.email).toBe('anna@customer.example');
      h.t.clock.advance(31 * DAY_MS);
      await h.signInAgain();
      await h.read();
      await h.comesTo('Q3b', 'platform.privacy', 'falls-short');
      await h.owner().call('PUT', `${V1}/shops/${h.shop}/privacy-requests/${request.id}/done`, {
        note: 'Sent by mail.',
      });
      expect((await h.check('Q3b', 'platform.privacy'))[0]).toMatchObject({ outcome: 'holds' });
      expect(
        (await h.owner().call('POST', `${V1}/shops/${h.shop}/privacy-requests/${request.id}/about`)).status,
      ).toBe(404);
      expect(JSON.stringify(await h.t.leavesOf(h.shop))).not.toContain('anna@');
    });
  });
});
