// Events on disk until control has stored them. One folder a boot, files of numbered lines; a line is whole when its newline is there.
//
// Contract: `record` never waits and never throws. An event is *acknowledged* once it is written; those of the last few milliseconds before a `kill -9` are not,
// and the boot then has no farewell, which is said. What the bound leaves no room for takes its number all the same, so that the gap can be counted.
import {
  closeSync,
  fdatasync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  write,
} from 'node:fs';
import { join } from 'node:path';
import { type Clock, newId } from '#kernel';
import type { JsonObject } from '#plane';

export interface SpoolOptions {
  readonly folder: string;
  readonly edge: string;
  readonly clock: Clock;
  /** All of it, earlier boots included. */
  readonly maxBytes: number;
  readonly onError: (error: unknown) => void;
}

/** Events of one boot, in order, each the JSON of a PlaneEvent. */
export interface SpooledBatch {
  readonly boot: string;
  readonly lines: readonly string[];
  readonly lastSeq: number;
}

export interface Spool {
  readonly boot: string;
  /** Takes an event; it is written within some milliseconds. */
  record(shop: string, kind: string, body: JsonObject): void;
  /** Takes an event and waits until it is on the disk (fdatasync); false where it could not be. */
  recordDurably(shop: string, kind: string, body: JsonObject): Promise<boolean>;
  /** The oldest events that wait; the same again until they are stored. Null where none waits. */
  oldest(): SpooledBatch | null;
  /** Forgets events that were stored: everything of that boot up to and with `seq`. */
  stored(boot: string, seq: number): void;
  /** Writes what is pending, with a farewell. */
  close(): Promise<void>;
}

const FLUSH_MS = 20;
const FLUSH_BYTES = 128 * 1024;
const SEGMENT_BYTES = 4 * 1024 * 1024;
const BATCH_BYTES = 256 * 1024;
/** In memory at most; when the disk is slower, events are dropped and counted. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

interface Segment {
  readonly boot: string;
  readonly path: string;
  readonly firstSeq: number;
  bytes: number;
  /** How much of it was handed out and stored. */
  read: number;
  /** Written to no longer. */
  whole: boolean;
}

