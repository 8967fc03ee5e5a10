import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { sha256Hex } from '#kernel';
import { controlError } from '../errors.ts';
import type { State } from '../state.ts';
import type { ApiEnv } from './access.ts';

const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Answers only under its own names. A page of a stranger whose name was pointed at this address (DNS rebinding) sends that
 * name as Host, and is refused before anything is read.
 */
export function ownNamesOnly(names: ReadonlySet<string>): MiddlewareHandler {
  return async (c, next) => {
    if (!names.has((c.req.header('host') ?? '').toLowerCase())) throw controlError('control/forged-request');
    await next();
  };
}

/**
 * Lets changes come from our own pages alone: the browser says where a request came from (Fetch Metadata), older ones by
 * Origin. A program without either is no browser and carries no cookie by accident.
 */
export function sameOriginChanges(): MiddlewareHandler {
  return async (c, next) => {
    if (UNSAFE.has(c.req.method)) {
      const site = c.req.header('sec-fetch-site');
      const origin = c.req.header('origin');
      const own =
        origin === undefined ? true : URL.parse(origin)?.host === c.req.header('host')?.toLowerCase();
      if ((site !== undefined && site !== 'same-origin' && site !== 'none') || !own)
        throw controlError('control/forged-request');
    }
    await next();
  };
}

const MAX_BODY_BYTES = 64 * 1024;

/** The paths that take files, and how large a request may be there. */
const LARGER: readonly (readonly [path: RegExp, maxBytes: number])[] = [
  [/^\/answer\/ask_[0-9a-f]{32}\/\w+$/u, 24 * 1024 * 1024],
  [/^\/api\/v1\/shops\/\w+\/(questionnaires|news-files|vendors\/\w+\/papers)$/u, 11 * 1024 * 1024],
  [/^\/api\/v1\/shops\/\w+\/replies$/u, 20 * 1024 * 1024],
  [/^\/api\/v1\/shops\/\w+\/inventories$/u, 62 * 1024 * 1024],
  // A route with its OpenAPI document.
  [/^\/api\/v1\/shops\/\w+\/routes(\/\w+)?$/u, 1024 * 1024],
  [/^\/hooks\/shopify\/plt_[0-9a-f]{32}$/u, 5 * 1024 * 1024],
];

/** Where a file is taken as it comes, piece by piece: whoever takes it counts. */
const AS_IT_COMES = /^\/api\/v1\/shops\/\w+\/drops$/u;

const onError = (): never => {
  throw controlError('control/too-large');
};

/** Refuses a request body above its path's limit (64 KiB but where files are taken), told or found out on the way. */
export function boundedBodies(): MiddlewareHandler {
  const usual = bodyLimit({ maxSize: MAX_BODY_BYTES, onError });
  const larger = LARGER.map(([path, maxSize]) => [path, bodyLimit({ maxSize, onError })] as const);
  return async (c, next) => {
    if (AS_IT_COMES.test(c.req.path)) return await next();
    const limit = larger.find(([path]) => path.test(c.req.path))?.[1] ?? usual;
    return await limit(c, next);
  };
}

const KEPT_MS = 24 * 3_600_000;

/**
 * Answers a repeated POST with its first answer: the caller names it with Idempotency-Key, and may so repeat what it does
 * not know to have arrived. Kept for a day, per person; of an answer with a secret in it, only what `kept` says.
 */
export function idempotent(state: State, now: () => number): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const key = c.req.header('idempotency-key');
    if (key === undefined || c.req.method !== 'POST' || key.length > 200) {
      await next();
      return;
    }
    const id = sha256Hex(`${c.get('who').person.id}\n${c.req.path}\n${key}`);
    const db = state.kysely;
    await db
      .deleteFrom('idempotency')
      .where('made_at', '<', now() - KEPT_MS)
      .execute();
    const had = await db.selectFrom('idempotency').selectAll().where('id', '=', id).executeTakeFirst();
    if (had !== undefined) {
      c.res = new Response(had.body, {
        status: had.status,
        headers: { 'content-type': 'application/json', 'idempotency-replayed': 'true' },
      });
      return;
    }
    await next();
    if (c.res.ok) {
      const body = c.get('kept') ?? (await c.res.clone().text());
      await db
        .insertInto('idempotency')
        .values({ id, status: c.res.status, body, made_at: now() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  };
}

/**
 * Response headers of everything control sends: no script but our own files, no style but these and the one that `styleSource`
 * names by its hash, no frame, no referrer, no guessing.
 */
export function secureHeaders(styleSource: string): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    headers.set(
      'content-security-policy',
      `default-src 'none'; script-src 'self'; style-src 'self' ${styleSource}; img-src 'self' data:; font-src 'self'; connect-src 'self'; ` +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    headers.set('x-content-type-options', 'nosniff');
    if (!headers.has('referrer-policy')) headers.set('referrer-policy', 'no-referrer');
    headers.set('cross-origin-opener-policy', 'same-origin');
    headers.set('cross-origin-resource-policy', 'same-origin');
    headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()');
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  };
}
