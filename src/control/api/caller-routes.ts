import { createRoute, z } from '@hono/zod-openapi';
import {
  credentialGiven,
  credentialMade,
  credentials,
  edgeSecrets,
  revokedGiven,
  secretGiven,
  secretMade,
  tokensGiven,
} from '@loupe/contract';
import type { CredentialRow } from '../edges/credentials.ts';
import type { EdgeServices } from '../edges/edges.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

export type CallerRoutesOptions = Pick<
  EdgeServices,
  'edgeRoutes' | 'edgeCredentials' | 'edgeSecrets' | 'edgeSettings'
>;

const withId = inShop.extend({ id: z.string().max(64) });

/** Who may call: keys, machine clients, their tokens, shared secrets. */
export function addCallerRoutes(api: Api, options: CallerRoutesOptions): void {
  const { edgeRoutes, edgeCredentials, edgeSecrets: secrets, edgeSettings } = options;

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/credentials',
      summary: 'Keys and machine clients',
      request: { params: inShop },
      responses: { 200: json(credentials, 'Keys and clients'), ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      const [rows, tokens] = await Promise.all([edgeCredentials.list(shop), edgeSettings.tokens(shop)]);
      const of = (kind: CredentialRow['kind']) => rows.filter((row) => row.kind === kind).map(credentialView);
      return c.json(
        {
          keys: of('key'),
          clients: of('client'),
          tokens:
            tokens === null
              ? null
              : {
                  issuer: tokens.issuer,
                  hosts: [...tokens.hosts],
                  path: tokens.path,
                  lifetimeMs: tokens.lifetimeMs,
                },
        },
        200,
      );
    },
  );
  for (const kind of ['key', 'client'] as const)
    api.add(
      'edge:write',
      createRoute({
        method: 'post',
        path: `/shops/{shop}/${kind}s`,
        summary:
          kind === 'key'
            ? 'Make an API key; it is shown once'
            : 'Make a machine client; its secret is shown once',
        request: { params: inShop, body: body(credentialGiven) },
        responses: { 201: json(credentialMade, 'Made'), ...problemAnswer },
      }),
      async (c) => {
        const made = await edgeCredentials.make(
          c.req.valid('param').shop,
          { kind, ...c.req.valid('json') },
          c.get('who').person.id,
        );
        c.set('kept', withoutSecret(made.id));
        return c.json(made, 201);
      },
    );
  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/clients/{id}/renew',
      summary: 'A new secret for a machine client; the one before is good until the next change',
      request: { params: withId },
      responses: { 200: json(credentialMade, 'Renewed'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      const made = await edgeCredentials.renew(shop, id, c.get('who').person.id);
      c.set('kept', withoutSecret(made.id));
      return c.json(made, 200);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/credentials/{id}',
      summary: 'End a key or client, and its tokens, at once',
      request: { params: withId },
      responses: { 204: { description: 'Ended' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      await edgeCredentials.end(shop, id, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/tokens',
      summary: 'Where machine clients get their tokens',
      request: { params: inShop, body: body(tokensGiven) },
      responses: { 204: { description: 'Set' }, ...problemAnswer },
    }),
    async (c) => {
      await edgeSettings.setTokens(c.req.valid('param').shop, c.req.valid('json'), c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/tokens/revoked',
      summary: 'Take back a token, or all that somebody has',
      request: { params: inShop, body: body(revokedGiven) },
      responses: { 204: { description: 'Taken back' }, ...problemAnswer },
    }),
    async (c) => {
      await edgeSettings.revoke(c.req.valid('param').shop, c.req.valid('json'), c.get('who').person.id);
      return c.body(null, 204);
    },
  );

  const usedBy = async (shop: string, id: string): Promise<string[]> =>
    (await edgeRoutes.list(shop))
      .filter(({ rule }) => rule.proofs.some((proof) => 'secrets' in proof && proof.secrets.includes(id)))
      .map(({ rule }) => rule.name);
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/secrets',
      summary: 'Shared secrets, by name; what they are is shown to nobody',
      request: { params: inShop },
      responses: { 200: json(edgeSecrets, 'Secrets'), ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      const rows = await secrets.list(shop);
      const list = await Promise.all(
        rows.map(async (row) => ({
          id: row.id,
          name: row.name,
          madeAt: row.made_at,
          usedBy: await usedBy(shop, row.id),
        })),
      );
      return c.json({ secrets: list }, 200);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/secrets',
      summary: 'File a shared secret, or have one made',
      request: { params: inShop, body: body(secretGiven) },
      responses: { 201: json(secretMade, 'Filed'), ...problemAnswer },
    }),
    async (c) => {
      const { name, secret } = c.req.valid('json');
      const made = await secrets.add(
        c.req.valid('param').shop,
        { name, secret: secret ?? null },
        c.get('who').person.id,
      );
      c.set('kept', withoutSecret(made.id));
      return c.json(made, 201);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/secrets/{id}',
      summary: 'Erase a shared secret that no route needs',
      request: { params: withId },
      responses: { 204: { description: 'Erased' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      await secrets.end(shop, id, await usedBy(shop, id), c.get('who').person.id);
      return c.body(null, 204);
    },
  );
}

/** What is kept of an answer with a secret in it, for a request that is repeated. */
function withoutSecret(id: string): string {
  return JSON.stringify({ id, secret: null });
}

function credentialView(row: CredentialRow) {
  const scopes: string[] = JSON.parse(row.scopes);
  return {
    id: row.id,
    name: row.name,
    scopes,
    madeAt: row.made_at,
    madeBy: row.made_by,
    until: row.until_at,
    usedAt: row.used_at,
    secretAt: row.secret_at,
  };
}
