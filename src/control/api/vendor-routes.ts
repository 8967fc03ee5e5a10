import { createRoute, z } from '@hono/zod-openapi';
import { directoryEntry, ending, score, vendor, vendorGiven, vendorView, verdict } from '@loupe/contract';
import { KNOWN_PARTIES, partyOf } from '#look';
import type { Actions } from '../asks/actions.ts';
import type { Asks } from '../asks/asks.ts';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { checkTitle } from '../messages/answers.ts';
import type { BookVendor, VendorBook } from '../vendors/book.ts';
import type { Decisions } from '../vendors/decisions.ts';
import { paperTitle } from '../vendors/paper-kinds.ts';
import type { Register } from '../vendors/register.ts';
import { CRITERIA } from '../vendors/score.ts';
import type { VendorLooks } from '../vendors/vendor-looks.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

export interface VendorRoutesOptions {
  readonly register: Register;
  readonly book: VendorBook;
  readonly decisions: Decisions;
  readonly vendorLooks: VendorLooks;
  readonly asks: Asks;
  readonly actions: Actions;
  readonly keeper: KeeperClient;
  /** Judges the register anew after a change. */
  changed(shopId: string): Promise<void>;
}

const inVendor = inShop.extend({ vendor: z.string().max(64) });

const DIRECTORY = KNOWN_PARTIES.map((party) =>
  directoryEntry.parse({ ...party, apiHosts: party.apiHosts ?? [], note: party.note ?? null }),
);

/** What usually fits a third party: by the directory's own entry for it, else by any of its kind; a note only by its own. */
function usualFor({ row, view }: BookVendor) {
  const hosts = [...row.hosts, ...row.apiHosts];
  const own =
    DIRECTORY.find((entry) => entry.name.toLowerCase() === row.name.toLowerCase()) ??
    DIRECTORY.find((entry) => hosts.some((host) => partyOf(host)?.name === entry.name));
  const known = own ?? DIRECTORY.find((entry) => entry.kind === row.kind);
  const papers = new Set(known?.papers ?? ['dpa']);
  if (view.money || view.touches.includes('cards')) papers.add('pci-aoc');
  return { papers: [...papers], ask: known?.ask ?? ['mvsp'], note: own?.note ?? null };
}

