// Providers of stones, by the wire formats that they document: RapNet's download service, both feeds of IDEX', Nivoda; and a small supplier with a list. Honest unless an attack is on; what signs in is checked as they check it.
import { Hono } from 'hono';
import { z } from 'zod';
import { html } from 'hono/html';
import { type Attack, ATTACKS } from './attacks.ts';
import { type Day, type DayRow, listedOf, rowsOf } from './day.ts';
import { type GiaService, giaService } from './gia.ts';
import { IDEX_HEAD, idexRow } from './idex-file.ts';
import { idexXml } from './idex-xml.ts';
import { nivodaService } from './nivoda.ts';
import { instantService } from './rapnet-instant.ts';
import { rapnetHead, rapnetRow } from './rapnet-file.ts';
import { type SampleStone, sampleStone } from './stones.ts';
import { asCsv, asJson, asJsonLines, asXlsx, asXml, type Listed } from './supplier-lists.ts';
import { zipped } from './zip.ts';

const GIA_HOST = 'api.reportresults.gia.edu';
const INSTANT_HOSTS = ['authztoken.api.rapaport.com', 'technet.rapnetapis.com'];
export const RAPNET_HOST = 'technet.rapaport.com';
const IDEX_HOST = 'api.idexonline.com';
export const IDEX_LEGACY_HOST = 'idexonline.com';
const NIVODA_HOST = 'integrations.nivoda.net';
export const SUPPLIER_HOST = 'lists.supplier.example';
/** Every name that the providers answer under. */
export const FEED_HOSTS: readonly string[] = [
  RAPNET_HOST,
  ...INSTANT_HOSTS,
  GIA_HOST,
  IDEX_HOST,
  IDEX_LEGACY_HOST,
  NIVODA_HOST,
  SUPPLIER_HOST,
];

export interface SampleFeeds extends Day {
  readonly app: Hono;
  /** What signs in. */
  readonly account: {
    readonly username: string;
    readonly password: string;
    readonly apiKey: string;
    readonly apiSecret: string;
    readonly access: string;
    readonly secret: string;
    readonly giaKey: string;
  };
  /** The laboratory whose reports can be looked up. */
  readonly gia: GiaService;
  /** How many files were handed out. */
  readonly handedOut: number;
}

