// The daily self-test: Loupe calls its own edges as an attacker would, harmlessly, over a listener that only it uses, and everything else is what visitors meet.
// It reaches edges of this machine. A test that fails may reach a shop's upstream with one GET or an empty POST, and nothing else.
import { randomToken, SECOND_MS } from '#kernel';
import { type Exchange, openOutbound } from '#outbound';
import { INSPECT_HEADER, selfTestHost } from '#plane';
import { type Attack, ATTACKS, HONEST, LET_GO, STOPPED } from './attacks.ts';
import type { RouteView } from './routes.ts';

/** What one test of one edge came to. */
export interface SelfTest {
  readonly edge: string;
  readonly test: 'refuses' | 'limits' | 'lockout' | 'leaks' | 'paths' | 'attack';
  /** The route it was about, or null: the self-test's own. */
  readonly route: string | null;
  /** Which attack was sent; `honest` for a request that must pass. Null for other tests. */
  readonly attack: string | null;
  readonly passed: boolean;
  /** What came back, as statuses in order. */
  readonly statuses: readonly number[];
}

const CALL_MS = 5 * SECOND_MS;
/** The limit of the self-test's corner is whole again after this long. */
const REFILL_MS = 4 * SECOND_MS;

/** A token that says it needs no signature (RFC 7519, section 6): whoever lets it in lets everybody in. */
const UNSIGNED = `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ sub: 'loupe-self-test', scope: 'admin' })}.`;

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Refused, whatever for: no answer of an upstream. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 429, 503]);

/** Tests one edge for one shop. `port`: the edge's own listener for self-tests, on loopback. */
export async function testEdge(
  edge: string,
  port: number,
  shopId: string,
  routes: readonly RouteView[],
): Promise<readonly SelfTest[]> {
  const own = selfTestHost(shopId);

  async function call(
    host: string,
    path: string,
    options: {
      readonly method?: 'GET' | 'POST';
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    } = {},
  ): Promise<Exchange | null> {
    const outbound = openOutbound({
      allowNetworks: ['127.0.0.1'],
      extraCa: [],
      resolver: null,
      userAgent: 'Loupe self-test',
      connectTo: { [`${host}:80`]: `127.0.0.1:${port}` },
    });
    const answer = await outbound.request({
      url: new URL(path, `http://${host}`),
      maxBodyBytes: 4_096,
      timeoutMs: CALL_MS,
      signal: AbortSignal.timeout(CALL_MS),
      certificate: 'require',
      ...options,
    });
    return answer.ok ? answer : null;
  }
  const tests: SelfTest[] = [];
  const say = (
    test: SelfTest['test'],
    route: string | null,
    statuses: readonly number[],
    passed: boolean,
    attack: string | null = null,
  ): void => void tests.push({ edge, test, route, attack, statuses, passed });

  const tooOften = async (): Promise<number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push(statusOf(await call(own, '/limited')));
    return statuses;
  };
  let limited = await tooOften();
  if (limited[0] === 429) {
    // Another test, a moment ago, used up what the limit allows.
    await new Promise((resolve) => setTimeout(resolve, REFILL_MS));
    limited = await tooOften();
  }
  say('limits', null, limited, limited[0] === 204 && limited.at(-1) === 429);

  const account = randomToken(16);
  const tries: number[] = [];
  for (let i = 0; i < 4; i++) {
    const body = new URLSearchParams({ account, password: 'wrong' }).toString();
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
    };
    tries.push(statusOf(await call(own, '/login', { method: 'POST', headers, body })));
  }
  say('lockout', null, tries, tries.join(' ') === '401 401 401 429');

  const leak = await call(own, '/leak');
  const shown = leak === null ? '' : Buffer.from(leak.body).toString('latin1');
  say('leaks', null, [statusOf(leak)], shown === '**** **** **** 1111');

  const climb = await call(own, '/a/..%2f..%2fadmin');
  say('paths', null, [statusOf(climb)], statusOf(climb) === 400);

  for (const { id, rule } of routes) {
    for (const attack of [HONEST, ...ATTACKS]) {
      const status = statusOf(await call(rule.hosts[0] ?? '', rule.path + attack.query, attackOf(attack)));
      say('attack', id, [status], status === (attack === HONEST ? LET_GO : STOPPED), attack.id);
    }
    if (rule.proofs.some((proof) => proof.kind === 'public')) continue;
    const method = rule.methods.includes('GET') ? 'GET' : 'POST';
    const [host = ''] = rule.hosts;
    const empty = method === 'POST' ? { 'content-length': '0' } : {};
    const statuses: number[] = [];
    for (const headers of [
      {},
      { authorization: `Bearer ${UNSIGNED}` },
      {
        authorization: `Bearer lk_selftest0000_${randomToken(32)}`,
        'x-api-key': `lk_selftest0000_${randomToken(32)}`,
      },
    ])
      statuses.push(statusOf(await call(host, rule.path, { method, headers: { ...empty, ...headers } })));
    say(
      'refuses',
      id,
      statuses,
      statuses.every((status) => REFUSED.has(status)),
    );
  }
  return tests;
}

/** An attack as it is sent: to the firewall of a route alone, which answers 204 for what it would let go. */
function attackOf({ method, type, body }: Attack) {
  const headers = { accept: '*/*', 'accept-language': 'en', [INSPECT_HEADER]: '1' };
  if (method === 'GET') return { method, headers };
  const length = String(Buffer.byteLength(body));
  return { method, headers: { ...headers, 'content-type': type ?? '', 'content-length': length }, body };
}

function statusOf(answer: Exchange | null): number {
  return answer?.status ?? 0;
}
