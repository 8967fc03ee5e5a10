// Sends a request on and its answer back, as they come and no faster than the slower side takes them.
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { systemCode } from '#kernel';
import { answerHeaders } from '../message/headers.ts';
import { type Refusal, refusal, type Why } from '../refusal.ts';
import type { AnswerRules } from '../response/rules.ts';
import { isText, type LeakKind, type LeakScan } from '../response/leaks.ts';
import { type Answering, sendHead } from './exchange.ts';
import type { SlowReaders } from './slow-readers.ts';
import type { LiveUpstream } from './upstream.ts';

export interface ForwardOptions {
  readonly answering: Answering;
  readonly upstream: LiveUpstream;
  readonly method: string;
  readonly pathAndQuery: string;
  /** Name, value, name, value… */
  readonly headers: readonly string[];
  /** Read whole, as it goes on coming, or none. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly maxBodyBytes: number;
  readonly rules: AnswerRules;
  readonly secure: boolean;
  /** Made for each answer whose type is text and whose bytes are not encoded. */
  readonly scan: () => LeakScan | null;
  /** Whether a leak is to be kept back: then the beginning of a text waits until it was looked at. */
  readonly holdBack: boolean;
  /** Further headers of the answer. */
  readonly extra: readonly (readonly [string, string])[];
  readonly readers: SlowReaders;
  /** Whose request it is: an address, as it is counted. */
  readonly unit: string;
  /** Words, lower case, that are looked for in an answer. */
  readonly words: readonly string[];
}

export interface Forwarded {
  readonly status: number;
  readonly bytes: number;
  readonly wordFound: boolean;
  readonly location: string | null;
  readonly leaks: ReadonlyMap<LeakKind, number>;
  /** The answer could not be finished: the upstream broke off, or the rest held what must not go out. */
  readonly cut: boolean;
  /** The client went away first. */
  readonly left: boolean;
}

/** So much of an answer is kept back while it is looked at. */
const HOLD_BACK_BYTES = 256 * 1024;
const MAX_WORD_BYTES = 512 * 1024;
const NO_LEAKS: ReadonlyMap<LeakKind, number> = new Map();

export async function forward(options: ForwardOptions): Promise<Forwarded | Refusal> {
  const first = await tryForward(options);
  // A kept connection may have been closed in the very moment; a request without a body that changes nothing is sent again once.
  const again =
    'lost' in first && (options.method === 'GET' || options.method === 'HEAD') && options.body === null;
  const result = again ? await tryForward(options) : first;
  return 'lost' in result ? refusal('upstream-unreachable', 'connection lost') : result;
}

interface Lost {
  readonly lost: true;
}

