import { OpenAPIHono, type RouteConfig, type RouteHandler, z } from '@hono/zod-openapi';
import { problem } from '@loupe/contract';
import { HTTPException } from 'hono/http-exception';
import { controlError } from '../errors.ts';
import type { State } from '../state.ts';
import { type Access, admit, type ApiEnv, type Gatekeeper } from './access.ts';
import { idempotent } from './guards.ts';
import { problemOf } from './problems.ts';

/** One operation of the API, and who may use it: what the permission tests go through. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
}

export interface Api {
  readonly app: OpenAPIHono<ApiEnv>;
  readonly operations: readonly Operation[];
  /** Adds an operation. Its access is checked before its body is read. */
  add<R extends RouteConfig>(access: Access, route: R, handler: RouteHandler<R, ApiEnv>): void;
}

export const problemAnswer = {
  default: { description: 'A problem', content: { 'application/problem+json': { schema: problem } } },
} as const;

/** An application whose every error is problem details. */
export function newApp(): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) {
        const [issue] = result.error.issues;
        throw controlError('control/bad-request', {
          details: { field: issue?.path.join('.') ?? '', expected: issue?.message ?? '' },
        });
      }
    },
  });
  app.onError((thrown, c) => {
    // What the framework refuses to read (a form that is none) is the caller's to mend.
    const error =
      thrown instanceof HTTPException && thrown.status < 500 ? controlError('control/bad-request') : thrown;
    const { status, body } = problemOf(error);
    if (status === 500)
      // The route's pattern and not the path: a path may hold a link's token.
      process.stderr.write(`${c.req.method} ${c.req.routePath}: ${error.stack ?? error.message}\n`);
    return c.json(body, status, { 'content-type': 'application/problem+json' });
  });
  app.notFound((c) => {
    const { status, body } = problemOf(controlError('control/not-found'));
    return c.json(body, status, { 'content-type': 'application/problem+json' });
  });
  return app;
}

export function openApi(gate: Gatekeeper, state: State, now: () => number): Api {
  const operations: Operation[] = [];
  const app = newApp();
  const once = idempotent(state, now);
  return {
    app,
    operations,
    add(access, route, handler) {
      operations.push({ method: route.method.toUpperCase(), path: route.path, access });
      const path = route.path.replaceAll(/\{(\w+)\}/gu, ':$1');
      app.on(route.method.toUpperCase(), path, async (c, next) => {
        await admit(c, access, gate);
        if (access === 'open' || access === 'session') await next();
        else await once(c, next);
      });
      // The document says who may use an operation, too.
      app.openapi({ ...route, 'x-access': access }, handler);
    },
  };
}

/** A JSON answer of one schema. */
export function json<S>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } } as const;
}

/** A required JSON body of one schema. */
export function body<S>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

const PAGE = 50;

/** A file in a form. */
export const upload = z.instanceof(File).openapi({ type: 'string', format: 'binary' });

export const inShop = z.object({ shop: z.string().max(64) });

/** A page of a list: after `cursor`, at most `limit`. */
export const paging = z.object({
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(PAGE),
});