export function openSpool(options: SpoolOptions): Spool {
  const { folder, edge, clock, maxBytes, onError } = options;
  const boot = newId('boot', clock.now());
  mkdirSync(join(folder, boot), { recursive: true, mode: 0o700 });
  /** What all events of this boot begin with: most of a line is the same each time, and there is one a request. */
  const prefix = `{"v":1,"edge":${JSON.stringify(edge)},"boot":"${boot}","seq":`;
  const segments: Segment[] = earlier(folder, boot);
  let total = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  let seq = 0;
  let fd: number | null = null;
  let pending: string[] = [];
  let pendingFirst = 0;
  let pendingBytes = 0;
  let waiters: ((written: boolean) => void)[] = [];
  let writing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let missed = 0;
  let closed = false;
  let out: { readonly batch: SpooledBatch; readonly segment: Segment; readonly bytes: number } | null = null;

  function push(shop: string, kind: string, body: JsonObject): void {
    const text = `${prefix}${seq},"at":${clock.now()},"shop":${JSON.stringify(shop)},"kind":"${kind}","body":${JSON.stringify(body)}}\n`;
    if (pending.length === 0) pendingFirst = seq;
    seq++;
    pending.push(text);
    pendingBytes += text.length;
  }

  function accept(shop: string, kind: string, body: JsonObject): boolean {
    // The farewell was the last word of this boot.
    if (closed) return false;
    if (total + pendingBytes > maxBytes || pendingBytes > MAX_PENDING_BYTES) {
      seq++;
      missed++;
      return false;
    }
    if (missed > 0) {
      const count = missed;
      missed = 0;
      push('', 'gap', { missed: count });
    }
    push(shop, kind, body);
    if (pendingBytes > FLUSH_BYTES) void flush();
    else timer ??= setTimeout(() => void flush(), FLUSH_MS);
    return true;
  }

  function endSegment(): void {
    const last = segments.at(-1);
    if (fd === null || last === undefined) return;
    closeSync(fd);
    fd = null;
    last.whole = true;
  }

  function segmentToWrite(firstSeq: number): Segment {
    const last = segments.at(-1);
    if (fd !== null && last !== undefined && last.bytes < SEGMENT_BYTES) return last;
    endSegment();
    const path = join(folder, boot, `${String(firstSeq).padStart(16, '0')}.log`);
    fd = openSync(path, 'a', 0o600);
    const opened: Segment = { boot, path, firstSeq, bytes: 0, read: 0, whole: false };
    segments.push(opened);
    return opened;
  }

  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    // One write at a time; whoever comes meanwhile is written with the next.
    if (writing !== null) {
      await writing;
      await flush();
      return;
    }
    if (pending.length === 0) return;
    const text = Buffer.from(pending.join(''));
    const count = pending.length;
    const first = pendingFirst;
    const waiting = waiters;
    pending = [];
    pendingBytes = 0;
    // Counted from here on: while they are written they take room as well.
    total += text.byteLength;
    waiters = [];
    writing = (async () => {
      let good = false;
      let held = 0;
      try {
        const segment = segmentToWrite(first);
        await writeAll(fd ?? -1, text);
        segment.bytes += text.byteLength;
        held = text.byteLength;
        if (waiting.length > 0) await synced(fd ?? -1);
        good = true;
      } catch (error) {
        // A disk that fails or is full: these events are lost, and counted. What was written of them ends this file: the next begins whole.
        missed += count;
        total -= text.byteLength - held;
        endSegment();
        onError(error);
      }
      for (const done of waiting) done(good);
    })();
    await writing;
    writing = null;
  }

  function remove(segment: Segment): void {
    rmSync(segment.path, { force: true });
    total -= segment.bytes;
    segments.splice(segments.indexOf(segment), 1);
    if (segment.boot !== boot && !segments.some((other) => other.boot === segment.boot))
      rmSync(join(folder, segment.boot), { recursive: true, force: true });
  }

  return {
    get boot() {
      return boot;
    },
    record(shop, kind, body) {
      accept(shop, kind, body);
    },
    async recordDurably(shop, kind, body) {
      if (!accept(shop, kind, body)) return false;
      const written = new Promise<boolean>((resolve) => waiters.push(resolve));
      void flush();
      return await written;
    },
    oldest() {
      if (out !== null) return out.batch;
      for (const segment of segments.slice()) {
        const read = linesOf(segment, onError);
        if (read !== null) {
          out = {
            segment,
            bytes: read.bytes,
            batch: { boot: segment.boot, lines: read.lines, lastSeq: read.lastSeq },
          };
          return out.batch;
        }
        // A last line without its newline was cut by the end of its process.
        if (segment.whole) remove(segment);
      }
      return null;
    },
    stored(ofBoot, upTo) {
      if (out === null || out.batch.boot !== ofBoot || upTo < out.batch.lastSeq) return;
      const { segment, bytes } = out;
      out = null;
      segment.read += bytes;
      if (segment.read < segment.bytes) return;
      if (!segment.whole) {
        // The one that is written to is let go too once all of it was stored, where its room is wanted.
        if (writing !== null || fd === null || total <= maxBytes / 2) return;
        closeSync(fd);
        fd = null;
      }
      remove(segment);
    },
    async close() {
      if (closed) return;
      closed = true;
      // Whatever the bound: it is the last.
      if (missed > 0) push('', 'gap', { missed });
      push('', 'farewell', {});
      const written = new Promise<boolean>((resolve) => waiters.push(resolve));
      await flush();
      await written;
      endSegment();
    },
  };
}

/** Files of earlier boots, oldest first; their ids sort by time. */
function earlier(folder: string, boot: string): Segment[] {
  const boots = readdirSync(folder).filter((name) => name.startsWith('boot_') && name !== boot);
  return boots.toSorted().flatMap((name) => {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.log'));
    if (files.length === 0) rmSync(join(folder, name), { recursive: true, force: true });
    return files.toSorted().map((file): Segment => {
      const path = join(folder, name, file);
      const bytes = statSync(path).size;
      return { boot: name, path, firstSeq: Number(file.slice(0, -4)), bytes, read: 0, whole: true };
    });
  });
}

/** The next whole lines of a file; null where there is none. */
function linesOf(
  segment: Segment,
  onError: (error: unknown) => void,
): { readonly lines: string[]; readonly lastSeq: number; readonly bytes: number } | null {
  if (segment.read >= segment.bytes) return null;
  const buffer = Buffer.allocUnsafe(Math.min(BATCH_BYTES, segment.bytes - segment.read));
  let length = 0;
  try {
    const fd = openSync(segment.path, 'r');
    try {
      length = readSync(fd, buffer, 0, buffer.byteLength, segment.read);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    onError(error); // a file that cannot be read now may be later
    return null;
  }
  const end = buffer.subarray(0, length).lastIndexOf(0x0a);
  if (end === -1) return null;
  const lines = buffer.toString('utf8', 0, end).split('\n');
  return { lines, lastSeq: Number(/"seq":(\d+)/u.exec(lines.at(-1) ?? '')?.[1] ?? -1), bytes: end + 1 };
}

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  let at = 0;
  while (at < bytes.byteLength) {
    const from = at;
    at += await new Promise<number>((resolve, reject) => {
      write(fd, bytes, from, bytes.byteLength - from, null, (error, written) =>
        error === null ? resolve(written) : reject(error),
      );
    });
  }
}

async function synced(fd: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}
