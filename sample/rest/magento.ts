// A Magento shop's REST interface (V1), as far as Loupe reads it.
import { type Context, Hono } from 'hono';
import { newSecret } from '../shopify/credentials.ts';

export interface SampleMagento {
  readonly app: Hono;
  readonly token: string;
  readonly store: {
    products: { sku: string; name: string; price: number; status: number }[];
    rules: {
      rule_id: number;
      name: string;
      is_active: boolean;
      simple_action: string;
      discount_amount: number;
    }[];
    pages: { id: number; identifier: string; title: string; content: string; active: boolean }[];
    modules: string[];
  };
}

export function openSampleMagento(): SampleMagento {
  const app = new Hono();
  const sample: SampleMagento = {
    app,
    token: newSecret().slice(6),
    store: {
      products: Array.from({ length: 230 }, (_, n) => ({
        sku: `ring-${n}`,
        name: `Ring ${n}`,
        price: 100 + n,
        status: 1,
      })),
      rules: [
        { rule_id: 1, name: 'Spring', is_active: true, simple_action: 'by_percent', discount_amount: 10 },
      ],
      pages: [{ id: 1, identifier: 'home', title: 'Home', content: '<p>Welcome</p>', active: true }],
      modules: ['Magento_Store', 'Magento_Catalog', 'Vendor_Reviews'],
    },
  };
  app.use('/rest/V1/*', async (c, next) => {
    if (c.req.header('authorization') !== `Bearer ${sample.token}`)
      return c.json({ message: 'The consumer isn’t authorized to access %resources.' }, 401);
    return await next();
  });
  const page = <T>(list: readonly T[], c: Context) => {
    const size = Number(c.req.query('searchCriteria[pageSize]') ?? 20);
    const from = (Number(c.req.query('searchCriteria[currentPage]') ?? 1) - 1) * size;
    return c.json({ items: list.slice(from, from + size), total_count: list.length });
  };
  app.get('/rest/V1/products', (c) => page(sample.store.products, c));
  app.get('/rest/V1/salesRules/search', (c) => page(sample.store.rules, c));
  app.get('/rest/V1/cmsPage/search', (c) => page(sample.store.pages, c));
  app.get('/rest/V1/modules', (c) => page(sample.store.modules, c));
  return sample;
}
