// The few messages of SFTP version 3 that reading a file takes (draft-ietf-secsh-filexfer-02, sections 3, 4, 6 and 7). Pure.

export const SFTP = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  status: 101,
  handle: 102,
  data: 103,
} as const;

/** Codes of a status (section 7). */
export const STATUS = { eof: 1, noSuchFile: 2, permissionDenied: 3 } as const;

/** The longest message that is taken: what was asked for, and a little. OpenSSH's own bound is 256 KiB. */
const MAX_PACKET = 256 * 1024;

/** A message's length and its type. */
export const PACKET_HEAD_BYTES = 5;

export interface Packet {
  readonly type: number;
  /** What follows the type. */
  readonly body: Buffer;
}

/** Takes messages out of bytes as they come. */
export class PacketSplitter {
  #held: Buffer = Buffer.alloc(0);

  push(bytes: Uint8Array): void {
    this.#held = Buffer.concat([this.#held, bytes]);
  }

  /** The next message that is whole, `null` where none is. Throws RangeError where what comes is none. */
  next(): Packet | null {
    if (this.#held.length < 4) return null;
    const length = this.#held.readUInt32BE(0);
    if (length < 1 || length > MAX_PACKET) throw new RangeError('a message of this length');
    if (this.#held.length < 4 + length) return null;
    const packet = { type: this.#held.readUInt8(4), body: this.#held.subarray(5, 4 + length) };
    this.#held = this.#held.subarray(4 + length);
    return packet;
  }
}

/** A message with its length before it. */
export function packet(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(PACKET_HEAD_BYTES);
  head.writeUInt32BE(body.length + 1, 0);
  head.writeUInt8(type, 4);
  return Buffer.concat([head, body]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** A string: its length, its bytes. */
export function string(value: Uint8Array): Buffer {
  return Buffer.concat([uint32(value.byteLength), value]);
}

/** The string at `at` of a body. Throws RangeError where there is none. */
export function stringAt(body: Buffer, at: number): Buffer {
  const length = body.readUInt32BE(at);
  if (at + 4 + length > body.length) throw new RangeError('a string beyond its message');
  return body.subarray(at + 4, at + 4 + length);
}
