// Texts are strings of bytes. What reads every byte of one reads it several times faster out of a buffer than out of the string, so the bytes are copied first; and what is made
// of them is written to a buffer, and becomes a string once.
const ROOM = 16 * 1024;
const FEW = 16;
const given = Buffer.alloc(ROOM);
const made = Buffer.alloc(ROOM);

/** Each byte, ASCII letters lowered. */
export const LOWERED: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte,
);

/** The bytes of a text, from the beginning of what is given; what follows them is of others. Good until the next call. */
export function bytesOfText(text: string): Uint8Array {
  const { length } = text;
  if (length > ROOM) return Buffer.from(text, 'latin1');
  // A call out of JavaScript costs more than to copy a few.
  if (length < FEW) for (let at = 0; at < length; at += 1) given[at] = text.charCodeAt(at);
  else given.write(text, 0, 'latin1');
  return given;
}

/** Room for so many bytes of what is made of a text. Good until the next call. */
export function roomFor(length: number): Buffer {
  return length > ROOM ? Buffer.alloc(length) : made;
}

/** The first bytes of a room, as a text of their own. */
export function textIn(room: Buffer, length: number): string {
  return room.toString('latin1', 0, length);
}
