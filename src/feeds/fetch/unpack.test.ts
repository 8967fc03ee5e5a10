import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpacked } from './unpack.ts';

const BOUNDS = { maxBytes: 64 * 1024 * 1024, maxRatio: 200 };

async function* inPieces(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += step) {
    await Promise.resolve();
    yield bytes.subarray(at, at + step);
  }
}

/** What came out, or why nothing did. */
async function plain(bytes: Uint8Array, step = 1_000, bounds = BOUNDS): Promise<Buffer> {
  const out: Uint8Array[] = [];
  for await (const piece of unpacked(inPieces(bytes, step), bounds)) out.push(Buffer.from(piece));
  return Buffer.concat(out);
}

interface ZipOptions {
  readonly name?: string;
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
}

/** One entry of an archive: header, name and bytes as given. */
function entry(
  bytes: Uint8Array,
  { name = 'feed.csv', method = 8, flags = 0, size }: ZipOptions = {},
): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(size ?? bytes.byteLength, 18);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name), bytes]);
}

const why = (text: string) =>
  expect.objectContaining({ code: 'feeds/unreadable', details: expect.objectContaining({ why: text }) });

const TEXT = Buffer.from('Shape,Weight\r\nRound,1.00\r\n'.repeat(500));

describe('unpacking', () => {
  it('gives the first file of an archive, deflated or stored, and of gzip, in whatever pieces it comes', async () => {
    const descriptor = Buffer.alloc(16, 1);
    const forms = [
      entry(deflateRawSync(TEXT)),
      Buffer.concat([entry(deflateRawSync(TEXT), { flags: 8, size: 0 }), descriptor]),
      entry(TEXT, { method: 0 }),
      Buffer.concat([entry(TEXT, { method: 0 }), entry(Buffer.from('second'), { method: 0 })]),
      entry(deflateRawSync(TEXT), { name: '../../../../etc/cron.d/own' }),
      gzipSync(TEXT),
    ];
    for (const form of forms)
      for (const step of [1, 7, 31, 4_096]) expect((await plain(form, step)).equals(TEXT)).toBe(true);
  });

  it('refuses what is no archive, is encrypted, or is packed in another way', async () => {
    await expect(plain(Buffer.from('{"error":"not authorized"}'))).rejects.toEqual(why('not-packed'));
    await expect(plain(Buffer.from('PK'))).rejects.toEqual(why('not-packed'));
    await expect(plain(Buffer.from('PK\u0003\u0004and no more'))).rejects.toEqual(why('cut-short'));
    await expect(plain(Buffer.alloc(0))).rejects.toEqual(why('not-packed'));
    await expect(plain(entry(deflateRawSync(TEXT), { flags: 1 }))).rejects.toEqual(why('encrypted'));
    await expect(plain(entry(TEXT, { method: 14 }))).rejects.toEqual(why('unknown-packing'));
    await expect(plain(entry(TEXT, { method: 0, flags: 8 }))).rejects.toEqual(why('unknown-packing'));
  });

  it('refuses what was cut short or altered', async () => {
    const zip = entry(deflateRawSync(TEXT));
    await expect(plain(zip.subarray(0, -9))).rejects.toEqual(why('damaged'));
    await expect(plain(entry(TEXT, { method: 0, size: TEXT.byteLength + 1 }))).rejects.toEqual(
      why('cut-short'),
    );
    await expect(plain(gzipSync(TEXT).subarray(0, -9))).rejects.toEqual(why('damaged'));
  });

  it('stops a bomb early, and what is bigger than may be', async () => {
    const bomb = deflateRawSync(Buffer.alloc(60 * 1024 * 1024));
    await expect(plain(entry(bomb))).rejects.toEqual(why('bomb'));
    await expect(plain(gzipSync(Buffer.alloc(60 * 1024 * 1024)))).rejects.toEqual(why('bomb'));
    const big = { maxBytes: 5_000, maxRatio: 200 };
    await expect(plain(entry(deflateRawSync(TEXT)), 1_000, big)).rejects.toEqual(why('more than 5000 bytes'));
  });

  it('does not unpack what is inside once more', async () => {
    const inner = gzipSync(TEXT);
    expect((await plain(entry(deflateRawSync(inner)))).equals(inner)).toBe(true);
  });

  it('hands on what went wrong at the sender, and ends it when nobody reads on', async () => {
    let ended = false;
    async function* broken(): AsyncGenerator<Uint8Array> {
      try {
        yield entry(deflateRawSync(TEXT)).subarray(0, 60);
        await Promise.resolve();
        throw new RangeError('broke off');
      } finally {
        ended = true;
      }
    }
    await expect(async () => {
      for await (const _ of unpacked(broken(), BOUNDS));
    }).rejects.toThrow(RangeError);
    expect(ended).toBe(true);
  });

  it('of any mutated archive comes to bytes or to a coded refusal', async () => {
    const zip = entry(deflateRawSync(TEXT));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(zip.byteLength - 1),
        fc.nat(255),
        fc.integer({ min: 1, max: 400 }),
        async (at, byte, step) => {
          const bad = Buffer.from(zip);
          bad[at] = byte;
          try {
            await plain(bad, step);
          } catch (error) {
            expect(error).toMatchObject({ code: 'feeds/unreadable' });
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
