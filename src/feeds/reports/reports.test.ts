import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DAY_MS, newId } from '#kernel';
import { rapnetHead, rapnetRow } from '../../../sample/feeds/rapnet-file.ts';
import { sampleStone } from '../../../sample/feeds/stones.ts';
import type { FetchSession } from '../fetch/session.ts';
import type { KeptLoad } from '../load/kept.ts';
import { type LoadPlan, type LoadReport, performLoad } from '../load/perform.ts';
import { rapnet } from '../providers/rapnet.ts';
import type { LookedUp } from './report-book.ts';

const folder = mkdtempSync(join(tmpdir(), 'loupe-reports-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const hashKey = randomBytes(16);
const none = async function* (): AsyncGenerator<Uint8Array> {};
const SESSION: FetchSession = {
  credentials: {},
  reached: [],
  ask: () => Promise.resolve(new Uint8Array()),
  stream: none,
  file: none,
  handedIn: none,
};

describe('a report that there is none of', () => {
  const stone = { ...sampleStone(1), lab: 'GIA', certificate: '2141438171', perCarat: 9_000 };
  const file = Buffer.from(rapnetHead() + rapnetRow(stone));

  async function load(
    day: number,
    before: KeptLoad | null,
    report: LookedUp['report'],
  ): Promise<{ readonly kept: KeptLoad; readonly told: LoadReport; readonly asked: number }> {
    let asked = 0;
    const plan: LoadPlan = {
      provider: {
        ...rapnet,
        async *fetch() {
          yield file;
        },
      },
      load: { id: newId('lod', Date.now()), folder, key: randomBytes(32) },
      before: before === null ? null : { ...before, pricesAccepted: false },
      at: day * DAY_MS,
      keepDays: 30,
      typedAlike: false,
      hashKey,
      releases: [],
      maxBytes: 1_000_000,
      maxRows: 100,
      lookUp: () => {
        asked++;
        return Promise.resolve({ at: day * DAY_MS, report });
      },
      onProgress: () => undefined,
    };
    return { told: await performLoad(plan, SESSION), kept: plan.load, asked };
  }

  test('keeps its stone out, is looked up again after a week, and lets it in when there is one', async () => {
    const first = await load(1, null, null);
    expect(first.told.findings).toMatchObject({ 'report-unknown': 1 });
    const second = await load(2, first.kept, null);
    expect([second.asked, second.told.findings['report-unknown']]).toEqual([0, 1]);
    const still = await load(9, second.kept, null);
    expect([still.asked, still.told.findings['report-unknown']]).toEqual([1, 1]);
    const report = {
      number: stone.certificate,
      growth: -1,
      shape: -1,
      caratMilli: -1,
      color: -1,
      clarity: -1,
    };
    const found = await load(17, still.kept, report);
    expect([found.asked, found.told.findings['report-unknown'] ?? 0]).toEqual([1, 0]);
    expect((await load(40, found.kept, null)).asked).toBe(0);
  });
});
