// The worker role: takes jobs from control and does them. It is the only process that reads what strangers send, and it
// holds no key and no database.
import { type Clock, type Json, LoupeError } from '#kernel';
import { lookAt, type LookOptions, readTarget } from '#look';
import { openOutbound } from '#outbound';
import { type Channel, fieldsOf, openChannel, SHOP_KINDS, type ShopKind } from '#plane';

export interface WorkerOptions {
  /** Control's socket for workers. */
  readonly socketPath: string;
  readonly clock: Clock;
  readonly browser: LookOptions['browser'];
  readonly userAgent: string;
  onError(error: unknown): void;
}

export interface Worker {
  stop(): Promise<void>;
}

const IDLE_MS = 500;

export function startWorker(options: WorkerOptions): Worker {
  const channel: Channel = openChannel(options.socketPath);
  const ending = new AbortController();
  const loop = run();

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      let worked = false;
      try {
        worked = await takeOne();
      } catch (error) {
        // Control is away, or restarting: the job's lease runs out by itself.
        if (!ending.signal.aborted && !(error instanceof LoupeError && error.code.startsWith('plane/')))
          options.onError(error);
      }
      if (!worked) await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    }
  }

  async function takeOne(): Promise<boolean> {
    const job = await channel.call('job.claim', null);
    if (job === null) return false;
    const fields = fieldsOf(job);
    const claim = { id: fields.text('id'), fence: fields.integer('fence') };
    try {
      const kind = fields.textOrNull('kind') === null ? null : fields.oneOf('kind', SHOP_KINDS);
      const result = await look(claim, fields.text('address'), kind, fieldsOf(fields.json('reach')));
      await channel.call('job.look', { ...claim, result: toJson(result) });
    } catch (error) {
      options.onError(error);
      await channel.call('job.fail', { ...claim, why: error instanceof LoupeError ? error.code : 'failed' });
    }
    return true;
  }

  async function look(
    claim: { id: string; fence: number },
    address: string,
    kind: ShopKind | null,
    reach: ReturnType<typeof fieldsOf>,
  ) {
    const connectTo = Object.fromEntries(
      Object.entries(reach.object('connectTo')).flatMap(([from, to]) =>
        typeof to === 'string' ? [[from, to]] : [],
      ),
    );
    const outbound = openOutbound({
      allowNetworks: reach.texts('allowNetworks'),
      extraCa: reach.texts('extraCa'),
      resolver: reach.textOrNull('resolver'),
      connectTo,
      userAgent: options.userAgent,
    });
    const parts: string[] = [];
    return await lookAt(outbound, readTarget(address), {
      clock: options.clock,
      browser: options.browser,
      kind,
      signal: ending.signal,
      onPart(part) {
        parts.push(part);
        channel.call('job.renew', { ...claim, parts: [...parts] }).catch(() => undefined); // progress is a courtesy
      },
    });
  }

  return {
    async stop() {
      ending.abort();
      await loop;
      channel.close();
    },
  };
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
