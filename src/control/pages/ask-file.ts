import type { AskView } from '@loupe/contract';
import { html, raw } from 'hono/html';
import type { AskRow } from '../asks/asks.ts';
import type { ShopRow } from '../shops/shops.ts';
import { dateText, itemFields } from './ask-form.ts';
import { ASK_FILE_SCRIPT, ASK_STYLE, sourceOf } from './styles.ts';

/**
 * An ask as one HTML page that works from a mail attachment: no request leaves it (its policy forbids every one), and what is filled in comes back as a
 * signed reply file.
 */
export async function askFilePage(
  shop: ShopRow,
  ask: AskRow,
  view: AskView,
  key: { readonly keyId: string; readonly privateKey: object },
): Promise<string> {
  const data = JSON.stringify({
    ask: ask.id,
    form: ask.questionnaire_hash,
    key: key.keyId,
    private: key.privateKey,
  }).replaceAll('<', String.raw`\u003c`);
  const policy = `default-src 'none'; script-src ${sourceOf(ASK_FILE_SCRIPT)}; style-src ${sourceOf(ASK_STYLE)}; base-uri 'none'; form-action 'none'`;
  const handedIn = view.by !== null;
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${view.ask.title} · ${shop.name}</title>
<style>${raw(ASK_STYLE)}</style>
</head>
<body>
<header>
<h1>${view.ask.title}</h1>
<p class="meta">Asked by ${shop.name} (${shop.host}). For ${view.ask.to}. Answer until ${dateText(shop, view.ask.expiresAt, false)}.</p>
<p>${view.intro}</p>
<p>This page works without the internet and sends nothing. Fill it in, press <b>Make the reply file</b> at the end, and send that file back. It takes about ${view.ask.items} short answers.</p>
<noscript><p class="notice">This page needs its script to make the reply file. Open it in a browser (Firefox, Chrome, Safari, Edge) rather than in the mail program’s preview.</p></noscript>
</header>
<main>
<form>
${view.sections.map(
  (section) => html`<h2 class="part">${section.title}</h2>
${section.items.map((answered) => itemFields(shop, answered, handedIn, 'file'))}`,
)}
<p class="bar"><button type="submit">Make the reply file</button> <span class="saved" role="status" data-saved></span></p>
</form>
</main>
<footer><p>The reply file is signed by a key that came with this page, so that a change on the way is noticed. Whoever has this page can answer in your name: do not pass it on.</p></footer>
<script type="application/json" id="ask">${raw(data)}</script>
<script>${raw(ASK_FILE_SCRIPT)}</script>
</body>
</html>`;
  return page.toString();
}
