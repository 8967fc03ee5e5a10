// Counts shared by all edges in Valkey or Redis: each step is one script, run whole by the server and by its clock, so that two edges can never both take
// the last place. When the server is gone each edge counts alone (`local`), says so, and comes back by itself.
import { Redis } from 'iovalkey';
import { SECOND_MS } from '#kernel';
import { type Begun, type Count, type Counters, LONGEST_LOCK_MS } from './counters.ts';
import { memoryCounters } from './memory.ts';

/** KEYS 1; ARGV interval, tolerance (ms). Answers {1, remaining, reset} or {0, retry}. */
const TAKE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local interval, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local early = due - now
if early > tolerance then return {0, tostring(early - tolerance)} end
local next = due + interval
redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.ceil(next - now) + 1)
return {1, tostring(math.floor((tolerance - early) / interval)), tostring(next - now)}`;

/** KEYS n; ARGV for each: tries, windowMs, lockMs. Hash: misses m, under way u, locked until l, locks in a row n. */
const BEGIN = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for i, key in ipairs(KEYS) do
  local h = redis.call('HMGET', key, 'm', 'u', 'l')
  local m, u, l = tonumber(h[1] or 0), tonumber(h[2] or 0), tonumber(h[3] or 0)
  if l > now then return {0, 1, l - now} end
  if l > 0 then redis.call('HSET', key, 'm', 0, 'l', 0); m = 0 end
  if m + u >= tonumber(ARGV[i * 3 - 2]) then return {0, 0, 1000} end
end
for i, key in ipairs(KEYS) do
  redis.call('HINCRBY', key, 'u', 1)
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ARGV[i * 3 - 1]) end
end
return {1}`;

/** KEYS n; ARGV for each: tries, windowMs, lockMs, how. Answers a list of 1 (locked now) and 0. */
const END = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local out = {}
for i, key in ipairs(KEYS) do
  local tries, window, lock, how = tonumber(ARGV[i * 4 - 3]), ARGV[i * 4 - 2], tonumber(ARGV[i * 4 - 1]), ARGV[i * 4]
  local locked = 0
  if redis.call('HINCRBY', key, 'u', -1) < 0 then redis.call('HSET', key, 'u', 0) end
  if how == 'hit' then redis.call('HSET', key, 'm', 0, 'n', 0) end
  if how == 'miss' then
    local m = redis.call('HINCRBY', key, 'm', 1)
    redis.call('PEXPIRE', key, window)
    if m >= tries and tonumber(redis.call('HGET', key, 'l') or 0) <= now then
      local rounds = redis.call('HINCRBY', key, 'n', 1) - 1
      local long = math.min(math.max(lock, ${LONGEST_LOCK_MS}), lock * 2 ^ math.min(rounds, 20))
      redis.call('HSET', key, 'l', string.format('%.0f', now + long))
      redis.call('PEXPIRE', key, string.format('%.0f', long + window))
      locked = 1
    end
  end
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, window) end
  out[i] = locked
end
return out`;

export interface SharedCountersOptions {
  /** `redis://` or `rediss://`, credentials included. */
  readonly url: string;
  /** Told when the server goes and when it is back. */
  readonly onState: (shared: boolean) => void;
}

/** A command that takes longer is as good as lost, and the request is counted here. */
const COMMAND_MS = 250;
const PREFIX = 'loupe:';

/** A start waits this long for the server, so that a restart lets nothing through that the others have counted. */
const FIRST_MS = 2 * SECOND_MS;

export interface SharedCounters extends Counters {
  /** Fulfilled when counts are shared, or when that has taken too long. */
  ready(): Promise<void>;
  /** Whether counts are shared at this moment. */
  shared(): boolean;
}

export function sharedCounters(options: SharedCountersOptions): SharedCounters {
  const local = memoryCounters();
  const redis = new Redis(options.url, {
    lazyConnect: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_MS,
    connectTimeout: 2 * SECOND_MS,
    retryStrategy: (tries) => Math.min(2 * SECOND_MS, 50 * 2 ** Math.min(tries, 6)),
  });
  let up = false;
  const turn = (now: boolean): void => {
    if (up === now) return;
    up = now;
    options.onState(now);
  };
  redis.on('ready', () => turn(true));
  redis.on('close', () => turn(false));
  // Each failed command says so itself; without a listener Node would end the process.
  redis.on('error', () => undefined);

  /** Asks the server, and counts here where it does not answer. */
  async function ask<T>(there: () => Promise<T>, here: () => T | Promise<T>): Promise<T> {
    if (!up) return await here();
    try {
      return await there();
    } catch {
      // Not told to `onState`: the connection says when it is gone, and one slow command is not that.
      return await here();
    }
  }

  async function run(
    script: string,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown[]> {
    const answer = await redis.eval(script, keys.length, ...keys.map((key) => PREFIX + key), ...args);
    if (!Array.isArray(answer)) throw new TypeError('a script answers with a list');
    return answer;
  }

  return {
    shared: () => up,
    async ready() {
      if (up) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, FIRST_MS);
        redis.once('ready', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
    take: (key, rate, nowMs) =>
      ask<Count>(
        async () => {
          const [ok, a, b] = await run(TAKE, [`r:${key}`], [rate.intervalMs, rate.toleranceMs]);
          return ok === 1
            ? { ok: true, remaining: Number(a), resetMs: Number(b) }
            : { ok: false, retryAfterMs: Number(a) };
        },
        () => local.take(key, rate, nowMs),
      ),
    begin: (keys, rules, nowMs) =>
      ask<Begun>(
        async () => {
          const args = rules.flatMap((rule) => [rule.tries, rule.windowMs, rule.lockMs]);
          const [ok, locked, retry] = await run(
            BEGIN,
            keys.map((key) => `t:${key}`),
            args,
          );
          return ok === 1 ? { ok: true } : { ok: false, locked: locked === 1, retryAfterMs: Number(retry) };
        },
        () => local.begin(keys, rules, nowMs),
      ),
    end: (keys, rules, how, nowMs) =>
      ask<readonly string[]>(
        async () => {
          const args = rules.flatMap((rule, i) => [rule.tries, rule.windowMs, rule.lockMs, how[i] ?? 'back']);
          const locked = await run(
            END,
            keys.map((key) => `t:${key}`),
            args,
          );
          return keys.filter((_, i) => locked[i] === 1);
        },
        () => local.end(keys, rules, how, nowMs),
      ),
    async lift(key) {
      await local.lift(key);
      await ask<void>(
        async () => void (await redis.del(`${PREFIX}t:${key}`)),
        () => undefined,
      );
    },
    once: (key, ttlMs, nowMs) =>
      ask<boolean>(
        async () => (await redis.set(`${PREFIX}o:${key}`, '1', 'PX', Math.ceil(ttlMs), 'NX')) === 'OK',
        () => local.once(key, ttlMs, nowMs),
      ),
    async forget(key) {
      await local.forget(key);
      await ask<void>(
        async () => void (await redis.del(`${PREFIX}o:${key}`)),
        () => undefined,
      );
    },
    async close() {
      redis.disconnect();
      await local.close();
    },
  };
}
