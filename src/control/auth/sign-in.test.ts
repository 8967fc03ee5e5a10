import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '#kernel';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';

const V1 = '/api/v1';

describe('before it is claimed', () => {
  let t: TestControl;
  beforeAll(async () => {
    t = await startTestControl();
  });
  afterAll(() => t.close());

  it('nobody is answered but whoever has the link', async () => {
    for (const path of ['/', `${V1}/me`, `${V1}/shops`, `${V1}/openapi.json`, '/sign-in']) {
      expect(await t.client().call('GET', path)).toMatchObject({
        status: 403,
        json: { code: 'control/not-claimed' },
      });
    }
    expect(
      await t.client().call('POST', `${V1}/session`, { email: 'a@b.example', password: 'x'.repeat(12) }),
    ).toMatchObject({
      status: 403,
    });
    expect((await t.client().call('GET', '/healthz')).status).toBe(200);
  });

  it('the link works once, for 30 minutes, and an older one dies with a newer', async () => {
    const first = await t.control.people.newSetupToken();
    const second = await t.control.people.newSetupToken();
    const claim = (token: string) => t.client().call('POST', `${V1}/claim`, { token });
    expect(await claim(first)).toMatchObject({ status: 410, json: { code: 'control/setup-link-invalid' } });
    expect(await claim(`${second}x`)).toMatchObject({ status: 410 });
    t.clock.advance(31 * MINUTE_MS);
    expect(await claim(second)).toMatchObject({ status: 410 });
    const third = await t.control.people.newSetupToken();
    const both = await Promise.all([claim(third), claim(third)]);
    expect(both.map((answer) => String(answer.status)).toSorted()).toEqual(['204', '410']);
  });
});

describe('signing in', () => {
  let t: TestControl;
  let key = '';
  const email = 'anna@one.example';
  const password = 'seven stones in a ring';
  beforeAll(async () => {
    t = await startTestControl();
    const owner = await t.owner();
    for (const bad of ['short', 'password123456', 'aaaaaaaaaaaaaaa']) {
      expect(
        await owner.call('PUT', `${V1}/me/credentials`, { name: 'Anna', email, password: bad }),
      ).toMatchObject({
        status: 422,
        json: { code: 'control/weak-password' },
      });
    }
    expect((await owner.call('PUT', `${V1}/me/credentials`, { name: 'Anna', email, password })).status).toBe(
      204,
    );
    const begun = await owner.call('POST', `${V1}/me/second-factor`);
    key = begun.json.secret;
    const code = new TOTP({ secret: key }).generate({ timestamp: t.clock.now() });
    expect((await owner.call('PUT', `${V1}/me/second-factor`, { code })).json.recoveryCodes).toHaveLength(10);
  });
  afterAll(() => t.close());

  const signIn = async (given = { email, password }) => {
    const client = t.client();
    const answer = await client.call('POST', `${V1}/session`, given);
    return { client, answer };
  };

  it('takes both factors; the first alone opens nothing', async () => {
    t.clock.advance(2 * MINUTE_MS);
    const { client, answer } = await signIn();
    expect(answer.status).toBe(204);
    expect((await client.call('GET', `${V1}/me`)).json).toMatchObject({ complete: false });
    expect((await client.call('GET', `${V1}/shops`)).status).toBe(401);
    expect(
      (await client.call('PUT', `${V1}/me/credentials`, { name: 'x', email, password: 'another long one' }))
        .status,
    ).toBe(401);
    const code = new TOTP({ secret: key }).generate({ timestamp: t.clock.now() });
    expect((await client.call('PUT', `${V1}/me/second-factor`, { code })).status).toBe(200);
    expect((await client.call('GET', `${V1}/shops`)).status).toBe(200);
    const again = await signIn();
    expect(await again.client.call('PUT', `${V1}/me/second-factor`, { code })).toMatchObject({
      status: 401,
      json: { code: 'control/wrong-credentials' },
    });
  });

  it('does not tell whether the account exists', async () => {
    const wrong = await signIn({ email, password: 'not the right one' });
    const nobody = await signIn({ email: 'nobody@one.example', password: 'not the right one' });
    expect(nobody.answer.text).toBe(wrong.answer.text);
    expect(nobody.answer.status).toBe(wrong.answer.status);
  });

  it('is locked for 30 minutes after ten tries, for accounts that exist and for those that do not', async () => {
    for (const who of [email, 'ghost@one.example']) {
      t.clock.advance(HOUR_MS);
      for (let n = 0; n < 10; n++)
        expect((await signIn({ email: who, password: 'wrong wrong wrong' })).answer.status).toBe(401);
      expect((await signIn({ email: who, password })).answer).toMatchObject({
        status: 429,
        json: { code: 'control/locked' },
      });
      t.clock.advance(29 * MINUTE_MS);
      expect((await signIn({ email: who, password })).answer.status).toBe(429);
      t.clock.advance(2 * MINUTE_MS);
      expect((await signIn({ email: who, password })).answer.status).toBe(who === email ? 204 : 401);
    }
  });

  it('ends after an hour without a request', async () => {
    const { client } = await signIn();
    expect((await client.call('GET', `${V1}/me`)).status).toBe(200);
    t.clock.advance(HOUR_MS + 1);
    expect((await client.call('GET', `${V1}/me`)).status).toBe(401);
  });

  it('keeps the cookie from scripts and other sites', async () => {
    const { answer } = await signIn();
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^loupe_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/u,
    );
  });
});
