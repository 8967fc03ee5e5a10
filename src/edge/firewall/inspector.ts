// Requests are judged where they are served as long as that takes no time worth naming; what is longer goes to a thread, so that nobody else waits for it.
import { Worker } from 'node:worker_threads';
import { SECOND_MS } from '#kernel';
import { dataOf, Firewall, type Judged, packLabel, type RulePack } from '#waf';
import type { Inspected, ThreadData, Told } from './inspection-words.ts';
import { judge } from './judge.ts';

/** `undecided`: it took too long, or the thread broke. `busy`: more is waiting than may wait. */
export type Inspection = Judged | 'undecided' | 'busy';

export interface Inspector {
  /** The rules that it goes by, as events name them. */
  readonly pack: string;
  /** Judges a request: here, or on the thread. `unit`: whose it is, as it is counted. Rejects where an engine fails. */
  inspect(request: Inspected, unit: string): Inspection | Promise<Inspection>;
  close(): Promise<void>;
}

/** At the worst that was measured (2 ms a kilobyte, `npm run bench -- waf`) these hold up others for less than 5 ms. */
const AT_ONCE_BYTES = 1_536;
/** After so long, and the request under way, others have their turn. */
const IN_ROW_MS = 2;
/** A mebibyte of the worst takes less. */
const PATIENCE_MS = 10 * SECOND_MS;
const MAX_WAITING = 256;
const MAX_WAITING_OF_ONE = 8;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly request: Inspected;
  readonly unit: string;
  readonly resolve: (inspection: Inspection) => void;
}

/** A request that is judged where it is served. */
interface InRow {
  readonly request: Inspected;
  readonly resolve: (inspection: Inspection) => void;
  readonly reject: (fault: unknown) => void;
}

/** Throws `waf/rule-refused` where a rule is not understood. */
export function openInspector(pack: RulePack, onError: (error: unknown) => void): Inspector {
  const firewall = new Firewall({ rules: pack.rules, files: dataOf(pack) });
  const waiting: Waiting[] = [];
  const inRow: InRow[] = [];
  let waitingBytes = 0;
  let current: { readonly waiting: Waiting; readonly patience: NodeJS.Timeout } | null = null;
  let thread: Worker | null = null;
  let closed = false;

  function begin(): Worker {
    const data: ThreadData = { pack };
    const own = new Worker(new URL('./inspection-thread.ts', import.meta.url), { env: {}, workerData: data });
    own.unref();
    own.on('message', ({ judged }: Told) => {
      if (own === thread) finish(judged);
    });
    own.on('error', (error) => {
      onError(error);
      if (own !== thread) return;
      thread = null;
      finish('undecided');
    });
    return own;
  }

  function finish(inspection: Inspection): void {
    if (current === null) return;
    const { waiting: done, patience } = current;
    clearTimeout(patience);
    current = null;
    done.resolve(inspection);
    next();
  }

  function next(): void {
    if (current !== null || closed) return;
    const first = waiting.shift();
    if (first === undefined) return;
    waitingBytes -= first.request.body.byteLength;
    thread ??= begin();
    const patience = setTimeout(() => {
      void thread?.terminate();
      thread = null;
      finish('undecided');
    }, PATIENCE_MS);
    current = { waiting: first, patience };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    thread.postMessage(first.request);
  }

  /** Those that came in the same turn of the event loop are judged one after another: what rules are made of stays in the processor's caches meanwhile. */
  function judgeInRow(): void {
    const until = performance.now() + IN_ROW_MS;
    for (let one = inRow.shift(); one !== undefined; one = inRow.shift()) {
      try {
        one.resolve(judge(firewall, one.request));
      } catch (error) {
        one.reject(error);
      }
      if (performance.now() > until) break;
    }
    if (inRow.length > 0) setImmediate(judgeInRow);
  }

  thread = begin();
  return {
    pack: packLabel(pack),
    inspect(request, unit) {
      if (lengthOf(request) <= AT_ONCE_BYTES)
        return new Promise((resolve, reject) => {
          inRow.push({ request, resolve, reject });
          if (inRow.length === 1) setImmediate(judgeInRow);
        });
      const own = waiting.reduce((count, one) => (one.unit === unit ? count + 1 : count), 0);
      if (
        closed ||
        waiting.length >= MAX_WAITING ||
        own >= MAX_WAITING_OF_ONE ||
        waitingBytes + request.body.byteLength > MAX_WAITING_BYTES
      )
        return 'busy';
      return new Promise((resolve) => {
        waiting.push({ request, unit, resolve });
        waitingBytes += request.body.byteLength;
        next();
      });
    },
    async close() {
      closed = true;
      for (const one of waiting.splice(0)) one.resolve('busy');
      await thread?.terminate();
      finish('busy');
    },
  };
}

/** The bytes of a request that rules look at. */
function lengthOf({ head, body }: Inspected): number {
  return head.headers.reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    head.target.length + body.byteLength,
  );
}
