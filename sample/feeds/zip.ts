// ZIP archives (APPNOTE.TXT 6.3): local headers, deflated bytes, central directory.
import { crc32, deflateRawSync } from 'node:zlib';

interface Packed {
  readonly name: string;
  readonly packed: Uint8Array;
  readonly size: number;
  readonly sum: number;
}

const pack = (name: string, bytes: Uint8Array): Packed => ({
  name,
  packed: deflateRawSync(bytes, { level: 1 }),
  size: bytes.byteLength,
  sum: crc32(bytes),
});

export function zipped(name: string, bytes: Uint8Array): Buffer {
  return archiveOf([pack(name, bytes)]);
}

export function zippedFiles(files: readonly (readonly [name: string, text: string])[]): Buffer {
  return archiveOf(files.map(([name, text]) => pack(name, Buffer.from(text))));
}

/** An archive around bytes that are packed already; sizes and sum as told, whatever the bytes are. */
export function archive(name: string, packed: Uint8Array, size: number, sum: number): Buffer {
  return archiveOf([{ name, packed, size, sum }]);
}

function archiveOf(files: readonly Packed[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, packed, size, sum } of files) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(sum, 10);
    common.writeUInt32LE(packed.byteLength, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    locals.push(local);
    centrals.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, Buffer.from(name)]),
    );
    offset += local.byteLength;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.byteLength, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}
