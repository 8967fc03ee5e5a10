// RapNet's Instant Inventory, as far as its published samples tell: a token for the client's id and secret, searches by range and list, one stone by its id. It tells more of a stone than shoppers may know: whose it is,
// where it lies, what it costs.
import { z } from 'zod';
import { type Day, type DayRow, rowsOf } from './day.ts';
import { rapnetValues } from './rapnet-file.ts';

const MOST = 50;
const search = z.object({
  request: z.object({
    body: z.object({
      search_type: z.enum(['White', 'Fancy']),
      shapes: z.array(z.string()).optional(),
      labs: z.array(z.string()).optional(),
      size_from: z.number().optional(),
      size_to: z.number().optional(),
      color_from: z.string().optional(),
      color_to: z.string().optional(),
      page_number: z.number(),
      page_size: z.number().max(MOST),
      sort_by: z.enum(['price', 'size']),
      sort_direction: z.enum(['Asc', 'Desc']),
    }),
  }),
});
type Asked = z.infer<typeof search>['request']['body'];
const single = z.object({ request: z.object({ body: z.object({ diamond_id: z.string() }) }) });

export interface InstantService {
  token(request: Request): Promise<Response>;
  diamonds(request: Request): Promise<Response>;
  one(request: Request): Promise<Response>;
}

export function instantService(
  day: Day,
  account: { readonly apiKey: string; readonly apiSecret: string },
): InstantService {
  const tokens = new Set<string>();
  const isIn = (request: Request): boolean =>
    tokens.has(/^Bearer (.+)$/u.exec(request.headers.get('authorization') ?? '')?.[1] ?? '');
  const told = (answer: object): Response => {
    const text = JSON.stringify({ response: { header: { error_code: 0, error_message: '' }, body: answer } });
    return (
      day.attack?.answer?.(Buffer.from(text)) ??
      new Response(day.attack?.json?.(text) ?? text, { headers: { 'content-type': 'application/json' } })
    );
  };

  return {
    async token(request) {
      const asked = z
        .object({ client_id: z.string(), client_secret: z.string() })
        .safeParse(await request.json());
      if (asked.data?.client_id !== account.apiKey || asked.data.client_secret !== account.apiSecret)
        return Response.json({ error: 'access_denied' }, { status: 403 });
      const token = crypto.randomUUID();
      tokens.add(token);
      return Response.json({ access_token: token, token_type: 'Bearer', expires_in: 86_400 });
    },
    async diamonds(request) {
      if (!isIn(request)) return new Response('Unauthorized', { status: 401 });
      const asked = search.parse(await request.json()).request.body;
      const found = rowsOf(day)
        .filter((row) => fits(asked, row))
        .toSorted((a, b) => (asked.sort_direction === 'Asc' ? 1 : -1) * (key(asked, a) - key(asked, b)));
      const from = day.attack?.pages?.offset?.(0) ?? (asked.page_number - 1) * asked.page_size;
      const page = found.slice(from, from + asked.page_size).map(diamond);
      return told({
        searchResults: {
          diamondsReturned: page.length,
          totalDiamondsFound: day.attack?.pages?.count?.(found.length) ?? found.length,
        },
        diamonds: page,
      });
    },
    async one(request) {
      if (!isIn(request)) return new Response('Unauthorized', { status: 401 });
      const { diamond_id: id } = single.parse(await request.json()).request.body;
      const row = rowsOf(day).find(({ stone }) => String(stone.id) === id);
      return told(
        row === undefined ? {} : { diamond: { ...diamond(row), totalPurchasePrice: price(row) * 0.9 } },
      );
    },
  };
}

const price = ({ stone }: DayRow): number => Math.round((stone.perCarat * stone.caratMilli) / 10) / 100;
const key = ({ sort_by: by }: Asked, row: DayRow): number =>
  by === 'price' ? price(row) : row.stone.caratMilli;

function fits(asked: Asked, { stone }: DayRow): boolean {
  const carat = stone.caratMilli / 1_000;
  return (
    (asked.search_type === 'Fancy') === (stone.color === '') &&
    (asked.shapes?.includes(stone.shape) ?? true) &&
    (asked.labs?.includes(stone.lab) ?? true) &&
    carat >= (asked.size_from ?? 0) &&
    carat <= (asked.size_to ?? 1_000) &&
    stone.color >= (asked.color_from ?? '') &&
    stone.color <= (asked.color_to ?? 'Z')
  );
}

/** A stone as the service tells it; what an attack writes into the columns of a file stands here under the service's names. */
function diamond({ stone, more }: DayRow): object {
  const values: Readonly<Record<string, string>> = { ...rapnetValues(stone), ...more };
  const text = (name: string): string | null => values[name] || null;
  const number = (name: string): number | string | null => {
    const given = values[name] ?? '';
    return /^-?\d+(?:\.\d+)?$/u.test(given) ? Number(given) : given || null;
  };
  return {
    diamondID: number('Diamond ID'),
    shape: text('Shape'),
    size: number('Weight'),
    color: text('Color'),
    fancyColorDominantColor: text('Fancy Color'),
    fancyColorIntensity: text('Fancy Intensity'),
    clarity: text('Clarity'),
    cut: text('Cut'),
    symmetry: text('Symmetry'),
    polish: text('Polish'),
    depthPercent: number('Depth'),
    tablePercent: number('Table'),
    measLength: number('Meas Length'),
    measWidth: number('Meas Width'),
    measDepth: number('Meas Depth'),
    fluorIntensity: text('Fluorescence Intensity'),
    lab: text('Lab'),
    certNum: text('Certificate Number'),
    stockNum: text('Stock Number'),
    hasCertFile: true,
    imageFile: text('Image URL'),
    videoURL: text('Video URL'),
    eyeClean: 'Yes',
    currencyCode: 'USD',
    totalSalesPrice: number('Total Price'),
    totalSalesPriceInCurrency: number('Total Price'),
    seller: {
      company: values['Seller Name'],
      city: values['City'],
      country: values['Country'],
      phone: '+972 3 555 0100',
    },
  };
}