export function openSampleFeeds(stones: readonly SampleStone[]): SampleFeeds {
  const app = new Hono();
  let handedOut = 0;
  const tickets = new Set<string>();
  const sample = {
    app,
    account: {
      username: '80001',
      password: 'sample-password-1',
      apiKey: 'sample-key',
      apiSecret: 'sample-secret',
      access: 'SAMPLE-ACCESS-1',
      secret: 'sample-token-1',
      giaKey: 'sample-gia-key-1',
    },
    stones,
    attack: null as Attack | null,
    get handedOut() {
      return handedOut;
    },
  };

  const gia = giaService(sample, sample.account.giaKey);
  app.post('/', (c) => gia.answer(c.req.raw));

  /** The file of the day, as the attack has it. */
  function file(head: string, row: (stone: SampleStone, more: DayRow['more']) => string): Buffer {
    const rows = rowsOf(sample).map(({ stone, more }) => row(stone, more));
    const honest = Buffer.from(head + rows.join(''));
    return sample.attack?.file?.(honest) ?? honest;
  }

  /** The answer with the file, as the attack has it. */
  function answer(bytes: Buffer, type: string): Response {
    handedOut++;
    return (
      sample.attack?.answer?.(bytes) ??
      new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })
    );
  }

  app.post('/HTTP/Authenticate.aspx', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const { username, password } = sample.account;
    if (form.get('username') !== username || form.get('password') !== password)
      return c.text('Wrong user name or password.');
    const ticket = crypto.randomUUID().replaceAll('-', '').toUpperCase();
    tickets.add(ticket);
    return c.text(ticket);
  });
  app.get('/HTTP/DLS/GetFile.aspx', (c) => {
    if (!tickets.has(c.req.query('ticket') ?? ''))
      return c.text('You are not authorized to download this file.');
    return answer(file(rapnetHead(), rapnetRow), 'text/csv');
  });

  app.get('/', (c) => {
    const on = Object.entries(ATTACKS).find(([, attack]) => attack === sample.attack)?.[0] ?? 'honest';
    return c.html(html`<!doctype html>
      <title>SAMPLE providers of stones</title>
      <h1>SAMPLE: providers of stones</h1>
      <p>Now: <strong>${on}</strong>. The next file that is fetched is so.</p>
      <form method="post" action="/attack">
        <button name="name" value="">Be honest, with the stones of another day</button>
        ${Object.entries<Attack>(ATTACKS).map(
          ([name, { does }]) => html`<p><button name="name" value="${name}">${name}</button> ${does}</p>`,
        )}
      </form>`);
  });
  app.post('/attack', async (c) => {
    const name = new URLSearchParams(await c.req.text()).get('name');
    sample.attack = Object.entries<Attack>(ATTACKS).find(([known]) => known === name)?.[1] ?? null;
    // A day on: a few stones are sold, a few come.
    if (sample.attack === null) {
      const first = (sample.stones[0]?.id ?? 1) + 40;
      sample.stones = sample.stones.map((_, i) => sampleStone(first + i));
    }
    return c.redirect('/', 303);
  });

  const fullFeed = async (request: Request): Promise<Response> => {
    const asked = z
      .object({ authentication_details: z.object({ api_key: z.string(), api_secret: z.string() }) })
      .safeParse(await request.json());
    const { api_key: key, api_secret: secret } = asked.data?.authentication_details ?? {};
    if (key !== sample.account.apiKey || secret !== sample.account.apiSecret)
      return Response.json({ error_code: 401, error_message: 'Authentication failed' });
    const plain = file(`${IDEX_HEAD.join(',')}\r\n`, idexRow);
    return answer(sample.attack?.archive?.(plain) ?? zipped('full_feed.csv', plain), 'application/zip');
  };
  app.post('/onsite/api/fullfeed', (c) => fullFeed(c.req.raw));
  app.post('/onsite/api/labgrownfullfile', (c) => fullFeed(c.req.raw));
  app.get('/Idex_Feed_API-Full_Inventory', (c) => {
    if (c.req.query('String_Access') !== sample.account.access) return c.text('Access denied');
    const honest = idexXml(rowsOf(sample));
    const plain = Buffer.from(sample.attack?.xml?.(honest) ?? honest);
    return answer(sample.attack?.archive?.(plain) ?? zipped('full.xml', plain), 'application/zip');
  });

  const instant = instantService(sample, sample.account);
  app.post('/api/get', (c) => instant.token(c.req.raw));
  app.post('/instant-inventory/api/Diamonds', (c) => instant.diamonds(c.req.raw));
  app.post('/instant-inventory/api/SingleDiamond', (c) => instant.one(c.req.raw));

  const nivoda = nivodaService(sample, sample.account);
  app.post('/api/diamonds', (c) => nivoda(c.req.raw));

  /** The supplier's list, in each of its forms and for each way of signing in. */
  const lists: Readonly<Record<string, (rows: readonly Listed[]) => string | Buffer>> = {
    'list.csv': asCsv,
    'list.json': (rows) => sample.attack?.json?.(asJson(rows)) ?? asJson(rows),
    'list.jsonl': (rows) => sample.attack?.json?.(asJsonLines(rows)) ?? asJsonLines(rows),
    'list.xml': (rows) => sample.attack?.xml?.(asXml(rows)) ?? asXml(rows),
    'list.xlsx': asXlsx,
  };
  app.get('/stock/:list', (c) => {
    const { username, password, secret } = sample.account;
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const isKnown =
      c.req.query('key') === secret ||
      c.req.header('x-api-key') === secret ||
      [`Bearer ${secret}`, basic].includes(c.req.header('authorization') ?? '');
    if (!isKnown) return c.text('Unauthorized', 401);
    const list = lists[c.req.param('list')];
    if (list === undefined) return c.notFound();
    return answer(Buffer.from(list(listedOf(sample))), 'application/octet-stream');
  });
  return Object.assign(sample, { gia });
}
