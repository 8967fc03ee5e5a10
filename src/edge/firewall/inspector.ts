// Requests are judged where they are served as long as that takes no time worth naming; what is longer goes to a thread, so that nobody else waits for it.
import { Worker } from 'node:worker_threads';
import { SECOND_MS } from '#kernel';
import { dataOf, Firewall, type Judged, packLabel, type RulePack } from '#waf';
import { FairQueue, type Queued } from './fair-queue.ts';
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

/**
 * At the worst that was measured (a microsecond for each, `npm run bench -- waf`) requests of this weight hold up others for 3 ms, besides those that were judged in a row
 * before them.
 */
const AT_ONCE_WEIGHT = 3_072;
/** What a value weighs besides its bytes: a short one that is made to be read in every way costs as much as a long one. */
const VALUE_WEIGHT = 72;
/** After so long, and the request under way, others have their turn. */
const IN_ROW_MS = 2;
/** A mebibyte of the worst takes less. */
const PATIENCE_MS = 10 * SECOND_MS;
const MIB = 1024 * 1024;
/** A browser sends some dozens at once, each with all its cookies. */
const WAITING = { count: 1024, bytes: 64 * MIB, countOfOne: 64, bytesOfOne: 8 * MIB };

interface Waiting extends Queued {
  readonly request: Inspected;
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
  const waiting = new FairQueue<Waiting>(WAITING);
  const inRow: InRow[] = [];
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
    const first = waiting.take();
    if (first === undefined) return;
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
      if (weightOf(request) <= AT_ONCE_WEIGHT)
        return new Promise((resolve, reject) => {
          inRow.push({ request, resolve, reject });
          if (inRow.length === 1) setImmediate(judgeInRow);
        });
      if (closed) return 'busy';
      return new Promise((resolve) => {
        if (waiting.add({ request, unit, bytes: request.body.byteLength, resolve })) next();
        else resolve('busy');
      });
    },
    async close() {
      closed = true;
      for (let one = waiting.take(); one !== undefined; one = waiting.take()) one.resolve('busy');
      await thread?.terminate();
      finish('busy');
    },
  };
}

/** The bytes of a request that rules look at, and its arguments, cookies and members, by what stands between them. */
function weightOf({ head, body }: Inspected): number {
  let bytes = head.target.length + body.byteLength;
  let values = countIn(head.target, '&');
  for (const [name, value] of head.headers) {
    bytes += name.length + value.length;
    if (name.length === 6 && name.toLowerCase() === 'cookie') values += countIn(value, ';');
  }
  if (bytes > AT_ONCE_WEIGHT) return bytes;
  for (const byte of body) if (BETWEEN.has(byte)) values += 1;
  return bytes + values * VALUE_WEIGHT;
}

/** What stands between values of a body: of a form, of JSON, of XML, of parts. */
const BETWEEN: ReadonlySet<number> = new Set(Buffer.from('&,=\n'));

function countIn(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count += 1;
  return count;
}
