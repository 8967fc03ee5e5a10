// The pages of a respondent: no account, no script needed, a link and a button. Whoever has the link is who may answer.
import { type Context, Hono } from 'hono';
import { html, raw } from 'hono/html';
import { getCookie, setCookie } from 'hono/cookie';
import type { AskView } from '@loupe/contract';
import type { Clock } from '#kernel';
import type { ApiEnv } from '../api/access.ts';
import { problemOf } from '../api/problems.ts';
import type { Asks, Visitor } from '../asks/asks.ts';
import type { Conversation } from '../asks/conversation.ts';
import type { Messages } from '../asks/messages.ts';
import type { Replies } from '../asks/replies.ts';
import type { Answers } from '../asks/compare.ts';
import { MAX_ANSWER, plainText } from '../asks/draft.ts';
import type { ShopRow, Shops } from '../shops/shops.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { dateText, type Html, itemFields } from './ask-form.ts';
import { ASK_SCRIPT, ASK_STYLE } from './styles.ts';

export interface AskPagesOptions {
  readonly asks: Asks;
  readonly replies: Replies;
  readonly messages: Messages;
  readonly conversation: Conversation;
  readonly shops: Shops;
  readonly uploads: Uploads;
  readonly clock: Clock;
  /** The base of links that are shown here: as this page was opened. */
  linkBase(c: Context<ApiEnv>): string;
}

const TOKEN = /^[\w-]{43}$/u;

/** Opened on this machine itself, where there is no TLS. */
function isLoopback(c: Context<ApiEnv>): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])$/u.test(new URL(c.req.url).hostname);
}

function cookieName(askId: string): string {
  return `loupe_ask_${askId.slice(-12)}`;
}

function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${raw(ASK_STYLE)}</style>
</head>
<body>
${body}
</body>
</html>`;
}

/** The same for a link that never was, that is over, replaced or withdrawn: it tells nothing. */
const GONE = page(
  'This link does not work',
  html`<main><h1>This link does not work</h1>
<p>It is wrong, out of date, or was replaced by a newer one. Ask whoever sent it for a new link; what you had saved is still there.</p></main>`,
);

/** Whether a visitor may fill in a section: a delegate only those that were handed over. */
function mayFill(visitor: Visitor, section: string): boolean {
  return visitor.delegate === null || visitor.delegate.sections.includes(section);
}

/** Pages for answering by link. */
export function askPages(options: AskPagesOptions): Hono<ApiEnv> {
  const { asks, conversation, shops, uploads, clock } = options;
  const app = new Hono<ApiEnv>();

  // Nothing of an address goes to anybody else, and a form's origin to nobody but ourselves: under no-referrer browsers would send it
  // as `null`, which cannot be told from a forged one.
  for (const path of ['/ask/*', '/answer', '/answer/*']) {
    app.use(path, async (c, next) => {
      await next();
      c.res.headers.set('referrer-policy', 'same-origin');
    });
  }

  app.get('/assets/ask-save.js', (c) =>
    c.body(ASK_SCRIPT, 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'private, max-age=300',
    }),
  );

  app.get('/ask/:token', async (c) => {
    const token = c.req.param('token');
    const visitor = TOKEN.test(token) ? await asks.visit(token) : null;
    if (visitor === null) return c.html(GONE, 404);
    const [shop, form] = await Promise.all([shops.get(visitor.ask.shop_id), asks.formOf(visitor.ask)]);
    return c.html(
      page(
        form.title,
        html`<main><p class="meta">${shop.name} (${shop.host}) asks</p>
