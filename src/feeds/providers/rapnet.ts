// RapNet's download service (DLS): a CSV of some eighty columns. Names as its help pages and recorded files have them; prices are in US dollars, discounts a fraction of the
// list. RapNet lists no lab-grown stones. Its Instant Inventory is another service, and may not be stored.
import { HOUR_MS, SECOND_MS } from '#kernel';
import { feedError } from '../errors.ts';
import type { CsvAdapter } from './adapter.ts';
import { csvAdapter } from './csv-adapter.ts';
import type { Provider } from './provider.ts';

export const rapnetDownload: CsvAdapter = csvAdapter({
  provider: 'rapnet',
  currency: 'USD',
  growth: 'natural',
  money: 'units',
  discount: 'fraction',
  columns: {
    id: ['Diamond ID'],
    shape: ['Shape'],
    weight: ['Weight'],
    color: ['Color'],
    hue: ['Fancy Color'],
    intensity: ['Fancy Intensity', 'Fancy Color Intensity'],
    clarity: ['Clarity'],
    cut: ['Cut', 'Cut Grade'],
    polish: ['Polish'],
    symmetry: ['Symmetry'],
    fluorescence: ['Fluorescence Intensity'],
    length: ['Meas Length', 'Measurements Length'],
    width: ['Meas Width', 'Measurements Width'],
    height: ['Meas Depth', 'Measurements Depth'],
    lab: ['Lab'],
    certificate: ['Certificate Number'],
    stock: ['Stock Number'],
    treatment: ['Treatment'],
    perCarat: ['Price Per Carat'],
    percent: ['Price Percentage'],
    total: ['Total Price'],
    availability: ['Availability'],
    depth: ['Depth', 'Depth Percent'],
    table: ['Table', 'Table Percent'],
    comment: ['Member Comments', 'Member Comment'],
    certificateUrl: ['Certificate URL'],
    imageUrl: ['Image URL'],
  },
  flags: { HPHT: 'hpht', Irradiated: 'irradiated', 'Laser Drilled': 'laser-drilled' },
});

const HOST = 'technet.rapaport.com';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** The download service: a name and password in a form give a ticket, the ticket gives the file. The ticket stands in the address, as the service has it; it is short-lived, and no address is ever written down. */
export const rapnet: Provider = {
  id: 'rapnet',
  name: 'RapNet, download service',
  terms: {
    store: 'by-contract',
    maxKeepDays: null,
    says: 'Lists may be downloaded and stored only under a download contract; whether and how they may be shown is in the contract.',
    source: 'RapNet help pages, Download Listing Service',
  },
  hosts: [HOST],
  credentials: [
    { name: 'username', label: 'User name' },
    { name: 'password', label: 'Password' },
  ],
  signsInBy: 'request',
  replacedBy: null,
  mayBePlain: false,
  everyMs: HOUR_MS,
  gapMs: SECOND_MS,
  adapter: rapnetDownload,
  async *fetch(session) {
    const { username = '', password = '' } = session.credentials;
    const answer = await session.ask({
      url: new URL(`https://${HOST}/HTTP/Authenticate.aspx`),
      method: 'POST',
      headers: FORM,
      body: new URLSearchParams({ username, password }).toString(),
    });
    const ticket = Buffer.from(answer).toString('latin1').trim();
    // Whoever is not let in gets prose, with the status of success.
    if (!/^[\w+/=.-]{8,512}$/u.test(ticket))
      throw feedError('feeds/not-fetched', { details: { why: 'credentials', host: HOST } });
    const url = new URL(`https://${HOST}/HTTP/DLS/GetFile.aspx`);
    url.searchParams.set('ticket', ticket);
    yield* session.stream({ url });
  },
};
