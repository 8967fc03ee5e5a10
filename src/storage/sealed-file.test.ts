import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openSealing, sealedFiles } from './index.ts';

const PIECE = 1024 * 1024;
const CONTEXT = ['load', 'raw', 'one'];
const key = randomBytes(32);
const folder = mkdtempSync(join(tmpdir(), 'loupe-sealed-'));

const sealing = openSealing();
afterAll(() => sealing.close());

describe.each([
  ['by whoever asks', sealedFiles],
  ['by a thread of its own', sealing],
])('a sealed file, sealed and opened %s', (_, files) => {
  async function written(
    name: string,
    bytes: Uint8Array,
    context = CONTEXT,
    step = 300_000,
  ): Promise<string> {
    const path = join(folder, name);
    const writer = await files.write(path, key, context);
    for (let at = 0; at < bytes.byteLength; at += step) await writer.write(bytes.subarray(at, at + step));
    expect(await writer.finish()).toEqual({
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    return path;
  }

  const reading = (path: string, context = CONTEXT) => {
    const reader = files.open(path, key, context);
    if (reader === null) throw new Error('there is a file');
    return reader;
  };

  it('gives back what was written, whole and from any place', async () => {
    const bytes = randomBytes(PIECE * 2 + 12_345);
    const reader = reading(await written('any', bytes));
    expect(reader.bytes).toBe(bytes.byteLength);
    expect(Buffer.concat([...reader.pieces()]).equals(bytes)).toBe(true);
    fc.assert(
      fc.property(
        fc.nat(bytes.byteLength + 100),
        fc.nat(PIECE + 100),
        (offset, length) =>
          Buffer.compare(reader.read(offset, length), bytes.subarray(offset, offset + length)) === 0,
      ),
      { numRuns: 60 },
    );
    reader.close();
  });

  it('may be empty, and its pieces end exactly where the file does', async () => {
    for (const size of [0, 1, PIECE, PIECE * 2]) {
      const reader = reading(await written(`size-${size}`, Buffer.alloc(size, 7)));
      expect([...reader.pieces()].reduce((sum, piece) => sum + piece.byteLength, 0)).toBe(size);
      reader.close();
    }
  });

  it('shows nothing of what it holds, and is packed', async () => {
    const path = await written('secret', Buffer.from('Sample Diamonds, Inc. '.repeat(50_000)));
    const kept = readFileSync(path);
    expect(kept.includes('Diamonds')).toBe(false);
    expect(kept.byteLength).toBeLessThan(20_000);
  });

  it('that was cut, altered, put together from two or moved is damage, and no data', async () => {
    const path = await written('good', randomBytes(PIECE * 2));
    const good = readFileSync(path);
    const other = readFileSync(await written('other', randomBytes(PIECE * 2)));
    const read = (bytes: Uint8Array, context = CONTEXT): number => {
      writeFileSync(join(folder, 'bad'), bytes);
      const reader = files.open(join(folder, 'bad'), key, context);
      return [...(reader?.pieces() ?? [])].length;
    };
    const damage = expect.objectContaining({ code: 'storage/damaged' });
    expect(read(good)).toBe(2);
    for (const end of [0, 3, 4, 100, good.byteLength - 1])
      expect(() => read(good.subarray(0, end))).toThrow(damage);
    for (const place of [5, PIECE + 200, good.byteLength - 60, good.byteLength - 2]) {
      const altered = Buffer.from(good);
      altered[place] = (altered[place] ?? 0) ^ 1;
      expect(() => read(altered)).toThrow(damage);
    }
    const half = good.byteLength >> 1;
    expect(() => read(Buffer.concat([other.subarray(0, half), good.subarray(half)]))).toThrow(damage);
    expect(() => read(good, ['load', 'raw', 'two'])).toThrow(damage);
    const huge = Buffer.concat([good.subarray(0, -4), Buffer.from([0xff, 0xff, 0xff, 0xff])]);
    expect(() => read(huge)).toThrow(damage);
    expect(files.open(join(folder, 'none'), key, CONTEXT)).toBe(null);
  });

  it('that was given up leaves nothing, and an old one stays until the new one is whole', async () => {
    const path = await written('kept', Buffer.from('old'));
    const writer = await files.write(path, key, CONTEXT);
    await writer.write(Buffer.from('new'));
    expect(Buffer.concat([...reading(path).pieces()]).toString()).toBe('old');
    await writer.abandon();
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  it('is given up after it was finished, too, and stays; a place that cannot be written is told', async () => {
    const path = join(folder, 'finished');
    const writer = await files.write(path, key, CONTEXT);
    await writer.write(Buffer.from('whole'));
    await writer.finish();
    await writer.abandon();
    expect(Buffer.concat([...reading(path).pieces()]).toString()).toBe('whole');
    await expect(files.write(join(path, 'below-a-file'), key, CONTEXT)).rejects.toThrow();
  });

  it('is read from several places in turn, as far back as one likes', async () => {
    const bytes = randomBytes(PIECE * 7 + 99);
    const reader = reading(await written('turns', bytes));
    for (const piece of [0, 1, 0, 2, 6, 5, 0, 4, 3, 7, 1, 2, 3, 4]) {
      const rest = reader.rest(piece * PIECE + 50);
      expect(Buffer.compare(rest, bytes.subarray(piece * PIECE + 50, (piece + 1) * PIECE))).toBe(0);
    }
    reader.close();
  });
});

it('a sealed file is written and read all the same when the thread has ended', async () => {
  const ending = openSealing();
  const bytes = randomBytes(PIECE * 2);
  const path = join(folder, 'ended');
  const broken = await ending.write(join(folder, 'broken'), key, CONTEXT);
  await ending.close();
  await expect(broken.write(bytes)).rejects.toThrow('ended');
  const writer = await ending.write(path, key, CONTEXT);
  await writer.write(bytes);
  await writer.finish();
  const reader = ending.open(path, key, CONTEXT);
  expect(Buffer.concat([...(reader?.pieces() ?? [])]).equals(bytes)).toBe(true);
  reader?.close();
});
