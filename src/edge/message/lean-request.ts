// Node makes an object of the headers of every request, with each name looked up in its table of names, and asks it for two of them. The edge reads headers on its own, in order
// and strictly (`headers.ts`): for most requests that object is never needed.
import { IncomingMessage } from 'node:http';

const headers = Object.getOwnPropertyDescriptor(IncomingMessage.prototype, 'headers');

/** A request whose `headers` tell what Node's own server asks, `host` and `expect`, until it is handed over, and everything from then on. */
export class LeanRequest extends IncomingMessage {
  /** Set by whoever takes it from Node's server. */
  isHandedOver = false;
}

if (headers?.get !== undefined)
  Object.defineProperty(LeanRequest.prototype, 'headers', {
    ...headers,
    get(this: LeanRequest): unknown {
      if (this.isHandedOver) return headers.get?.call(this);
      return { host: firstOf(this.rawHeaders, 'host'), expect: firstOf(this.rawHeaders, 'expect') };
    },
  });

/** The first header of a name, in lower case, out of a raw list: name, value, name, value… */
export function firstOf(raw: readonly string[], wanted: string): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (name.length === wanted.length && name.toLowerCase() === wanted) return raw[i + 1];
  }
  return undefined;
}
