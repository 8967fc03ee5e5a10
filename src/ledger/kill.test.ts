import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ed25519Signer } from '#crypto';
import { sha256, steadyClock, utf8 } from '#kernel';
import { openLedger, openLedgerStore, originOf, verifyLog } from './index.ts';

const signer = ed25519Signer(originOf('a', false), sha256(utf8(originOf('a', false))));
const ROUNDS = 12;

describe('kill -9 at any moment', () => {
  it('loses no acknowledged leaf and leaves a whole log that goes on', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'loupe-kill-')), 'ledger.db');
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const child = spawn(process.execPath, ['test/support/appender.ts', path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const told: string[] = [''];
      child.stdout.on('data', (chunk: Buffer) => {
        // Whole lines only: what was cut off was not told.
        const lines = `${told.at(-1)}${chunk.toString()}`.split('\n');
        told.splice(-1, 1, ...lines);
      });
      const last = () => Number(told.at(-2) ?? 0);
      // Marked points: after so many acknowledgements, different each round, and a little further into the next commit.
      const mark = acknowledged + 1 + round * 700;
      while (last() < mark) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, round % 5));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      acknowledged = last();

      const store = await openLedgerStore({ engine: 'sqlite', path });
      const [row] = await store.logs();
      const verdict = await verifyLog(store, row!, signer.verifier, []);
      await store.close();
      expect(verdict.problems).toEqual([]);
      expect(verdict.size).toBeGreaterThanOrEqual(acknowledged);
    }
    const ledger = await openLedger({
      place: { engine: 'sqlite', path },
      clock: steadyClock(),
      signerOf: () => signer,
    });
    for (const index of [0, acknowledged - 1]) {
      expect(Buffer.from(await ledger.leaf('a', index)).toString()).toBe(`{"n":${index}}`);
    }
    await ledger.close();
  }, 90_000);
});
