// A ZIP archive of one file (APPNOTE.TXT 6.3): local header, deflated bytes, central directory.
import { crc32, deflateRawSync } from 'node:zlib';

export function zipped(name: string, bytes: Uint8Array): Buffer {
  return archive(name, deflateRawSync(bytes, { level: 1 }), bytes.byteLength, crc32(bytes));
}

/** An archive around bytes that are packed already; sizes and sum as told, whatever the bytes are. */
export function archive(name: string, packed: Uint8Array, size: number, sum: number): Buffer {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(sum, 10);
  common.writeUInt32LE(packed.byteLength, 14);
  common.writeUInt32LE(size, 18);
  common.writeUInt16LE(Buffer.byteLength(name), 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.byteLength, 12);
  end.writeUInt32LE(local.byteLength, 16);
  return Buffer.concat([local, central, end]);
}
