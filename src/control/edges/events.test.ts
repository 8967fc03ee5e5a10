import { describe, expect, test } from 'vitest';
import { databasePlaces } from '../../../test/support/databases.ts';
import { DAY_MS, fixedClock, MINUTE_MS } from '#kernel';
import type { PlaneEvent } from '#plane';
import { KEEP_MS, openEdgeEvents } from './events.ts';

const NOW = Date.UTC(2026, 10, 26);

const event = (seq: number, at: number): PlaneEvent => ({
  v: 1,
  edge: 'edge-1',
  boot: 'boot_1',
  seq,
  at,
  shop: 'shp_1',
  kind: 'request',
  body: { status: 200 },
});

describe.each(databasePlaces())('events of edges, on $engine', ({ place }) => {
  test('the old go, and of the young the oldest where there are too many', async () => {
    const clock = fixedClock(NOW);
    const events = await openEdgeEvents(await place('prune'), clock, 100);
    const ages = [
      ...Array.from({ length: 30 }, (_, i) => KEEP_MS + DAY_MS + i * 17 * MINUTE_MS),
      ...Array.from({ length: 150 }, (_, i) => (150 - i) * 13 * MINUTE_MS),
    ];
    await events.store(
      'edge-1',
      'boot_1',
      ages.map((age, seq) => event(seq, NOW - age)),
    );
    await events.prune();
    const left = await events.ofKind('shp_1', 'request', 0);
    expect(left).toHaveLength(100);
    expect(left[0]?.at).toBe(NOW - 100 * 13 * MINUTE_MS);
    // What is gone does not come in again.
    expect(await events.store('edge-1', 'boot_1', [event(0, NOW - KEEP_MS)])).toEqual([]);
    clock.advance(KEEP_MS);
    await events.prune();
    expect(await events.ofKind('shp_1', 'request', 0)).toEqual([]);
    await events.close();
  });
});
