import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { type Refusal, refusal } from '../refusal.ts';

/** `more`: it goes on beyond what was asked for. `broken`: the client ended it before its end. */
export type BodyState = 'ended' | 'more' | 'broken';

/** The body of one request, read as far as somebody needs it; what was read is kept until it is sent on. One reads at a time. */
export class RequestBody {
  readonly #request: IncomingMessage | Http2ServerRequest;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #state: 'open' | 'ended' | 'broken';

  /** `present`: whether the head says that there is one. */
  constructor(request: IncomingMessage | Http2ServerRequest, present: boolean) {
    this.#request = request;
    this.#state = present ? 'open' : 'ended';
  }

  /** Whether all of it was read. */
  get isRead(): boolean {
    return this.#state === 'ended';
  }

  /** Reads until there is more than `bytes`, or the end. What is beyond is not read. */
  async upTo(bytes: number): Promise<BodyState> {
    if (this.#state !== 'open') return this.#state;
    if (this.#length > bytes) return 'more';
    const request = this.#request;
    // Its end was told before anybody listened: it will not be told again.
    if (request.destroyed) return (this.#state = 'broken');
    return await new Promise<BodyState>((resolve) => {
      const done = (state: BodyState): void => {
        request.off('data', onData).off('end', onEnd).off('error', onBreak).off('close', onBreak);
        if (state !== 'more') this.#state = state;
        resolve(state);
      };
      const onData = (chunk: Buffer): void => {
        this.#length += chunk.byteLength;
        this.#chunks.push(chunk);
        if (this.#length <= bytes) return;
        request.pause();
        done('more');
      };
      const onEnd = (): void => done('ended');
      const onBreak = (): void => done('broken');
      request.on('data', onData).on('end', onEnd).on('error', onBreak).on('close', onBreak);
      request.resume();
    });
  }

  /** All of it; a refusal where it is longer than it may be. */
  async whole(maxBytes: number): Promise<Uint8Array | Refusal> {
    const state = await this.upTo(maxBytes);
    if (this.#length > maxBytes) return refusal('too-large', 'body');
    return state === 'ended' ? this.read() : refusal('bad-body', 'cut off');
  }

  /** What was read so far, in one piece. */
  read(): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks));
    return this.#chunks[0] ?? EMPTY;
  }

  /** What was read, and then what still comes. */
  async *onward(): AsyncGenerator<Uint8Array> {
    yield* this.#chunks;
    if (this.#state === 'open') yield* this.#request;
  }
}

const EMPTY = Buffer.alloc(0);
