import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const STYLE = `body{font:16px/1.6 Georgia,serif;max-width:60rem;margin:0 auto;padding:1rem;color:#2a2a2a;background:#fdfcf9}
nav a{margin-right:1rem}.sample{background:#fff3cd;padding:.3rem .8rem;font:14px system-ui}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem}.card{border:1px solid #ddd;padding:1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.3rem;text-align:left}`;

/** A page of a sample shop. It says on its face that it is one. */
export function shopPage(shop: string, title: string, head: Html, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · ${shop}</title>
<link rel="stylesheet" href="/style.css">
${head}
</head>
<body>
<p class="sample">SAMPLE SHOP of Loupe. Nothing here is for sale.</p>
<h1>${shop}</h1>
<nav><a href="/">Jewelry</a><a href="/diamonds">Diamonds</a><a href="/account/login">Account</a><a href="/cart">Cart</a><a href="/contact">Contact</a></nav>
<main>${body}</main>
</body>
</html>`;
}

export const SHOP_STYLE: string = STYLE;
