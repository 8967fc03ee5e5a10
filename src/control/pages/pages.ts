import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { getCookie } from 'hono/cookie';
import { type Clock, hasCode } from '#kernel';
import type { Anchors } from '../anchors/anchors.ts';
import { admit, type ApiEnv, type Gatekeeper, SESSION_COOKIE } from '../api/access.ts';
import type { AskRow, Asks } from '../asks/asks.ts';
import type { Conversation } from '../asks/conversation.ts';
import type { KeeperClient } from '../keeper-client.ts';
import type { AnswerBook } from '../questions/answers.ts';
import type { Shops } from '../shops/shops.ts';
import type { VendorBook } from '../vendors/book.ts';
import { answersPage } from './answers-page.ts';
import { agendaPage, comparePage } from './ask-documents.ts';
import { BASE_STYLE } from './styles.ts';

export interface PagesOptions {
  readonly gate: Gatekeeper;
  readonly shops: Shops;
  readonly book: AnswerBook;
  readonly keeper: KeeperClient;
  readonly anchors: Anchors;
  readonly vendorBook: VendorBook;
  readonly asks: Asks;
  readonly conversation: Conversation;
  readonly clock: Clock;
  /** The built console: index.html and its assets. */
  readonly consoleFolder: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Documents, the console and their files. */
export function pages(options: PagesOptions): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  // Nothing here holds a secret beside a stranger's words, so compressing tells nothing by its length.
  app.use('/shops/:shop/answers', compress());
  app.use('/assets/*', compress());
  app.use('/console/*', compress());

  app.get('/assets/base.css', (c) =>
    c.body(BASE_STYLE, 200, {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'private, max-age=300',
    }),
  );

  /** Sends whoever is not signed in to sign in; null for whoever may read. Throws for all others. */
  async function mayRead(c: Context<ApiEnv>): Promise<Response | null> {
    if (getCookie(c, SESSION_COOKIE) === undefined) return c.redirect('/sign-in');
    try {
      await admit(c, 'shop:read', options.gate);
      return null;
    } catch (error) {
      if (hasCode(error, 'control/not-signed-in')) return c.redirect('/sign-in');
      throw error;
    }
  }

  /** The newest ask that is the developer's and was answered, else the newest of theirs. */
  async function lastDeveloperAsk(shopId: string): Promise<AskRow | null> {
    const own = (await options.asks.list(shopId)).filter((ask) => ask.vendor_id === null);
    return own.find((ask) => ask.answered_at !== null) ?? own[0] ?? null;
  }

  app.get('/shops/:shop/answers', async (c) => {
    const refused = await mayRead(c);
    if (refused !== null) return refused;
    const shop = await options.shops.get(c.req.param('shop'));
    const [answers, logs, reached, third] = await Promise.all([
      options.book.all(shop),
      options.keeper.logs(),
      options.anchors.of(shop.id),
      options.vendorBook.of(shop.id),
    ]);
    const leaves = logs.find((log) => log.id === shop.id)?.size ?? 0;
    const anchoredTo = reached.length === 0 ? null : Math.max(...reached.map((anchor) => anchor.size));
    return c.html(answersPage(shop, answers, third, { leaves, anchoredTo }));
  });

  for (const document of ['agenda', 'compare'] as const) {
    app.get(`/shops/:shop/${document}`, async (c) => {
      const refused = await mayRead(c);
      if (refused !== null) return refused;
      const shop = await options.shops.get(c.req.param('shop'));
      const asked = c.req.query('ask');
      const ask =
        asked === undefined ? await lastDeveloperAsk(shop.id) : await options.asks.get(shop.id, asked);
      const view = ask === null ? null : await options.conversation.view(ask, 'staff');
      if (document === 'compare') return c.html(comparePage(shop, await options.book.all(shop), view));
      return view === null ? c.notFound() : c.html(agendaPage(shop, view, options.clock.now()));
    });
  }

  app.get('/console/:file', (c) => {
    const file = c.req.param('file');
    const type = TYPES[extname(file)];
    if (type === undefined || !/^[\w.-]+$/u.test(file)) return c.notFound();
    try {
      const bytes = readFileSync(join(options.consoleFolder, 'console', file));
      return c.body(bytes, 200, {
        'content-type': type,
        'cache-control': 'private, max-age=31536000, immutable',
      });
    } catch {
      return c.notFound(); // no such file in this build
    }
  });

  // Every other path is the console's own to read: the same page for all of them.
  for (const path of [
    '/',
    '/claim',
    '/sign-in',
    '/welcome',
    '/people',
    '/shops/:shop',
    '/shops/:shop/questions/:question',
    '/shops/:shop/asks',
    '/shops/:shop/asks/:ask',
    '/shops/:shop/third-parties',
    '/shops/:shop/third-parties/:vendor',
    '/shops/:shop/changes',
    '/shops/:shop/platform',
    '/shops/:shop/feeds',
    '/shops/:shop/feeds/loads/:load',
    '/shops/:shop/edge',
    '/shops/:shop/edge/callers',
    '/shops/:shop/edge/traffic',
    '/shops/:shop/edge/calls',
    '/shops/:shop/news',
    '/shops/:shop/responsibilities',
    '/account',
  ]) {
    app.get(path, (c) => {
      try {
        return c.html(readFileSync(join(options.consoleFolder, 'index.html'), 'utf8'));
      } catch {
        return c.text('The console is not built. Run "npm run build" in Loupe’s folder.', 503);
      }
    });
  }
  return app;
}