<h1>${form.title}</h1>
<p>For ${visitor.delegate?.name ?? visitor.ask.to_name}. About ${form.minutes} minutes; it is saved as you go, and you need no account.</p>
<form method="post" action="/answer"><input type="hidden" name="token" value="${token}"><p class="bar"><button type="submit">Begin</button></p></form>
<p class="meta">Good until ${dateText(shop, visitor.ask.expires_at, false)}. Do not pass this link on: whoever has it can answer in your name.</p></main>`,
      ),
    );
  });

  app.post('/answer', async (c) => {
    const { token } = await c.req.parseBody();
    const visitor = typeof token === 'string' && TOKEN.test(token) ? await asks.visit(token) : null;
    if (visitor === null || typeof token !== 'string') return c.html(GONE, 404);
    await asks.noteOpened(visitor.ask);
    const { id, expires_at } = visitor.ask;
    setCookie(c, cookieName(id), token, {
      path: `/answer/${id}`,
      httpOnly: true,
      sameSite: 'Strict',
      secure: options.linkBase(c).startsWith('https:') && !isLoopback(c),
      maxAge: Math.max(1, Math.floor((expires_at - clock.now()) / 1000)),
    });
    return c.redirect(`/answer/${id}`, 303);
  });

  /** Who asks for a page below /answer, by their cookie; null: nobody who may. */
  async function visitorOf(c: Context<ApiEnv>): Promise<Visitor | null> {
    const id = c.req.param('ask') ?? '';
    const token = getCookie(c, cookieName(id));
    const visitor = token === undefined || !TOKEN.test(token) ? null : await asks.visit(token);
    return visitor === null || visitor.ask.id !== id ? null : visitor;
  }

  app.get('/answer/:ask', async (c) => {
    const visitor = await visitorOf(c);
    if (visitor === null) return c.html(GONE, 404);
    const shop = await shops.get(visitor.ask.shop_id);
    const view = await conversation.view(visitor.ask, 'respondent');
    return c.html(page(view.ask.title, overview(shop, view, visitor, null)));
  });

  app.post('/answer/:ask/hand-in', async (c) => {
    const visitor = await visitorOf(c);
    if (visitor === null || visitor.delegate !== null) return c.html(GONE, 404);
    try {
      await conversation.handIn(visitor.ask);
    } catch (error) {
      return c.html(problemPage(error), problemOf(error).status);
    }
    return c.redirect(`/answer/${visitor.ask.id}`, 303);
  });

  app.post('/answer/:ask/delegates', async (c) => {
    const visitor = await visitorOf(c);
    if (visitor === null || visitor.delegate !== null) return c.html(GONE, 404);
    const form = await asks.formOf(visitor.ask);
    const body = await c.req.parseBody({ all: true });
    const chosen = [body['section'] ?? []].flat().filter((value) => typeof value === 'string');
    const sections = form.sections.map((section) => section.id).filter((id) => chosen.includes(id));
    const name = typeof body['name'] === 'string' ? plainText(body['name']).trim().slice(0, 100) : '';
    const shop = await shops.get(visitor.ask.shop_id);
    const view = await conversation.view(visitor.ask, 'respondent');
    if (sections.length === 0 || name === '')
      return c.html(
        page(
          view.ask.title,
          overview(shop, view, visitor, { problem: 'Give a name and at least one part.' }),
        ),
        422,
      );
    const token = await asks.delegate(visitor.ask, name, sections);
    const link = `${options.linkBase(c)}/ask/${token}`;
    return c.html(page(view.ask.title, overview(shop, view, visitor, { name, link })));
  });

  app.get('/answer/:ask/:section', async (c) => {
    const visitor = await visitorOf(c);
    const id = c.req.param('section');
    if (visitor === null || !mayFill(visitor, id)) return c.html(GONE, 404);
    const shop = await shops.get(visitor.ask.shop_id);
    const view = await conversation.view(visitor.ask, 'respondent');
    const at = view.sections.findIndex((section) => section.id === id);
    const section = view.sections[at];
    if (section === undefined) return c.html(GONE, 404);
    return c.html(
      page(
        `${section.title} · ${view.ask.title}`,
        html`<header><p class="back"><a href="/answer/${view.ask.id}">All parts</a></p>
