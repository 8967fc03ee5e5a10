// The worker role: takes jobs from control and does them. It is the only process that reads what strangers send, and it
// holds no key and no database.
import { type Clock, type Json, LoupeError } from '#kernel';
import type { LookOptions } from '#look';
import { type Channel, fieldsOf, openChannel } from '#plane';
import { doWindowHook } from './hook-task.ts';
import { ALIVE_MS } from './job-kind.ts';
import { doFeedInspect, doFeedLoad, doFeedPublish, doFeedSample } from './feed-tasks.ts';
import { doLook, doNews, doReading, doUpload, doVendorLook, type Work } from './tasks.ts';

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

/** How each kind of job is done. */
const TASKS: Readonly<Record<string, (task: Json, work: Work) => Promise<unknown>>> = {
  look: doLook,
  'vendor-look': doVendorLook,
  upload: doUpload,
  reading: doReading,
  news: doNews,
  'feed-load': doFeedLoad,
  'feed-publish': doFeedPublish,
  'feed-inspect': doFeedInspect,
  'window-hook': doWindowHook,
  // A person waits for this one: it is in the other lane.
  'feed-sample': doFeedSample,
};

/** Kinds that wait for one another: a provider of stones that takes its time holds up no look. */
const FEED_KINDS: readonly string[] = ['feed-load', 'feed-publish', 'feed-inspect'];
const LANES: readonly (readonly string[])[] = [
  FEED_KINDS,
  Object.keys(TASKS).filter((kind) => !FEED_KINDS.includes(kind)),
];

export function startWorker(options: WorkerOptions): Worker {
  const channel: Channel = openChannel(options.socketPath);
  const ending = new AbortController();
  const lanes = LANES.map((kinds) => run(kinds));

  async function run(kinds: readonly string[]): Promise<void> {
    while (!ending.signal.aborted) {
      let worked = false;
      try {
        worked = await takeOne(kinds);
      } catch (error) {
        // Control is away, or restarting: the job's lease runs out by itself.
        if (!ending.signal.aborted && !(error instanceof LoupeError && error.code.startsWith('plane/')))
          options.onError(error);
      }
      if (!worked) await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    }
  }

  async function takeOne(kinds: readonly string[]): Promise<boolean> {
    const job = await channel.call('job.claim', { kinds: [...kinds] });
    if (job === null) return false;
    const fields = fieldsOf(job);
    const claim = { id: fields.text('id'), fence: fields.integer('fence') };
    const parts: string[] = [];
    let told: readonly string[] = parts;
    const isVoid = new AbortController();
    const tell = (words: readonly string[] = told): void => {
      told = words;
      channel.call('job.renew', { ...claim, parts: [...words] }).then(
        (isHeld) => {
          if (isHeld === false) isVoid.abort();
        },
        () => undefined, // the next word comes soon
      );
    };
    const alive = setInterval(() => tell(), ALIVE_MS);
    const work: Work = {
      clock: options.clock,
      browser: options.browser,
      userAgent: options.userAgent,
      signal: AbortSignal.any([ending.signal, isVoid.signal]),
      onPart(part) {
        parts.push(part);
        tell(parts);
      },
      onProgress: (...words) => tell(words),
    };
    try {
      const act = TASKS[fields.text('kind')];
      if (act === undefined) throw new TypeError(`no such task: ${fields.text('kind')}`);
      const result = toJson(await act(fields.json('task'), work));
      if (!isVoid.signal.aborted) await channel.call('job.done', { ...claim, result });
    } catch (error) {
      // What was ended for nobody is no fault.
      if (isVoid.signal.aborted) return true;
      options.onError(error);
      await channel.call('job.fail', { ...claim, why: error instanceof LoupeError ? error.code : 'failed' });
    } finally {
      clearInterval(alive);
    }
    return true;
  }

  return {
    async stop() {
      ending.abort();
      await Promise.all(lanes);
      channel.close();
    },
  };
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