async function tryForward(options: ForwardOptions): Promise<Forwarded | Refusal | Lost> {
  const { answering, upstream, rules, words } = options;
  const { response } = answering;
  return await new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | null = null;
    let began = false;
    let settled = false;
    let left = false;
    let status = 0;
    let bytes = 0;
    let location: string | null = null;
    let scan: LeakScan | null = null;
    let held: Uint8Array[] | null = null;
    let heldBytes = 0;
    let head: [string, string][] = [];
    let headSent = false;
    let wordFound = false;
    let wordTail = '';
    let read = 0;
    let tooLarge = false;
    let told = -1;
    let ended = false;
    let release: (() => void) | null = null;
    let watching = false;

    const settle = (result: Forwarded | Refusal | Lost): void => {
      if (settled) return;
      settled = true;
      release?.();
      response.off('close', onClose);
      resolve(result);
    };
    const result = (cut: boolean): Forwarded => ({
      status,
      bytes,
      wordFound,
      location,
      leaks: scan?.found ?? NO_LEAKS,
      cut,
      left,
    });
    const onClose = (): void => {
      if (settled) return;
      left = true;
      controller?.abort(new Error('the client left'));
      settle(result(true));
    };
    response.on('close', onClose);

    const wait = (): void => {
      controller?.pause();
      if (release !== null) return;
      response.once('drain', () => {
        release?.();
        release = null;
        controller?.resume();
      });
      release = upstream.hold({ unit: options.unit, cut: () => response.destroy() });
    };
    const cutOff = (): void => {
      if (headSent) response.destroy();
      settle(headSent ? result(true) : refusal('upstream-malformed', 'broke off'));
    };
    const send = (chunk: Uint8Array): void => {
      if (!headSent) {
        headSent = true;
        sendHead(response, status, head);
      }
      if (chunk.byteLength === 0) return;
      bytes += chunk.byteLength;
      // A slow reader must not hold the upstream's connection for what fits into memory.
      if (response.write(chunk)) return;
      if (!watching) {
        watching = true;
        const outgoing = {
          waiting: () => response.writableLength,
          handed: () => bytes,
          cut: () => response.destroy(),
          unit: options.unit,
        };
        response.on('close', options.readers.watch(outgoing));
      }
      if (response.writableLength > options.readers.room()) wait();
    };
    const pass = (chunk: Uint8Array): void => {
      if (held === null) {
        send(chunk);
        return;
      }
      held.push(chunk);
      heldBytes += chunk.byteLength;
      if (heldBytes < HOLD_BACK_BYTES) return;
      const waiting = held;
      held = null;
      for (const one of waiting) send(one);
    };
    const lookForWords = (chunk: Buffer): void => {
      if (wordFound || read > MAX_WORD_BYTES) return;
      const text = wordTail + chunk.toString('latin1').toLowerCase();
      wordFound = words.some((word) => text.includes(word));
      wordTail = text.slice(-64);
    };

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(own) {
        controller = own;
        if (left) own.abort(new Error('the client left'));
      },
      onResponseStart(_, code, headers) {
        if (code < 200) return;
        began = true;
        status = code;
        location = typeof headers['location'] === 'string' ? headers['location'] : null;
        head = answerHeaders(headers, rules.drop);
        rules.apply(head, options.secure);
        for (const [name, value] of options.extra) head.push([name, value]);
        const type = headers['content-type'];
        if (
          headers['content-encoding'] === undefined &&
          isText(typeof type === 'string' ? type : undefined)
        ) {
          scan = options.scan();
          if (scan !== null && options.holdBack) held = [];
        }
        if (scan === null) {
          const length = headers['content-length'];
          told = typeof length === 'string' ? Number(length) : -1;
          headSent = true;
          sendHead(response, status, head);
        }
      },
      onResponseData(_, chunk) {
        read += chunk.byteLength;
        if (words.length > 0) lookForWords(chunk);
        if (scan === null) {
          // The last bytes end the answer in one write.
          if (read === told && !settled) {
            const whole = bytes === 0 && chunk.byteLength <= MAX_JOINED_BYTES;
            bytes += chunk.byteLength;
            // As text Node joins it to the head and writes once; Latin-1 is each byte as it is.
            if (whole) response.end(chunk.toString('latin1'), 'latin1');
            else response.end(chunk);
            ended = true;
          } else send(chunk);
        } else {
          pass(scan.push(chunk));
          if (scan.blocked() && (headSent || held === null)) {
            controller?.abort(new Error('a leak'));
            cutOff();
          }
        }
      },
      onResponseEnd() {
        if (settled) return;
        if (scan !== null) {
          const last = scan.end();
          if (scan.blocked()) {
            if (headSent) cutOff();
            else settle({ ...refusal('leak-blocked', [...scan.found.keys()].join(', ')) });
            return;
          }
          const waiting = held ?? [];
          held = null;
          for (const one of waiting) send(one);
          send(last);
        }
        if (!headSent) send(EMPTY);
        if (!ended) response.end();
        settle(result(false));
      },
      onResponseError(_, error) {
        if (settled) return;
        if (tooLarge) settle(refusal('too-large', 'body'));
        else if (began) cutOff();
        else settle(failureOf(error));
      },
    };

    const body =
      options.body === null || options.body instanceof Uint8Array
        ? options.body
        : Readable.from(
            bounded(options.body, options.maxBodyBytes, () => {
              tooLarge = true;
            }),
            { objectMode: false },
          );
    try {
      upstream.pool.dispatch(
        {
          path: options.pathAndQuery,
          method: options.method,
          headers: [...options.headers],
          body,
        },
        handler,
      );
    } catch {
      settle(refusal('bad-header', 'upstream')); // undici's own strictness: nothing was sent
    }
  });
}

/** Larger ones cost more to copy than a second write does. */
const MAX_JOINED_BYTES = 16 * 1024;

const EMPTY = new Uint8Array(0);

/** The request's body, which ends in an error where it is longer than it may be. */
async function* bounded(
  request: AsyncIterable<Uint8Array>,
  maxBytes: number,
  onTooLarge: () => void,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of request) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      onTooLarge();
      throw new RangeError('body too large');
    }
    yield chunk;
  }
}

/** What an upstream's failure is, by the driver's codes. */
function failureOf(error: unknown): Refusal | Lost {
  const code = systemCode(error) ?? '';
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE') return { lost: true };
  const why: Why =
    code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT'
      ? 'upstream-too-slow'
      : code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' || code.startsWith('UND_ERR_RES')
        ? 'upstream-malformed'
        : 'upstream-unreachable';
  return refusal(why, code);
}
