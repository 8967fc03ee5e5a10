// A channel between two of Loupe's own processes: requests and answers over a socket in a folder that only their account
// can enter. Not for strangers: whoever can open the socket may ask. What holds all the same: a frame has a bound, a
// malformed frame ends its connection and nothing else, and an error crosses with its code and hint alone.
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type ErrorDetail, type Json, LoupeError, SECOND_MS } from '#kernel';
import { planeError } from './errors.ts';
import { fieldsOf, isObject, type JsonObject } from './shape.ts';

/** The longest message: a batch of leaves fits, an accident does not. */
const MAX_FRAME_BYTES = 96 * 1024 * 1024;

const DEFAULT_TIMEOUT_MS = 30 * SECOND_MS;

/** What a process offers on its channel: each method takes and gives JSON. */
export type Methods = Readonly<Record<string, (params: Json) => Promise<Json> | Json>>;

export interface ChannelServer {
  close(): Promise<void>;
}

export interface Channel {
  /**
   * Asks for one method. Errors: what the other side threw, with its code; `plane/unreachable` (nothing was asked, or
   * the answer was lost), `plane/timeout`.
   */
  call(method: string, params: Json, timeoutMs?: number): Promise<Json>;
  close(): void;
}

function encodeFrame(value: Json): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const frame = Buffer.allocUnsafe(4 + body.byteLength);
  frame.writeUInt32BE(body.byteLength, 0);
  body.copy(frame, 4);
  return frame;
}

/** Calls `onFrame` for each whole frame; destroys the socket at the first that is too long or not JSON. */
function readFrames(socket: Socket, onFrame: (value: Json) => void): void {
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = 4;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.byteLength;
    // Joined only when a frame is whole: joining at every chunk would cost the square of its length.
    while (held >= needed) {
      const joined = Buffer.concat(chunks);
      needed = 4 + joined.readUInt32BE(0);
      if (needed > 4 + MAX_FRAME_BYTES) {
        socket.destroy();
        return;
      }
      if (held < needed) {
        chunks = [joined];
        return;
      }
      const value = parseFrame(joined.subarray(4, needed));
      const rest = joined.subarray(needed);
      chunks = [rest];
      held = rest.byteLength;
      needed = 4;
      if (value === undefined) {
        socket.destroy();
        return;
      }
      onFrame(value);
    }
  });
}

function parseFrame(body: Buffer): Json | undefined {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // not JSON: the caller ends the connection
  }
}

/** Serves methods on a socket path that nobody else may hold. An old socket file there is taken away. */
export async function serveChannel(path: string, methods: Methods): Promise<ChannelServer> {
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    readFrames(socket, (value) => {
      if (!isObject(value) || typeof value['id'] !== 'number' || typeof value['method'] !== 'string') {
        socket.destroy();
        return;
      }
      const id = value['id'];
      void answer(methods, value['method'], value['params'] ?? null).then((reply) => {
        if (!socket.destroyed) socket.write(encodeFrame({ id, ...reply }));
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(methods: Methods, method: string, params: Json): Promise<JsonObject> {
  const act = Object.hasOwn(methods, method) ? methods[method] : undefined;
  try {
    if (act === undefined) throw planeError('plane/malformed', { details: { method } });
    return { result: await act(params) };
  } catch (error) {
    if (error instanceof LoupeError) {
      return {
        error: { code: error.code, says: error.message, hint: error.hint, details: { ...error.details } },
      };
    }
    process.stderr.write(
      `${method}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    const failed = planeError('plane/failed', { details: { method } });
    return { error: { code: failed.code, says: failed.message, hint: failed.hint, details: { method } } };
  }
}

function errorFrom(value: Json): LoupeError {
  const fields = fieldsOf(value);
  const details: Record<string, ErrorDetail> = {};
  for (const [name, detail] of Object.entries(fields.object('details'))) {
    if (detail === null || typeof detail !== 'object') details[name] = detail;
  }
  const error = new LoupeError(fields.text('code'), { says: fields.text('says'), hint: fields.text('hint') });
  return Object.assign(error, { details });
}

interface Pending {
  resolve(value: Json): void;
  reject(error: unknown): void;
  readonly timer: NodeJS.Timeout;
}

/** Opens a channel to a socket path; connects when first used, and again after a loss. */
export function openChannel(path: string): Channel {
  let socket: Socket | undefined;
  let next = 1;
  const pending = new Map<number, Pending>();

  function drop(): void {
    socket = undefined;
    for (const [id, waiting] of pending) {
      clearTimeout(waiting.timer);
      pending.delete(id);
      waiting.reject(planeError('plane/unreachable', { details: { path } }));
    }
  }

  function dial(): Socket {
    const fresh = connect(path);
    fresh.on('error', () => fresh.destroy());
    fresh.on('close', () => {
      if (socket === fresh) drop();
    });
    readFrames(fresh, (value) => {
      const id = isObject(value) ? value['id'] : undefined;
      const waiting = typeof id === 'number' ? pending.get(id) : undefined;
      if (waiting === undefined || !isObject(value) || typeof id !== 'number') return;
      clearTimeout(waiting.timer);
      pending.delete(id);
      if (value['error'] === undefined) waiting.resolve(value['result'] ?? null);
      else waiting.reject(errorFrom(value['error']));
    });
    return fresh;
  }

  return {
    async call(method, params, timeoutMs = DEFAULT_TIMEOUT_MS) {
      return await new Promise<Json>((resolve, reject) => {
        socket ??= dial();
        const id = next++;
        const timer = setTimeout(() => {
          pending.delete(id);
          reject(planeError('plane/timeout', { details: { method } }));
        }, timeoutMs);
        pending.set(id, { resolve, reject, timer });
        socket.write(encodeFrame({ id, method, params }));
      });
    },
    close() {
      socket?.destroy();
      drop();
    },
  };
}
