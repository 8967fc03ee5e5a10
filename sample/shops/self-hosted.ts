import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { html, raw } from 'hono/html';
import { NAMES } from '../names.ts';
import type { Weakness } from '../weaknesses.ts';
import { legacyCorner } from './legacy.ts';
import { type Html, shopPage, SHOP_STYLE } from './page.ts';
import { DIAMONDS, money, PIECES } from './stock.ts';

const SHOP = 'Bergström Jewelers';

/** Only the banner of the old library: what a scanner reads, without its flaws. */
const OLD_JQUERY =
  '/*! jQuery v1.12.4 | SAMPLE: the banner only */\nwindow.jQuery = { fn: { jquery: "1.12.4" } };\n';
const NEW_JQUERY =
  '/*! jQuery v3.7.1 | SAMPLE: the banner only */\nwindow.jQuery = { fn: { jquery: "3.7.1" } };\n';

/** A shop of its own: catalogue, diamond search, sign-in, cart, orders, contact, checkout, and an old corner. */
export function selfHostedShop(on: ReadonlySet<Weakness>): Hono {
  const app = new Hono();
  const sessions = new Map<string, string[]>();

  app.use(async (c, next) => {
    await next();
    const { headers } = c.res;
    headers.set('server', on.has('banner') ? 'Apache/2.4.29 (Ubuntu)' : 'Apache');
    if (on.has('banner')) headers.set('x-powered-by', 'PHP/7.2.24');
    // The sample plays a shop behind a CDN; which one is told by this header.
    headers.set('x-sucuri-id', 'SAMPLE');
    if (!on.has('no-hsts')) headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains');
    const parts = [
      ...(on.has('no-csp')
        ? []
        : [
            `script-src 'self' https://${NAMES.chat} https://${NAMES.reviews} https://${NAMES.careless}`,
            `object-src 'none'`,
            `base-uri 'none'`,
          ]),
      ...(on.has('no-framing') ? [] : [`frame-ancestors 'none'`]),
    ];
    if (parts.length > 0) headers.set('content-security-policy', parts.join('; '));
    if (!on.has('no-nosniff')) headers.set('x-content-type-options', 'nosniff');
  });

  const cookie = on.has('weak-cookies')
    ? ({ path: '/' } as const)
    : ({ path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const);
  const session = (c: Parameters<typeof getCookie>[0]): string[] => {
    const id = getCookie(c, 'shop_session') ?? crypto.randomUUID();
    const cart = sessions.get(id) ?? [];
    sessions.set(id, cart);
    setCookie(c, 'shop_session', id, cookie);
    return cart;
  };

  const head = html`<script src="/js/jquery.js"></script>
<script src="https://${NAMES.chat}/widget.js" async></script>
<script src="https://${NAMES.reviews}/stars.js" async></script>
<script src="https://${NAMES.careless}/slider.js" async></script>`;
  const page = (title: string, body: Html): Html => shopPage(SHOP, title, head, body);

  app.get('/style.css', (c) => c.text(SHOP_STYLE, 200, { 'content-type': 'text/css' }));
  app.get('/js/jquery.js', (c) =>
    c.text(on.has('old-library') ? OLD_JQUERY : NEW_JQUERY, 200, { 'content-type': 'text/javascript' }),
  );
  app.get('/robots.txt', (c) => c.text('User-agent: *\nDisallow: /legacy\nDisallow: /checkout\n'));
  app.get('/.well-known/security.txt', (c) =>
    on.has('no-security-txt')
      ? c.notFound()
      : c.text(
          `Contact: mailto:security@${NAMES.selfHosted}\nExpires: ${new Date(Date.now() + 200 * 86_400_000).toISOString()}\n`,
        ),
  );
  app.get('/.well-known/mta-sts.txt', (c) =>
    c.text('version: STSv1\nmode: enforce\nmx: mail.bergstrom-jewelers.test\nmax_age: 604800\n'),
  );

  app.get('/', (c) => {
    session(c);
    return c.html(
      page(
        'Jewelry',
        html`<div class="grid">${PIECES.map(
          (piece) =>
            html`<div class="card"><a href="/piece/${piece.id}">${piece.name}</a><br>${money(piece.priceCents)}</div>`,
        )}</div>${on.has('mixed-content') ? raw(`<img src="http://${NAMES.selfHosted}/window.jpg" alt="our window">`) : ''}`,
      ),
    );
  });
  app.get('/piece/:id', (c) => {
    const piece = PIECES.find((p) => String(p.id) === c.req.param('id'));
    if (piece === undefined) return c.notFound();
    return c.html(
      page(
        piece.name,
        html`<h2>${piece.name}</h2><p>${piece.about}</p><p>${money(piece.priceCents)}</p>
<form method="post" action="/cart"><input type="hidden" name="piece" value="${piece.id}"><button>Add to cart</button></form>`,
      ),
    );
  });
  app.get('/diamonds', (c) => {
    const shape = c.req.query('shape') ?? '';
    const found = DIAMONDS.filter((d) => shape === '' || d.shape === shape).slice(0, 40);
    return c.html(
      page(
        'Diamonds',
        html`<form><label>Shape <input name="shape" value="${shape}"></label> <button>Search</button></form>
<table><tr><th>Report</th><th>Shape</th><th>Carat</th><th>Color</th><th>Clarity</th><th>Price</th></tr>${found.map(
          (d) =>
            html`<tr><td>${d.report}</td><td>${d.shape}</td><td>${d.carat}</td><td>${d.color}</td><td>${d.clarity}</td><td>${money(d.priceCents)}</td></tr>`,
        )}</table>`,
      ),
    );
  });
  app.get('/api/diamonds', (c) => {
    const shape = c.req.query('shape');
    return c.json({
      diamonds: DIAMONDS.filter((d) => shape === undefined || d.shape === shape).slice(0, 50),
    });
  });

  app.get('/account/login', (c) =>
    c.html(
      page(
        'Sign in',
        html`<form method="post" action="${on.has('clear-login') ? `http://${NAMES.selfHosted}/account/login` : '/account/login'}">
<label>Mail <input name="email" type="email" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label><button>Sign in</button></form>`,
      ),
    ),
  );
  app.post('/account/login', async (c) => {
    const form = await c.req.parseBody();
    const good = form['email'] === 'anna@example.test' && form['password'] === 'sample-password';
    return c.html(
      page('Account', html`<p>${good ? 'Welcome back, Anna.' : 'Mail or password is wrong.'}</p>`),
      good ? 200 : 401,
    );
  });
  app.get('/cart', (c) =>
    c.html(
      page(
        'Cart',
        html`<ul>${session(c).map((item) => html`<li>${item}</li>`)}</ul><a href="/checkout">Checkout</a>`,
      ),
    ),
  );
  app.post('/cart', async (c) => {
    const form = await c.req.parseBody();
    const piece = PIECES.find((p) => String(p.id) === form['piece']);
    if (piece !== undefined) session(c).push(piece.name);
    return c.redirect('/cart', 303);
  });
  app.get('/checkout', (c) =>
    c.html(
      page(
        'Checkout',
        html`<form method="post" action="/checkout"><label>Card <input name="card" autocomplete="cc-number" inputmode="numeric"></label>
<label>Expires <input autocomplete="cc-exp"></label><label>Code <input autocomplete="cc-csc"></label><button>Pay</button></form>
<script src="/js/jquery.js"></script>`,
      ),
    ),
  );
  app.post('/checkout', (c) =>
    c.html(page('Thank you', html`<p>This is a sample: no card was read and nothing was charged.</p>`)),
  );
  app.get('/orders', (c) =>
    c.html(
      page(
        'Your order',
        html`<form><label>Order <input name="n"></label><label>Mail <input name="email"></label><button>Find</button></form>`,
      ),
    ),
  );
  app.get('/contact', (c) =>
    c.html(
      page(
        'Contact',
        html`<form method="post"><label>Message <textarea name="m"></textarea></label><button>Send</button></form>`,
      ),
    ),
  );
  app.post('/contact', (c) => c.html(page('Contact', html`<p>Thank you.</p>`)));
  app.route('/legacy', legacyCorner(on));
  return app;
}