/** The register of third parties: entries, what is known of each, decisions. */
export function addVendorRoutes(api: Api, options: VendorRoutesOptions): void {
  const { register, book, decisions, vendorLooks, asks, actions, keeper } = options;

  async function find(shopId: string, id: string): Promise<BookVendor> {
    const found = (await book.of(shopId)).vendors.find((one) => one.row.id === id);
    if (found === undefined) throw controlError('control/not-found');
    return found;
  }

  api.add(
    'person',
    createRoute({
      method: 'get',
      path: '/directory',
      summary: 'Ready-made entries for a jewelry store’s usual third parties',
      responses: { 200: json(z.object({ entries: z.array(directoryEntry) }), 'Entries'), ...problemAnswer },
    }),
    (c) => c.json({ entries: [...DIRECTORY] }, 200),
  );
  api.add(
    'person',
    createRoute({
      method: 'get',
      path: '/criteria',
      summary: 'By which criteria a third party is let in',
      responses: {
        200: json(
          z.object({
            version: z.number(),
            goodForDays: z.number(),
            criteria: z.array(z.object({ id: z.string(), text: z.string(), weight: z.number() })),
          }),
          'Criteria',
        ),
        ...problemAnswer,
      },
    }),
    (c) => {
      const { version, goodForDays, criteria } = CRITERIA;
      return c.json(
        { version, goodForDays, criteria: criteria.map(({ id, text, weight }) => ({ id, text, weight })) },
        200,
      );
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/vendors',
      summary: 'The register, by name',
      request: { params: inShop },
      responses: {
        200: json(
          z.object({
            vendors: z.array(vendor.extend({ score: score.omit({ lines: true }) })),
            endings: z.array(ending),
          }),
          'Third parties',
        ),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { vendors, endings } = await book.of(c.req.valid('param').shop);
      const list = vendors.map(({ view, score: { earned, lost, unknown } }) => ({
        ...view,
        score: { earned, lost, unknown },
      }));
      return c.json({ vendors: list, endings: [...endings] }, 200);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/vendors',
      summary: 'Put a third party into the register, and look at it',
      request: { params: inShop, body: body(vendorGiven) },
      responses: { 201: json(z.object({ vendor: z.string() }), 'The third party'), ...problemAnswer },
    }),
    async (c) => {
      const shopId = c.req.valid('param').shop;
      const row = await register.add(shopId, c.req.valid('json'), c.get('who').person.id);
      await vendorLooks.request(shopId, row);
      await options.changed(shopId);
      return c.json({ vendor: row.id }, 201);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/vendors/{vendor}',
      summary:
        'One third party: what it touches, its score with a reason for each point, papers, asks, actions, changes',
      request: { params: inVendor },
      responses: { 200: json(vendorView, 'The third party'), ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, vendor: id } = c.req.valid('param');
      const found = await find(shopId, id);
      const [changes, own, agreed] = await Promise.all([
        vendorLooks.changes(shopId, id),
        asks.list(shopId),
        actions.list(shopId, { vendorId: id }),
      ]);
      const usual = usualFor(found);
      return c.json(
        {
          vendor: found.view,
          score: found.score,
          papers: [...found.papers],
          wanted: usual.papers
            .filter(
              (kind) => !found.papers.some((paper) => paper.kind === kind && paper.standing !== 'ended'),
            )
            .map((kind) => ({ kind, title: paperTitle(kind) })),
          note: usual.note,
          asks: own.filter((ask) => ask.vendor_id === id).map((ask) => ask.id),
          suggested: [...usual.ask],
          actions: [...agreed],
          decisions: [...found.decisions],
          changes: changes.map((change) => ({
            at: change.at,
            text: `${checkTitle(change.check)} (${change.subject}): ${WORD[change.before]} → ${WORD[change.after]}`,
            better: change.after === 'holds',
          })),
        },
        200,
      );
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/vendors/{vendor}',
      summary: 'Correct an entry',
      request: { params: inVendor, body: body(vendorGiven) },
      responses: { 204: { description: 'Corrected' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, vendor: id } = c.req.valid('param');
      const row = await register.change(shopId, id, c.req.valid('json'), c.get('who').person.id);
      await vendorLooks.request(shopId, row);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/vendors/{vendor}',
      summary: 'Retire a third party; what was decided and said stays',
      request: { params: inVendor },
      responses: { 204: { description: 'Retired' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, vendor: id } = c.req.valid('param');
      await register.retire(shopId, id, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:look',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/vendors/{vendor}/looks',
      summary: 'Look at a third party’s hosts now',
      request: { params: inVendor },
      responses: {
        202: json(z.object({ look: z.string().nullable() }), 'The look; null where no host is known'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId, vendor: id } = c.req.valid('param');
      return c.json({ look: await vendorLooks.request(shopId, await register.get(shopId, id)) }, 202);
    },
  );
  api.add(
    'vendor:decide',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/vendors/{vendor}/decisions',
      summary: 'Decide about a third party, until a date; signed into the ledger with the score as it stands',
      request: {
        params: inVendor,
        body: body(
          z
            .strictObject({
              verdict,
              conditions: z.string().trim().max(1_000).default(''),
              until: z.number().int().nullable().default(null),
            })
            .refine(
              (given) => given.verdict !== 'conditions' || given.conditions !== '',
              'the conditions in words',
            ),
        ),
      },
      responses: { 204: { description: 'Decided' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, vendor: id } = c.req.valid('param');
      const found = await find(shopId, id);
      await decisions.decide(shopId, id, c.req.valid('json'), found.score, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/vendors/{vendor}/decisions/{decision}/proof',
      summary:
        'A proof file (C2SP tlog-proof) of a decision, with the score as it stood, that anybody can check offline',
      request: { params: inVendor.extend({ decision: z.string().max(64) }) },
      responses: {
        200: { description: 'The proof', content: { 'text/plain': { schema: z.string() } } },
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId, vendor: id, decision } = c.req.valid('param');
      const row = (await decisions.list(shopId)).find((one) => one.id === decision && one.vendor_id === id);
      if (row === undefined || row.leaf === null) throw controlError('control/not-found');
      const proof = await keeper.prove(shopId, row.leaf);
      return c.text(proof, 200, { 'content-disposition': `attachment; filename="${decision}.tlog-proof"` });
    },
  );
}

const WORD = {
  holds: 'holds',
  'falls-short': 'falls short',
  unknown: 'unknown',
  providers: 'the provider’s',
  'not-applicable': 'does not apply',
} as const;
