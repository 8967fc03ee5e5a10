// The public keys of an issuer: fetched through the guarded way out, kept, renewed. An attacker who chooses a token's `kid` must not be able to make
// us fetch at every request, and never chooses where from: `jku`, `x5u` and `jwk` in a token are not read.
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '#kernel';
import { openOutbound, type OutboundPolicy } from '#outbound';
import { type KeySet, keySet } from './key-set.ts';

/** Renewed after this long, in the background. */
const RENEW_MS = 10 * MINUTE_MS;
/** Keys that could not be renewed are good for this long. */
const STALE_MS = HOUR_MS;
/** An unknown key id has the keys fetched again, at most this often. */
const COOLDOWN_MS = 30 * SECOND_MS;
const FETCH_MS = 5 * SECOND_MS;
const MAX_BYTES = 128 * 1024;
const MAX_KEYS = 100;

export interface IssuerKeys {
  /** The key set, fetched where needed; null: it cannot be had. `unknownKey`: the set at hand lacks the key that is asked for. */
  set(unknownKey: boolean): Promise<KeySet | null>;
}

export interface KeyPlace {
  readonly from: 'issuer' | 'address';
  readonly url: string;
}

export function issuerKeys(place: KeyPlace, policy: OutboundPolicy, clock: Clock): IssuerKeys {
  const outbound = openOutbound(policy);
  let address: string | null = place.from === 'address' ? place.url : null;
  let held: { readonly set: KeySet; readonly at: number } | null = null;
  let triedAt = -Infinity;
  let running: Promise<void> | null = null;

  async function json(url: string): Promise<unknown> {
    const answer = await outbound.request({
      url: new URL(url),
      maxBodyBytes: MAX_BYTES,
      timeoutMs: FETCH_MS,
      signal: AbortSignal.timeout(FETCH_MS),
      certificate: 'require',
    });
    if (!answer.ok || answer.status !== 200 || answer.truncated) return null;
    try {
      return JSON.parse(Buffer.from(answer.body).toString('utf8'));
    } catch {
      return null; // not JSON: as good as no answer
    }
  }

  async function find(): Promise<string | null> {
    const base = place.url.replace(/\/$/u, '');
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const found = await json(`${base}${path}`);
      // Who answers must be the issuer it was asked for (RFC 8414, section 3.3).
      if (isRecord(found) && found['issuer'] === place.url && typeof found['jwks_uri'] === 'string')
        return found['jwks_uri'];
    }
    return null;
  }

  async function fetchKeys(): Promise<void> {
    triedAt = clock.now();
    address ??= await find();
    const found = address === null ? null : await json(address);
    const keys = isRecord(found) ? found['keys'] : undefined;
    if (!Array.isArray(keys) || keys.length > MAX_KEYS) {
      if (place.from === 'issuer') address = null;
      return;
    }
    // A shared secret in a public list is no key.
    const usable = keys.filter(
      (key) => isRecord(key) && typeof key['kty'] === 'string' && key['kty'] !== 'oct',
    );
    held = { set: keySet({ keys: usable }), at: clock.now() };
  }

  const refresh = async (): Promise<void> => {
    running ??= fetchKeys()
      .catch(() => undefined) // a failure leaves what was held
      .finally(() => (running = null));
    await running;
  };

  return {
    async set(unknownKey) {
      const age = held === null ? Infinity : clock.now() - held.at;
      const mayTry = clock.now() - triedAt >= COOLDOWN_MS;
      if (age > STALE_MS || unknownKey) {
        if (mayTry || running !== null) await refresh();
      } else if (age > RENEW_MS && mayTry) void refresh();
      return held !== null && clock.now() - held.at <= STALE_MS ? held.set : null;
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
