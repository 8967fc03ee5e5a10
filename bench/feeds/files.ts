import { closeSync, openSync, writeSync } from 'node:fs';
import { rapnetHead, rapnetRow } from '../../sample/feeds/rapnet-file.ts';
import { sampleStone } from '../../sample/feeds/stones.ts';

export const MANY = 2_000_000;
const BLOCK_CHARS = 1024 * 1024;

/** Writes a RapNet file of two million stones; where `changeEvery` is not 0, one in so many has another price. */
export function writeRapnetFile(path: string, changeEvery: number): void {
  const fd = openSync(path, 'w');
  let text = rapnetHead();
  for (let id = 1; id <= MANY; id++) {
    const stone = sampleStone(id);
    const changed = changeEvery > 0 && id % changeEvery === 0;
    text += rapnetRow(changed ? { ...stone, perCarat: stone.perCarat + 10 } : stone);
    if (text.length < BLOCK_CHARS) continue;
    writeSync(fd, text);
    text = '';
  }
  writeSync(fd, text);
  closeSync(fd);
}