<h1>${section.title}</h1><p class="meta">Part ${at + 1} of ${view.sections.length}</p></header>
<main><form method="post" action="/answer/${view.ask.id}/${section.id}" enctype="multipart/form-data" data-save>
${section.items.map((answered) => itemFields(shop, answered, view.by !== null, 'link'))}
<p class="bar"><button type="submit">Save and go on</button> <span class="saved" role="status" data-saved></span></p>
</form></main><script src="/assets/ask-save.js" type="module"></script>`,
      ),
    );
  });

  app.post('/answer/:ask/:section', async (c) => {
    const visitor = await visitorOf(c);
    const id = c.req.param('section');
    const quiet = c.req.header('accept') === 'application/json';
    const form = visitor === null ? null : await asks.formOf(visitor.ask);
    const at = form?.sections.findIndex((section) => section.id === id) ?? -1;
    const section = form?.sections[at];
    if (visitor === null || form === null || section === undefined || !mayFill(visitor, id))
      return quiet ? c.body(null, 404) : c.html(GONE, 404);
    const body = await c.req.parseBody({ all: true });
    const text = (name: string): string => {
      const value = [body[name]].flat()[0];
      return typeof value === 'string' ? value.slice(0, 2 * MAX_ANSWER) : '';
    };
    const answers: Answers = Object.fromEntries(
      section.items.map((item) => [
        item.id,
        { choice: text(`c:${item.id}`) || null, text: text(`t:${item.id}`) },
      ]),
    );
    try {
      await options.replies.save(visitor.ask, answers);
      if (quiet) return c.body(null, 204);
      for (const item of section.items) {
        const message = plainText(text(`m:${item.id}`)).trim();
        if (message !== '') await options.messages.say(visitor.ask, item.id, message, false);
        for (const gone of [body[`x:${item.id}`]].flat()) {
          if (typeof gone === 'string')
            await uploads.remove(visitor.ask.shop_id, visitor.ask.id, gone, [item.id]);
        }
        for (const file of [body[`f:${item.id}`]].flat()) {
          if (!(file instanceof File) || file.size === 0) continue;
          const bytes = new Uint8Array(await file.arrayBuffer());
          const { shop_id: shopId, id: askId } = visitor.ask;
          await uploads.add({ shopId, askId, item: item.id, name: file.name, bytes, paperKind: null });
        }
      }
    } catch (error) {
      return quiet
        ? c.body(null, problemOf(error).status)
        : c.html(problemPage(error), problemOf(error).status);
    }
    const next = form.sections.slice(at + 1).find((other) => mayFill(visitor, other.id));
    return c.redirect(`/answer/${visitor.ask.id}${next === undefined ? '' : `/${next.id}`}`, 303);
  });

  return app;
}

function problemPage(error: unknown): Html {
  const { body } = problemOf(error);
  return page(
    body.title,
    html`<main><h1>${body.title}</h1><p>${body.hint}</p><p>Go back with your browser; what was saved before is still there.</p></main>`,
  );
}

type OverviewNote = { readonly problem: string } | { readonly name: string; readonly link: string } | null;

function overview(shop: ShopRow, view: AskView, visitor: Visitor, note: OverviewNote): Html {
  const delegate = visitor.delegate;
  const sections = view.sections.filter(
    (section) => delegate === null || delegate.sections.includes(section.id),
  );
  const waiting = sections
    .flatMap((section) => section.items)
    .filter((answered) => answered.messages.at(-1)?.from === 'us').length;
  const differs = sections
    .flatMap((section) => section.items)
    .filter((one) => one.standing === 'differs').length;
  return html`<header><p class="meta">${shop.name} (${shop.host}) asks ${delegate?.name ?? view.ask.to}</p>
<h1>${view.ask.title}</h1></header>
<main>
${
  view.by === null
    ? html`<p>${view.intro}</p>`
    : html`<p class="notice done"><strong>Handed in${view.ask.answeredAt === null ? '' : ` ${dateText(shop, view.ask.answeredAt)}`}. Thank you.</strong> You can still change an answer and hand in again.</p>`
}
${waiting === 0 ? '' : html`<p class="notice"><strong>${waiting} ${waiting === 1 ? 'question' : 'questions'} back to you.</strong> They stand below your answers.</p>`}
${view.by === null || differs === 0 ? '' : html`<p class="notice">On ${differs} ${differs === 1 ? 'point' : 'points'} you say otherwise than was seen from outside of your own hosts. It stands beside your answers.</p>`}
${note !== null && 'problem' in note ? html`<p class="notice">${note.problem}</p>` : ''}
${
  note !== null && 'link' in note
    ? html`<div class="notice"><p><strong>Send ${note.name} this link.</strong> It is shown once.</p><p class="link"><code>${note.link}</code></p></div>`
    : ''
}
<ol class="sections">${sections.map((section) => {
    const answered = section.items.filter((one) => one.standing !== 'unanswered').length;
    return html`<li><a href="/answer/${view.ask.id}/${section.id}"><span>${section.title}</span><span class="count">${answered} of ${section.items.length}</span></a></li>`;
  })}</ol>
${
  delegate === null
    ? html`<form method="post" action="/answer/${view.ask.id}/hand-in"><p class="bar"><button type="submit">${view.by === null ? 'Hand in' : 'Hand in again'}</button><span class="saved">${view.ask.answered} of ${view.ask.items} answered</span></p></form>
${actionsPart(shop, view)}
<details class="delegate"><summary>Let a colleague fill in a part</summary>
<form method="post" action="/answer/${view.ask.id}/delegates"><p><label for="name">Name of the colleague</label><input type="text" id="name" name="name" maxlength="100" required></p>
<fieldset class="item"><legend>Parts</legend>${view.sections.map((section) => html`<label class="option"><input type="checkbox" name="section" value="${section.id}"> <span>${section.title}</span></label>`)}</fieldset>
<p class="bar"><button type="submit" class="quiet">Make a link</button></p></form></details>`
    : html`<p>When you are done, there is nothing more to do: ${view.ask.to} hands in.</p>`
}
</main>`;
}

function actionsPart(shop: ShopRow, view: AskView): Html {
  if (view.actions.length === 0) return html``;
  return html`<h2 class="part">What was agreed</h2><ul>${view.actions.map(
    (action) =>
      html`<li>${action.text} <span class="meta">${action.person}, by ${dateText(shop, action.dueAt, false)}</span></li>`,
  )}</ul>`;
}
