// Reads a file over an SFTP channel: several questions on their way at a time, answers put into order. Whoever answers what was not asked, or more than was asked, ends it.
import type { SshChannel } from '@microsoft/dev-tunnels-ssh';
import {
  PACKET_HEAD_BYTES,
  packet,
  PacketSplitter,
  type Packet,
  SFTP,
  STATUS,
  string,
  stringAt,
  uint32,
  uint64,
} from './sftp-packets.ts';
import { SshEnded } from './ssh-ended.ts';

const CHUNK_BYTES = 32 * 1024;
const ON_THEIR_WAY = 32;
const NO_ATTRIBUTES = uint32(0);
const FOR_READING = uint32(1);
const VERSION = 3;

/** A part of the file that was asked for. */
interface Part {
  readonly offset: number;
  readonly length: number;
  data: Buffer | 'end' | null;
}

/** The bytes of a file, in order. Throws SshEnded. */
export async function* readSftpFile(channel: SshChannel, path: string): AsyncGenerator<Uint8Array> {
  const packets = openPackets(channel);
  await channel.send(packet(SFTP.init, uint32(VERSION)));
  const hello = await packets.next();
  if (hello.type !== SFTP.version || hello.body.readUInt32BE(0) < VERSION)
    throw new SshEnded('malformed-answer');

  let asked = 0;
  const ask = async (type: number, ...parts: readonly Uint8Array[]): Promise<number> => {
    asked = (asked + 1) >>> 0;
    await channel.send(packet(type, uint32(asked), ...parts));
    return asked;
  };

  const opening = await ask(SFTP.open, string(Buffer.from(path, 'utf8')), FOR_READING, NO_ATTRIBUTES);
  const opened = await packets.next();
  if (opened.body.readUInt32BE(0) !== opening) throw new SshEnded('malformed-answer');
  if (opened.type === SFTP.status) throw new SshEnded('no-file');
  if (opened.type !== SFTP.handle) throw new SshEnded('malformed-answer');
  const handle = string(stringAt(opened.body, 4));

  const open = new Map<number, Part>();
  const order: Part[] = [];
  const askFor = async (part: Part): Promise<Part> => {
    open.set(await ask(SFTP.read, handle, uint64(part.offset), uint32(part.length)), part);
    return part;
  };
  for (let next = 0; ; ) {
    for (; order.length < ON_THEIR_WAY; next += CHUNK_BYTES)
      order.push(await askFor({ offset: next, length: CHUNK_BYTES, data: null }));
    const answer = await packets.next();
    const id = answer.body.readUInt32BE(0);
    const part = open.get(id);
    if (part === undefined) throw new SshEnded('malformed-answer');
    open.delete(id);
    part.data = dataOf(answer, part.length);
    // A server may give less than it was asked for; what is missing is asked for anew, in its place.
    if (part.data !== 'end' && part.data.length < part.length) {
      const rest = {
        offset: part.offset + part.data.length,
        length: part.length - part.data.length,
        data: null,
      };
      order.splice(order.indexOf(part) + 1, 0, await askFor(rest));
    }
    for (let [first] = order; first !== undefined && first.data !== null; [first] = order) {
      if (first.data === 'end') return;
      yield first.data;
      order.shift();
    }
  }
}

/** The bytes that an answer brings; `end` where the file has none there. */
function dataOf({ type, body }: Packet, atMost: number): Buffer | 'end' {
  if (type === SFTP.status) {
    const code = body.readUInt32BE(4);
    if (code === STATUS.eof) return 'end';
    throw new SshEnded(code === STATUS.permissionDenied ? 'no-file' : 'connection-reset');
  }
  const data = type === SFTP.data ? stringAt(body, 4) : null;
  if (data === null || data.length === 0 || data.length > atMost) throw new SshEnded('malformed-answer');
  return data;
}

interface Packets {
  next(): Promise<Packet>;
}

/** What comes on a channel, message by message; the channel's window grows as they are taken. */
function openPackets(channel: SshChannel): Packets {
  const splitter = new PacketSplitter();
  let isClosed = false;
  let wake: (() => void) | null = null;
  channel.onDataReceived((bytes) => {
    splitter.push(bytes);
    wake?.();
  });
  channel.onClosed(() => {
    isClosed = true;
    wake?.();
  });
  return {
    async next() {
      for (;;) {
        const found = splitter.next();
        if (found !== null) {
          channel.adjustWindow(PACKET_HEAD_BYTES + found.body.length);
          return found;
        }
        if (isClosed) throw new SshEnded('connection-reset');
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
