import { createRoute, z } from '@hono/zod-openapi';
import { me } from '@loupe/contract';
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { renderSVG } from 'uqr';
import type { People, SignedIn } from '../auth/people.ts';
import { type ApiEnv, SESSION_COOKIE } from './access.ts';
import { type Api, body, json, problemAnswer } from './api.ts';

const email = z.email().max(254);
const password = z.string().max(256);
const done = { 204: { description: 'Done' }, ...problemAnswer } as const;

function meOf({ person, complete }: SignedIn) {
  return {
    id: person.id,
    name: person.name,
    email: person.email,
    admin: person.admin === 1,
    complete,
    password: person.password_hash !== null,
    secondFactor: person.totp_sealed !== null,
  };
}

/**
 * Set-up, signing in and out, and one's own credentials. `isPublic`: whether Loupe is asked under one of its public names, where TLS stands in front and the
 * session's cookie must never go without.
 */
export function addSessionRoutes(api: Api, people: People, isPublic: (host: string) => boolean): void {
  function setSession(c: Context<ApiEnv>, token: string): void {
    const secure = isPublic((c.req.header('host') ?? '').toLowerCase());
    setCookie(c, SESSION_COOKIE, token, { path: '/', httpOnly: true, sameSite: 'Strict', secure });
  }

  api.add(
    'open',
    createRoute({
      method: 'post',
      path: '/claim',
      summary: 'Claim the installation or an invitation with a single-use link',
      request: { body: body(z.strictObject({ token: z.string().max(200) })) },
      responses: done,
    }),
    async (c) => {
      setSession(c, await people.claim(c.req.valid('json').token));
      return c.body(null, 204);
    },
  );
  api.add(
    'open',
    createRoute({
      method: 'post',
      path: '/session',
      summary: 'Sign in; the second factor follows',
      request: { body: body(z.strictObject({ email, password })) },
      responses: done,
    }),
    async (c) => {
      const given = c.req.valid('json');
      setSession(c, await people.signIn(given.email, given.password));
      return c.body(null, 204);
    },
  );
  api.add(
    'session',
    createRoute({ method: 'delete', path: '/session', summary: 'Sign out', responses: done }),
    async (c) => {
      await people.signOut(c.get('who').sessionId);
      deleteCookie(c, SESSION_COOKIE, { path: '/' });
      return c.body(null, 204);
    },
  );
  api.add(
    'session',
    createRoute({
      method: 'get',
      path: '/me',
      summary: 'Who is signed in, and how far',
      responses: { 200: json(me, 'The person'), ...problemAnswer },
    }),
    (c) => c.json(meOf(c.get('who')), 200),
  );
  api.add(
    'person',
    createRoute({
      method: 'put',
      path: '/me/credentials',
      summary: 'Set name, mail and password, once',
      request: { body: body(z.strictObject({ name: z.string().min(1).max(100), email, password })) },
      responses: done,
    }),
    async (c) => {
      await people.setCredentials(c.get('who'), c.req.valid('json'));
      return c.body(null, 204);
    },
  );
  api.add(
    'session',
    createRoute({
      method: 'post',
      path: '/me/second-factor',
      summary: 'Begin to set up the second factor',
      responses: {
        200: json(z.object({ secret: z.string(), uri: z.string(), svg: z.string() }), 'For the app'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const begun = await people.beginSecondFactor(c.get('who'));
      return c.json({ ...begun, svg: renderSVG(begun.uri, { border: 2 }) }, 200);
    },
  );
  api.add(
    'session',
    createRoute({
      method: 'put',
      path: '/me/second-factor',
      summary: 'Give a code (or a recovery code); completes the sign-in',
      request: { body: body(z.strictObject({ code: z.string().max(40) })) },
      responses: {
        200: json(z.object({ recoveryCodes: z.array(z.string()) }), 'Shown once'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const codes = await people.giveSecondFactor(c.get('who'), c.req.valid('json').code);
      return c.json({ recoveryCodes: [...codes] }, 200);
    },
  );
}
