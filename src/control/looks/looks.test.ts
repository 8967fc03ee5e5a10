import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVerifier } from '#crypto';
import { DAY_MS } from '#kernel';
import { verifyProofFile } from '#ledger';
import { decodeLeaf, observationOf } from '#plane';
import { startWorld, type World } from '../../../sample/world.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { databasePlaces } from '../../../test/support/databases.ts';
import { type ApiClient, eventually } from '../../../test/support/installation.ts';

const V1 = '/api/v1';

describe.each(databasePlaces())('a look, with state on $engine', ({ place }) => {
  let t: TestControl;
  let world: World;
  let owner: ApiClient;
  let shop = '';
  beforeAll(async () => {
    world = await startWorld({ firstPort: 0 });
    t = await startTestControl({ samples: world.shops, state: await place('control') });
    owner = await t.owner();
    const added = await owner.call('POST', `${V1}/shops`, { address: 'bergstrom-jewelers.test' });
    shop = added.json.shop.id;
    await eventually(
      async () =>
        (await owner.call('GET', `${V1}/shops/${shop}/looks/${added.json.look}`)).json.state === 'done',
    );
  });
  afterAll(async () => {
    await t.close();
    await world.close();
  });

  const answers = async () => (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json.answers;
  const answer = async (id: string) => (await answers()).find((a: { id: string }) => a.id === id);

  it('answers every question, follow-up and provider question, none of them Yes without a room that sees it', async () => {
    const all = await answers();
    expect(all).toHaveLength(33);
    expect((await answer('Q3')).state).toBe('no');
    for (const one of all) expect(['no', 'unknown', 'needs-you']).toContain(one.state);
    for (const one of all) expect(one.sentence.split(/\s+/u).length, one.sentence).toBeLessThanOrEqual(25);
    for (const one of all) expect(JSON.stringify(one), one.id).not.toMatch(/–\D|\{\w+\}|undefined/u);
  });

  it('signs every observation into the shop’s log, with a proof that verifies offline', async () => {
    const q1 = await answer('Q1');
    const id = q1.checks[0].observation;
    const held = await eventually(async () => {
      const { json } = await owner.call('GET', `${V1}/shops/${shop}/observations/${id}`);
      return json.leaf === null ? null : json;
    });
    const proof = await owner.call('GET', `${V1}/shops/${shop}/observations/${id}/proof`);
    const verdict = verifyProofFile(proof.text, readVerifier(held.key));
    if (!verdict.ok) throw new Error(verdict.why);
    expect(observationOf(decodeLeaf(verdict.leaf))).toEqual(held.observation);
    expect(held.log).toBe(`loupe/SAMPLE/${shop}`);
    const raw = await owner.call('GET', `${V1}/shops/${shop}/evidence/${held.observation.evidence}`);
    expect(raw.json.piece.host).toBe('bergstrom-jewelers.test');
  });

  it('leaves the kind that a person has said', async () => {
    await owner.call('PATCH', `${V1}/shops/${shop}`, { kind: 'headless' });
    const again = await owner.call('POST', `${V1}/shops/${shop}/looks`);
    await eventually(
      async () =>
        (await owner.call('GET', `${V1}/shops/${shop}/looks/${again.json.look}`)).json.state === 'done',
    );
    expect((await owner.call('GET', `${V1}/shops/${shop}`)).json.kind).toBe('headless');
  });

  it('turns to Unknown by itself when nothing looks any more', async () => {
    expect((await answer('Q3')).state).toBe('no');
    t.clock.advance(2 * DAY_MS);
    owner = await t.owner();
    const q3 = await answer('Q3');
    expect(q3.state).toBe('unknown');
    const applicable = q3.checks.filter((c: { outcome: string }) => c.outcome !== 'not-applicable');
    expect(applicable.length).toBeGreaterThan(0);
    expect(applicable.every((c: { outcome: string }) => c.outcome === 'unknown')).toBe(true);
  });

  it('was recorded without an error', () => {
    expect(t.errors).toEqual([]);
  });
});
