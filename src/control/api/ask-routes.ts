import { createRoute, z } from '@hono/zod-openapi';
import { action, askLink, askSummary, askView, questionnaire, questionnaireOffer } from '@loupe/contract';
import type { Context } from 'hono';
import { REFUSALS, type readFile } from '#intake';
import type { Actions } from '../asks/actions.ts';
import type { AskRow, Asks } from '../asks/asks.ts';
import type { Conversation } from '../asks/conversation.ts';
import type { Messages } from '../asks/messages.ts';
import { fromRows, itemsOf, type Offered, type Questionnaires } from '../asks/questionnaires.ts';
import type { AskSender } from '../asks/sender.ts';
import { controlError } from '../errors.ts';
import { askFilePage } from '../pages/ask-file.ts';
import type { Shops } from '../shops/shops.ts';
import type { Uploads } from '../uploads/uploads.ts';
import type { Register } from '../vendors/register.ts';
import type { ApiEnv } from './access.ts';
import { type Api, body, inShop, json, problemAnswer, upload } from './api.ts';

export interface AskRoutesOptions {
  readonly shops: Shops;
  readonly register: Register;
  readonly questionnaires: Questionnaires;
  readonly asks: Asks;
  readonly messages: Messages;
  readonly conversation: Conversation;
  readonly actions: Actions;
  readonly uploads: Uploads;
  readonly sender: AskSender;
  /** Reads a stranger's sheet in a thread of its own. */
  readonly readFile: typeof readFile;
}

const inAsk = inShop.extend({ ask: z.string().max(64) });
const days = z.number().int().min(1).max(60).default(21);

function offerOf({ form, hash, imported }: Offered) {
  const { title, intro, minutes } = form;
  return {
    id: imported ? hash : form.id,
    for: form.for,
    title,
    intro,
    minutes,
    items: itemsOf(form).length,
    imported,
  };
}

