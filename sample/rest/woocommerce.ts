// A WooCommerce shop's REST interface (wc/v3, wp/v2), as far as Loupe reads it.
import { timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { newSecret } from '../shopify/credentials.ts';
import { PIECES } from '../shops/stock.ts';

export interface SampleWooCommerce {
  readonly app: Hono;
  readonly key: string;
  readonly secret: string;
  /** The merchant's side, to be changed by whoever tries something. */
  readonly store: {
    products: {
      id: number;
      name: string;
      slug: string;
      status: string;
      price: string;
      regular_price: string;
      variations: number[];
    }[];
    coupons: { id: number; code: string; amount: string; discount_type: string; status: string }[];
    gateways: {
      id: string;
      title: string;
      description: string;
      enabled: boolean;
      settings: Record<string, { value: string }>;
    }[];
    pages: { id: number; slug: string; title: { rendered: string }; content: { rendered: string } }[];
    plugins: { plugin: string; name: string; version: string; author_name: string }[];
    theme: { name: string; version: string };
  };
  /** Whether the key may see the system status: a shop manager's may not everywhere. */
  mayStatus: boolean;
  refuses: boolean;
}

function same(a: string, b: string): boolean {
  const [one, two] = [Buffer.from(a), Buffer.from(b)];
  return one.byteLength === two.byteLength && timingSafeEqual(one, two);
}

export function openSampleWooCommerce(): SampleWooCommerce {
  const app = new Hono();
  const sample: SampleWooCommerce = {
    app,
    key: `ck_${newSecret().slice(6)}`,
    secret: `cs_${newSecret().slice(6)}`,
    mayStatus: true,
    refuses: false,
    store: {
      products: PIECES.map((piece) => ({
        id: piece.id,
        name: piece.name,
        slug: `piece-${piece.id}`,
        status: 'publish',
        price: (piece.priceCents / 100).toFixed(2),
        regular_price: (piece.priceCents / 100).toFixed(2),
        variations: [],
      })),
      coupons: [{ id: 1, code: 'welcome5', amount: '5.00', discount_type: 'percent', status: 'publish' }],
      gateways: [
        {
          id: 'bacs',
          title: 'Bank transfer',
          description: 'Pay into our account.',
          enabled: true,
          settings: { instructions: { value: 'IBAN DE89 3704 0044 0532 0130 00' } },
        },
      ],
      pages: [
        {
          id: 1,
          slug: 'about',
          title: { rendered: 'About us' },
          content: { rendered: '<p>Since 1894.</p>' },
        },
      ],
      plugins: [{ plugin: 'seo/seo.php', name: 'SEO', version: '4.1', author_name: 'Plugin House' }],
      theme: { name: 'Storefront', version: '4.6' },
    },
  };
  const allowed = (header: string | undefined): boolean => {
    const given = Buffer.from((header ?? '').replace(/^Basic /u, ''), 'base64').toString();
    return !sample.refuses && same(given, `${sample.key}:${sample.secret}`);
  };
  const refusal = { code: 'woocommerce_rest_cannot_view', message: 'Sorry, you cannot list resources.' };
  app.use('/wp-json/wc/*', async (c, next) => {
    if (!allowed(c.req.header('authorization'))) return c.json(refusal, 401);
    return await next();
  });
  const page = <T>(list: readonly T[], c: { req: { query(name: string): string | undefined } }): T[] => {
    const per = Number(c.req.query('per_page') ?? 10);
    const from = (Number(c.req.query('page') ?? 1) - 1) * per;
    return list.slice(from, from + per);
  };
  app.get('/wp-json/wc/v3/products', (c) => c.json(page(sample.store.products, c)));
  app.get('/wp-json/wc/v3/coupons', (c) => c.json(page(sample.store.coupons, c)));
  app.get('/wp-json/wc/v3/payment_gateways', (c) => c.json(sample.store.gateways));
  app.get('/wp-json/wc/v3/system_status', (c) =>
    sample.mayStatus
      ? c.json({ theme: sample.store.theme, active_plugins: sample.store.plugins })
      : c.json(refusal, 403),
  );
  app.get('/wp-json/wp/v2/pages', (c) => c.json(page(sample.store.pages, c)));
  return sample;
}
