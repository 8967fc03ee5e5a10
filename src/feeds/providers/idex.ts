// IDEX' full feed, CSV in its format of May 2022 ("basis"), as its page of the service lists the columns: prices in US dollars, the shape in a column called Cut and the cut
// in one called Make, the three lengths in one cell. Natural stones and lab-grown ones come in files of their own. Which way its percentage off the list is signed is not
// documented, so it is not read.
import { HOUR_MS, SECOND_MS } from '#kernel';
import { unpacked } from '../fetch/unpack.ts';
import type { Growth } from '../stone/words.ts';
import type { CsvAdapter } from './adapter.ts';
import { csvAdapter } from './csv-adapter.ts';
import type { Provider } from './provider.ts';

const idexFile = (provider: string, growth: Growth): CsvAdapter =>
  csvAdapter({
    provider,
    currency: 'USD',
    growth,
    money: 'units',
    discount: 'percent',
    columns: {
      id: ['Item ID #', 'Item ID'],
      shape: ['Cut'],
      weight: ['Carat'],
      color: ['Color'],
      hue: ['Natural Fancy Color'],
      intensity: ['Natural Fancy Color Intensity'],
      clarity: ['Clarity'],
      cut: ['Make'],
      polish: ['Polish'],
      symmetry: ['Symmetry'],
      fluorescence: ['Fluorescence Intensity'],
      measurements: ['Measurements'],
      lab: ['Grading Lab'],
      certificate: ['Certificate Number'],
      treatment: ['Enhancement'],
      perCarat: ['Price Per Carat'],
      total: ['Total Price'],
      depth: ['Depth'],
      table: ['Table'],
      certificateUrl: ['Certificate Path'],
      imageUrl: ['Image Path'],
    },
    flags: {},
  });

export const idexNatural: CsvAdapter = idexFile('idex', 'natural');
export const idexLabGrown: CsvAdapter = idexFile('idex-lab-grown', 'lab');

const HOST = 'api.idexonline.com';

/** The full feed: one question with the key gives a ZIP archive; what is refused is told in JSON, and so is no archive. */
function fullFeed(
  adapter: CsvAdapter,
  name: string,
  path: string,
  format: string,
  everyMs: number,
): Provider {
  return {
    id: adapter.provider,
    name,
    terms: {
      store: 'by-contract',
      maxKeepDays: null,
      says: 'The feed is made to be stored and shown on a member’s own site, under the contract for the service.',
      source: 'IDEX Onsite API, full feed',
    },
    hosts: [HOST],
    credentials: [
      { name: 'apiKey', label: 'API key' },
      { name: 'apiSecret', label: 'API secret' },
    ],
    signsInBy: 'request',
    replacedBy: null,
    mayBePlain: false,
    everyMs,
    gapMs: SECOND_MS,
    adapter,
    fetch(session) {
      const { credentials } = session;
      return unpacked(
        session.stream({
          url: new URL(`https://${HOST}${path}`),
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            authentication_details: {
              api_key: credentials['apiKey'] ?? '',
              api_secret: credentials['apiSecret'] ?? '',
            },
            parameters: { file_format: 'csv', data_format: format, create_zip_file: true },
          }),
        }),
      );
    },
  };
}

/** A new file of natural stones every two hours, and of lab-grown ones every hour; asked earlier, the service gives the one before. */
export const idex: Provider = fullFeed(
  idexNatural,
  'IDEX, natural diamonds',
  '/onsite/api/fullfeed',
  'format_20220525_basis',
  2 * HOUR_MS,
);
export const idexGrown: Provider = fullFeed(
  idexLabGrown,
  'IDEX, lab-grown diamonds',
  '/onsite/api/labgrownfullfile',
  'format_lg_20221130',
  HOUR_MS,
);
