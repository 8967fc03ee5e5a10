// npm run bench -- feeds: rows beside csv-parse, whole loads of two million stones, searches over as many.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRapnetFile } from './files.ts';
import { rows } from './rows.ts';
import { searches } from './search.ts';
import { wholeLoads } from './whole.ts';

/** One stone in a hundred has another price in the second file. */
const CHANGED = 100;

export async function feedsBench(): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'loupe-bench-feeds-'));
  try {
    const [first, second] = [join(folder, 'first.csv'), join(folder, 'second.csv')];
    writeRapnetFile(first, 0);
    writeRapnetFile(second, CHANGED);
    return { ...(await rows()), ...(await wholeLoads(folder, first, second)), ...(await searches(second)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
