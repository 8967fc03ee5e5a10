// The weak corner: real flaws, on purpose, for attack tools and for those who defend against them. It holds nothing but sample
// data, in a database in memory, and never listens beyond loopback.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { html, raw } from 'hono/html';
import type { Weakness } from '../weaknesses.ts';
import { PIECES } from './stock.ts';

const CERTIFICATES = fileURLToPath(new URL('./certificates/', import.meta.url));

function database(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  db.exec(
    'create table piece (id integer primary key, name text, price integer); create table customer (id integer primary key, mail text, phone text); create table orders (id integer primary key, customer integer, piece integer)',
  );
  const piece = db.prepare('insert into piece values (?,?,?)');
  for (const p of PIECES) piece.run(p.id, p.name, p.priceCents);
  const customer = db.prepare('insert into customer values (?,?,?)');
  const order = db.prepare('insert into orders values (?,?,?)');
  for (let i = 1; i <= 40; i++) {
    customer.run(i, `customer${i}@example.test`, `+00 555 01${String(i).padStart(2, '0')}`);
    order.run(10_000 + i, i, 1 + (i % PIECES.length));
  }
  return db;
}

export function legacyCorner(on: ReadonlySet<Weakness>): Hono {
  const app = new Hono();
  const db = database();
  const guests: string[] = [];

  app.get('/', (c) =>
    c.html(html`<h1>The old site</h1><ul><li><a href="/legacy/search?q=ring">Search</a></li><li><a href="/legacy/guests">Guest book</a></li>
<li><a href="/legacy/certificate?file=1.txt">A certificate</a></li><li><a href="/legacy/order?n=10001">An order</a></li></ul>`),
  );
  app.get('/search', (c) => {
    const q = c.req.query('q') ?? '';
    const shown = on.has('legacy-xss-reflected') ? raw(q) : q;
    try {
      const rows = on.has('legacy-sql')
        ? db.prepare(`select id, name, price from piece where name like '%${q}%'`).all()
        : db.prepare(`select id, name, price from piece where name like '%' || ? || '%'`).all(q);
      return c.html(
        html`<p>Results for ${shown}</p><ul>${rows.map((row) => html`<li>${row['id']} ${row['name']} ${row['price']}</li>`)}</ul>`,
      );
    } catch (error) {
      return c.text(`Database error: ${error instanceof Error ? error.message : ''}`, 500);
    }
  });
  app.get('/guests', (c) =>
    c.html(html`<ul>${guests.map((entry) => html`<li>${on.has('legacy-xss-stored') ? raw(entry) : entry}</li>`)}</ul>
<form method="post"><input name="entry"><button>Sign</button></form>`),
  );
  app.post('/guests', async (c) => {
    const form = await c.req.parseBody();
    if (typeof form['entry'] === 'string') guests.push(form['entry'].slice(0, 2_000));
    if (guests.length > 100) guests.shift();
    return c.redirect('/legacy/guests', 303);
  });
  app.get('/certificate', (c) => {
    const file = c.req.query('file') ?? '';
    if (!on.has('legacy-traversal') && !/^\d+\.txt$/u.test(file)) return c.notFound();
    try {
      return c.text(readFileSync(join(CERTIFICATES, file), 'utf8'));
    } catch {
      return c.notFound(); // no such file, which is all a visitor needs to know
    }
  });
  app.get('/order', (c) => {
    const query =
      'select o.id, c.mail, c.phone, p.name from orders o join customer c on c.id = o.customer join piece p on p.id = o.piece where o.id = ?';
    const row = db.prepare(query).get(Number(c.req.query('n')));
    const mayRead = on.has('legacy-orders') || (row !== undefined && row['mail'] === c.req.query('mail'));
    return row === undefined || !mayRead ? c.notFound() : c.json(row);
  });
  return app;
}
