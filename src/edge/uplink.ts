// The edge's line to control: policy comes down, events go up. When it is down, both wait; nothing that callers see depends on it.
import { fromBase64, type Json, SECOND_MS } from '#kernel';
import { type Channel, fieldsOf, openChannel } from '#plane';
import type { TakenSnapshot } from './policy-store.ts';
import type { EdgeKey } from './routing/secrets.ts';
import type { Spool } from './spool/spool.ts';

export interface UplinkOptions {
  readonly socketPath: string;
  readonly edge: string;
  readonly key: EdgeKey;
  readonly spool: Spool;
  version(): number;
  /** Facts about this edge for the console: connections, certificates, counters. */
  state(): { readonly [name: string]: Json };
  take(note: string, bytes: Uint8Array): Promise<TakenSnapshot>;
  onError(error: unknown): void;
}

export interface Uplink {
  /** The bytes of a rule pack, or null where control has none of that name. Throws what the line throws. */
  pack(id: string): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** Control answers a poll at once where there is a newer version, else after this long. */
const POLL_TIMEOUT_MS = 20 * SECOND_MS;
const RETRY_MS = SECOND_MS / 2;
const IDLE_MS = SECOND_MS / 5;

interface Refused {
  readonly version: string;
  readonly why: string;
}

export function openUplink(options: UplinkOptions): Uplink {
  const { edge, key, spool } = options;
  const channel: Channel = openChannel(options.socketPath);
  const closing = new AbortController();
  let told = false;
  let refused: Refused | null = null;
  const wake = new Set<() => void>();

  /** Waits, or less long where it is closing. */
  async function pause(ms: number): Promise<void> {
    if (closing.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        wake.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      wake.add(done);
    });
  }

  /** One message for a line that is down, however often it is tried. */
  function failed(error: unknown): void {
    if (!told && !closing.signal.aborted) options.onError(error);
    told = true;
  }

  async function polls(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const answer = await channel.call(
          'edge.poll',
          {
            edge,
            boot: spool.boot,
            key: { id: key.id, jwk: { ...key.publicJwk } },
            version: options.version(),
            refused: refused === null ? null : { ...refused },
            state: options.state(),
          },
          POLL_TIMEOUT_MS,
        );
        told = false;
        if (answer === null) continue;
        const fields = fieldsOf(answer);
        const bytes = fromBase64(fields.text('bytes'));
        const taken = bytes === null ? null : await options.take(fields.text('note'), bytes);
        if (taken?.ok === true) refused = null;
        else if (taken !== null) {
          refused = {
            version: String(fields.integer('version')),
            why: `${taken.why} ${taken.detail}`.trim(),
          };
          spool.record('', 'policy-refused', { ...refused });
          await pause(RETRY_MS);
        }
      } catch (error) {
        failed(error);
        await pause(RETRY_MS);
      }
    }
  }

  async function pushes(): Promise<void> {
    while (!closing.signal.aborted) {
      const pushed = await push();
      if (!pushed) await pause(IDLE_MS);
    }
  }

  /** Sends the oldest batch; false where there was none or it could not be. */
  async function push(): Promise<boolean> {
    const batch = spool.oldest();
    if (batch === null) return false;
    try {
      await channel.call('edge.events', { edge, boot: batch.boot, lines: [...batch.lines] });
      spool.stored(batch.boot, batch.lastSeq);
      return true;
    } catch (error) {
      failed(error);
      await pause(RETRY_MS);
      return false;
    }
  }

  const running = Promise.all([polls(), pushes()]);
  return {
    async pack(id) {
      const answer = await channel.call('edge.pack', { id });
      return answer === null ? null : fromBase64(fieldsOf(answer).text('bytes'));
    },
    async close() {
      closing.abort();
      for (const done of wake) done();
      // The farewell is in the spool by now; what does not get through in a moment waits for the next start.
      const deadline = performance.now() + 2 * SECOND_MS;
      while (performance.now() < deadline && (await push()));
      channel.close();
      await running;
    },
  };
}