/** Questionnaires, asks, what comes of them, and agreed actions. */
export function addAskRoutes(api: Api, options: AskRoutesOptions): void {
  const { shops, register, questionnaires, asks, conversation, actions, uploads, sender } = options;

  /** A link's answer, whose secret is not kept for a repeated request. */
  async function linkAnswer(c: Context<ApiEnv>, ask: AskRow, token: string) {
    const link = await sender.send(ask, token, 'ask');
    c.set('kept', JSON.stringify({ ...link, link: '', message: '' }));
    return link;
  }

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/questionnaires',
      summary: 'What can be asked',
      request: { params: inShop },
      responses: {
        200: json(z.object({ questionnaires: z.array(questionnaireOffer) }), 'Questionnaires'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const offered = await questionnaires.offered(c.req.valid('param').shop);
      return c.json({ questionnaires: offered.map(offerOf) }, 200);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/questionnaires/{questionnaire}',
      summary: 'A questionnaire, whole',
      request: { params: inShop.extend({ questionnaire: z.string().max(64) }) },
      responses: { 200: json(questionnaire, 'The questionnaire'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, questionnaire: id } = c.req.valid('param');
      const found = (await questionnaires.offered(shop)).find((offer) => offerOf(offer).id === id);
      if (found === undefined) throw controlError('control/not-found');
      return c.json(found.form, 200);
    },
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/questionnaires',
      summary: 'Import a spreadsheet (CSV or XLSX) with a column of questions',
      request: {
        params: inShop,
        body: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: z.object({
                title: z.string().trim().min(1).max(120),
                file: upload,
              }),
            },
          },
        },
      },
      responses: { 201: json(questionnaireOffer, 'The questionnaire'), ...problemAnswer },
    }),
    async (c) => {
      const { title, file } = c.req.valid('form');
      const bytes = new Uint8Array(await file.arrayBuffer());
      const read = await options.readFile({ kind: 'sheet', bytes, name: file.name });
      if (!read.ok)
        throw controlError('control/file-refused', {
          details: { why: REFUSALS.find((w) => w === read.why) ?? '' },
        });
      const form = 'rows' in read ? fromRows(title, read.rows) : null;
      if (form === null) throw controlError('control/not-a-questionnaire');
      const hash = await questionnaires.add(c.req.valid('param').shop, form);
      return c.json(offerOf({ form, hash, imported: true }), 201);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/asks',
      summary: 'What was asked, newest first',
      request: { params: inShop },
      responses: { 200: json(z.object({ asks: z.array(askSummary) }), 'Asks'), ...problemAnswer },
    }),
    async (c) => c.json({ asks: [...(await conversation.summaries(c.req.valid('param').shop))] }, 200),
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/asks',
      summary: 'Ask somebody: a link comes back, shown once',
      request: {
        params: inShop,
        body: body(
          z.strictObject({
            questionnaire: z.string().max(64),
            to: z.string().trim().min(1).max(100),
            email: z.email().max(254).nullable().default(null),
            vendor: z.string().max(64).nullable().default(null),
            days,
            everyDays: z.number().int().min(30).max(731).nullable().default(365),
          }),
        ),
      },
      responses: { 201: json(askLink, 'The ask and its link'), ...problemAnswer },
    }),
    async (c) => {
      const given = c.req.valid('json');
      const shopId = c.req.valid('param').shop;
      if (given.vendor !== null) await register.get(shopId, given.vendor);
      // The ten questions are the developer's; all others are put to somebody in the register.
      const { form } = await questionnaires.take(shopId, given.questionnaire);
      if ((form.for === 'developer') !== (given.vendor === null)) throw controlError('control/bad-request');
      const { vendor: vendorId, ...rest } = given;
      const { id, token } = await asks.create(
        shopId,
        { ...rest, vendorId, insteadOf: null },
        c.get('who').person.id,
      );
      return c.json(await linkAnswer(c, await asks.get(shopId, id), token), 201);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/asks/{ask}',
      summary: 'One ask: what was said, beside what was seen',
      request: { params: inAsk },
      responses: { 200: json(askView, 'The ask'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, ask } = c.req.valid('param');
      return c.json(await conversation.view(await asks.get(shop, ask), 'staff'), 200);
    },
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/asks/{ask}/link',
      summary: 'Make a new link; the earlier one ends',
      request: { params: inAsk, body: body(z.strictObject({ days })) },
      responses: { 201: json(askLink, 'The link'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, ask } = c.req.valid('param');
      const token = await asks.newLink(shop, ask, c.req.valid('json').days);
      return c.json(await linkAnswer(c, await asks.get(shop, ask), token), 201);
    },
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/asks/{ask}/file',
      summary: 'Make the ask as one file that works offline; each file has a key of its own',
      request: { params: inAsk },
      responses: {
        200: { description: 'The file', content: { 'text/html': { schema: z.string() } } },
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId, ask: id } = c.req.valid('param');
      const ask = await asks.get(shopId, id);
      if (ask.withdrawn_at !== null) throw controlError('control/not-found');
      const shop = await shops.get(shopId);
      const view = await conversation.view(ask, 'staff');
      const page = await askFilePage(shop, ask, view, await conversation.newFileKey(ask));
      // A repeated request would be given the key again.
      c.set('kept', '');
      return c.body(page, 200, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="questions-${shop.host.replaceAll(/[^a-z0-9.-]/giu, '-')}.html"`,
      });
    },
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/replies',
      summary: 'Take a reply file',
      request: {
        params: inShop,
        body: { required: true, content: { 'application/octet-stream': { schema: z.string() } } },
      },
      responses: { 200: json(z.object({ ask: z.string() }), 'The ask it belongs to'), ...problemAnswer },
    }),
    async (c) => {
      const ask = await conversation.takeReply(c.req.valid('param').shop, await c.req.text());
      return c.json({ ask }, 200);
    },
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/asks/{ask}/messages',
      summary: 'Ask a follow-up question about one item',
      request: {
        params: inAsk,
        body: body(z.strictObject({ item: z.string().max(64), text: z.string().trim().min(1).max(2_000) })),
      },
      responses: { 204: { description: 'Said' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, ask } = c.req.valid('param');
      const { item, text } = c.req.valid('json');
      await options.messages.say(await asks.get(shop, ask), item, text, true);
      return c.body(null, 204);
    },
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/asks/{ask}/reminder',
      summary:
        'Remind the respondent: by mail where Loupe can send it, else a text to send comes back, with a new link',
      request: { params: inAsk },
      responses: { 200: json(askLink, 'The reminder'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, ask } = c.req.valid('param');
      const link = await sender.remind(await asks.get(shop, ask));
      c.set('kept', JSON.stringify({ ...link, link: '', message: '' }));
      return c.json(link, 200);
    },
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/asks/{ask}',
      summary: 'Withdraw an ask: its link ends at once; what was answered stays',
      request: { params: inAsk },
      responses: { 204: { description: 'Withdrawn' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, ask } = c.req.valid('param');
      await asks.withdraw(shop, ask, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/files/{file}',
      summary: 'A file that somebody handed in, once it was looked into; always a download',
      request: { params: inShop.extend({ file: z.string().max(64) }) },
      responses: { 200: { description: 'The file' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, file } = c.req.valid('param');
      const { row, bytes } = await uploads.read(shop, file);
      return c.body(Uint8Array.from(bytes), 200, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(row.name)}`,
        'content-security-policy': "sandbox; default-src 'none'",
      });
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/actions',
      summary: 'What was agreed',
      request: { params: inShop },
      responses: { 200: json(z.object({ actions: z.array(action) }), 'Actions'), ...problemAnswer },
    }),
    async (c) => c.json({ actions: [...(await actions.list(c.req.valid('param').shop))] }, 200),
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/actions',
      summary:
        'Agree on an action, with a person and a date; where a check can see it, the check will say whether it was done',
      request: {
        params: inShop,
        body: body(
          z.strictObject({
            text: z.string().trim().min(1).max(500),
            person: z.string().trim().min(1).max(100),
            dueAt: z.number().int(),
            ask: z.string().max(64).nullable().default(null),
            item: z.string().max(64).nullable().default(null),
            vendor: z.string().max(64).nullable().default(null),
            check: z.string().max(64).nullable().default(null),
            subject: z.string().max(253).nullable().default(null),
          }),
        ),
      },
      responses: { 201: json(z.object({ action: z.string() }), 'The action'), ...problemAnswer },
    }),
    async (c) => {
      const { ask: askId, vendor: given, ...rest } = c.req.valid('json');
      const shopId = c.req.valid('param').shop;
      const ask = askId === null ? null : await asks.get(shopId, askId);
      const vendorId = given ?? ask?.vendor_id ?? null;
      if (vendorId !== null) await register.get(shopId, vendorId);
      const id = await actions.agree(shopId, { ...rest, askId, vendorId }, c.get('who').person.id);
      return c.json({ action: id }, 201);
    },
  );
  api.add(
    'ask:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/actions/{action}/end',
      summary: 'End an action: done, by somebody’s word, where no check shows it; or dropped',
      request: {
        params: inShop.extend({ action: z.string().max(64) }),
        body: body(
          z.strictObject({
            outcome: z.enum(['said-done', 'dropped']),
            why: z.string().trim().min(1).max(500),
          }),
        ),
      },
      responses: { 204: { description: 'Ended' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, action: id } = c.req.valid('param');
      await actions.end(shop, id, c.req.valid('json'), c.get('who').person.id);
      return c.body(null, 204);
    },
  );
}
