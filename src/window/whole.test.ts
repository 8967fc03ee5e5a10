import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rapnetHead, rapnetRow } from '../../sample/feeds/rapnet-file.ts';
import { sampleStone } from '../../sample/feeds/stones.ts';
import { type Catalogue, openCatalogue, rapnetDownload, runLoad, select, stonesFile } from '#feeds';
import { type Shelf, wholeSender } from './whole.ts';

const ROWS = 40_000;
const TEXT = '{"comment":"=1+1","certificate":"0123"}';
let catalogue: Catalogue;
let server: Server;
let window: Shelf;
const complaints: unknown[] = [];

beforeAll(async () => {
  const rows = Array.from({ length: ROWS }, (_, i) => rapnetRow(sampleStone(i + 1)));
  const { table } = await runLoad({
    adapter: rapnetDownload,
    bytes: [Buffer.from(rapnetHead() + rows.join(''))],
    hashKey: Buffer.alloc(16, 7),
    before: null,
    gone: null,
    old: null,
    releases: [],
    maxBytes: 100_000_000,
    maxRows: ROWS,
  });
  const selection = select(table, { shown: [], hidden: [], most: ROWS }, null, 0);
  const head = {
    v: 1,
    of: 'stones',
    feed: 'fed',
    provider: '',
    currency: 'USD',
    rows: ROWS,
    show: [],
  } as const;
  const folder = mkdtempSync(join(tmpdir(), 'loupe-whole-'));
  writeFileSync(
    join(folder, 'stones'),
    Buffer.concat([...stonesFile(head, table, selection, { begin: () => 0, bytes: () => TEXT.length })]),
  );
  writeFileSync(join(folder, 'texts'), TEXT);
  catalogue = openCatalogue(join(folder, 'stones'), join(folder, 'texts'));
  window = { version: 7, content: 'one', ware: 'stones', catalogues: [catalogue] };
  const sendWhole = wholeSender((error) => complaints.push(error));
  server = createServer((request, response) => {
    const form = request.url === '/all.csv' ? 'all.csv' : 'all.jsonl';
    if (!sendWhole(window, form, request, response)) response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ask = (path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get({ port: (server.address() as AddressInfo).port, path, agent: false }, resolve).on('error', reject);
  });
async function read(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) text += String(piece);
  return text;
}

test('holds every stone once, and no cell that computes', async () => {
  const csv = (await read(await ask('/all.csv'))).trimEnd().split('\r\n');
  expect(csv).toHaveLength(ROWS + 1);
  expect(csv[0]).toMatch(/^ref,shape,carat,.*,comment$/u);
  expect(csv[1]).toMatch(/,0123,,,,'=1\+1$/u);
  const refs = new Set(csv.slice(1).map((line) => line.slice(0, 16)));
  expect(refs.size).toBe(ROWS);
});

test('is sent to a few at a time; who does not read holds up nobody else for ever', async () => {
  const held = await Promise.all(Array.from({ length: 4 }, () => ask('/all.jsonl')));
  const refused = await ask('/all.jsonl');
  expect(refused.statusCode).toBe(503);
  refused.resume();
  for (const answer of held) answer.destroy();
  let status: number | undefined;
  for (let n = 0; n < 100 && status !== 200; n++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const answer = await ask('/all.csv');
    status = answer.statusCode;
    answer.destroy();
  }
  expect(status).toBe(200);
  expect(complaints).toEqual([]);
});

test('ends as a broken one where its catalogue goes meanwhile', async () => {
  const answer = await ask('/all.jsonl');
  await new Promise((resolve) => answer.once('readable', resolve));
  catalogue.close();
  await expect(read(answer)).rejects.toThrow();
  expect(complaints).toEqual([]);
});
