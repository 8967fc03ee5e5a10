import { Hono } from 'hono';
import { html } from 'hono/html';
import { NAMES } from '../names.ts';
import { shopPage, SHOP_STYLE } from './page.ts';
import { money, PIECES } from './stock.ts';

const SHOP = 'Maison Aurora';

/** A shop on a platform like Shopify: the platform's headers and scripts, an app's script, checkout elsewhere. */
export function hostedShop(scripts: () => readonly string[]): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    const { headers } = c.res;
    headers.set('powered-by', 'Shopify');
    headers.set('x-shopid', '0000000');
    headers.set('strict-transport-security', 'max-age=31536000');
    headers.set('x-content-type-options', 'nosniff');
    headers.append('set-cookie', '_shopify_y=sample; path=/; Secure; SameSite=Lax');
  });
  /** The scripts that the published theme names: the pages show what the theme says. */
  const head = () => html`${scripts().map((src) => html`<script src="${src}" async></script>\n`)}`;
  app.get('/style.css', (c) => c.text(SHOP_STYLE, 200, { 'content-type': 'text/css' }));
  app.get('/robots.txt', (c) => c.text('User-agent: *\nDisallow: /checkouts\n'));
  app.get('/.well-known/mta-sts.txt', (c) =>
    c.text('version: STSv1\nmode: enforce\nmx: mail.maison-aurora.test\nmax_age: 604800\n'),
  );
  app.get('/', (c) =>
    c.html(
      shopPage(
        SHOP,
        'Jewelry',
        head(),
        html`<div class="grid">${PIECES.map((p) => html`<div class="card"><a href="/products/${p.id}">${p.name}</a><br>${money(p.priceCents)}</div>`)}</div>
<form action="https://${NAMES.hostedCdn}/checkouts" method="post"><button>Checkout</button></form>`,
      ),
    ),
  );
  app.get('/cart', (c) => c.html(shopPage(SHOP, 'Cart', head(), html`<p>Your cart is empty.</p>`)));
  app.get('/account/login', (c) =>
    c.html(
      shopPage(
        SHOP,
        'Account',
        head(),
        html`<form method="post"><input type="email" name="email"><button>Send me a code</button></form>`,
      ),
    ),
  );
  app.get('/products/:id', (c) => {
    const piece = PIECES.find((p) => String(p.id) === c.req.param('id'));
    return piece === undefined
      ? c.notFound()
      : c.html(shopPage(SHOP, piece.name, head(), html`<p>${piece.about}</p>`));
  });
  return app;
}
