// IDEX' older feed: a ZIP archive of XML whose elements have attributes of two and three letters, as recorded clients read them. The access string stands in the address, as the service has it; no address is ever written down.
import { HOUR_MS, SECOND_MS } from '#kernel';
import { unpacked } from '../fetch/unpack.ts';
import { transcript } from '../read/transcript.ts';
import { xmlRecords } from '../read/xml.ts';
import { csvAdapter } from './csv-adapter.ts';
import type { Provider } from './provider.ts';

const HOST = 'idexonline.com';

const COLUMNS = {
  id: ['id'],
  stock: ['sr'],
  shape: ['cut'],
  weight: ['ct'],
  color: ['col'],
  clarity: ['cl'],
  cut: ['mk'],
  lab: ['lab'],
  certificate: ['cn'],
  certificateUrl: ['cp'],
  perCarat: ['ap'],
  total: ['tp'],
  polish: ['pol'],
  symmetry: ['sym'],
  measurements: ['mes'],
  depth: ['dp'],
  table: ['tb'],
};

export const idexLegacy: Provider = {
  id: 'idex-legacy',
  name: 'IDEX, older XML feed',
  terms: {
    store: 'by-contract',
    maxKeepDays: null,
    says: 'The feed is made to be stored and shown on a member’s own site, under the contract for the service.',
    source: 'IDEX feed API, full inventory',
  },
  hosts: [HOST],
  credentials: [{ name: 'access', label: 'Access string' }],
  signsInBy: 'address',
  replacedBy: 'IDEX, natural diamonds',
  mayBePlain: true,
  everyMs: 2 * HOUR_MS,
  gapMs: SECOND_MS,
  adapter: csvAdapter({
    provider: 'idex-legacy',
    currency: 'USD',
    money: 'units',
    growth: 'natural',
    discount: 'percent',
    columns: COLUMNS,
    flags: {},
  }),
  fetch(session) {
    const url = new URL(`https://${HOST}/Idex_Feed_API-Full_Inventory`);
    url.searchParams.set('String_Access', session.credentials['access'] ?? '');
    url.searchParams.set('Show_Empty', '1');
    const records = xmlRecords(unpacked(session.stream({ url })), ['root', 'item']);
    return transcript(Object.values(COLUMNS).flat(), records);
  },
};
