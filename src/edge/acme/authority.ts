// A certificate authority, spoken to as RFC 8555 says. It is a stranger: what it sends is bounded and read member by member, and of its problems only the
// registered word is kept, never its text.
import { FlattenedSign, type JWK } from 'jose';
import { SECOND_MS, utf8 } from '#kernel';
import { headerValues, type Outbound } from '#outbound';

/** ES256 (RFC 7518, section 3.4), which every authority takes. */
const ALGORITHM = 'ES256';
const REQUEST_MS = 15 * SECOND_MS;
const MAX_ANSWER_BYTES = 256 * 1024;
/** An order that is not done by then is given up; the next try makes a new one. */
const ORDER_MS = 120 * SECOND_MS;
const POLL_MS = SECOND_MS;
const MAX_POLL_MS = 10 * SECOND_MS;
/** A nonce may be refused for no fault of ours (section 6.5). */
const NONCE_TRIES = 5;

export interface AccountKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  /** RFC 7638, of which key authorizations are made (section 8.1). */
  readonly thumbprint: string;
}

export interface AuthorityOptions {
  readonly directory: string;
  readonly key: AccountKey;
  /** A mail address that the authority may write to, or null. */
  readonly contact: string | null;
  readonly outbound: Outbound;
}

export type Ordered =
  | { readonly ok: true; readonly chain: string }
  | {
      readonly ok: false;
      /** A type of section 6.7 as `unauthorized` or `rateLimited`; `unreachable`, `unreadable` or `timeout` where none was told. */
      readonly problem: string;
      /** When the authority wants to be asked again, ms from now; null: it did not say. */
      readonly againMs: number | null;
    };

/** How control of a name is shown: by a text below its `/.well-known/acme-challenge/` (section 8.3). */
export interface Proving {
  show(token: string, keyAuthorization: string): void;
  hide(token: string): void;
}

class Problem extends Error {
  readonly type: string;
  readonly againMs: number | null;

  constructor(type: string, againMs: number | null = null) {
    super(type);
    this.type = type;
    this.againMs = againMs;
  }
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly location: string | null;
  readonly againMs: number | null;
}

/** Orders one certificate for `name` and its signing request (PKCS #10, DER). Ends within two minutes; whatever goes wrong is a value. */
export async function orderCertificate(
  options: AuthorityOptions,
  name: string,
  request: Uint8Array,
  proving: Proving,
  signal: AbortSignal,
): Promise<Ordered> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(ORDER_MS)]);
  try {
    const session = await openSession(options, until);
    const order = await session.post('newOrder', { identifiers: [{ type: 'dns', value: name }] });
    const place = address(order.location);
    for (const url of addresses(order.body['authorizations']))
      await prove(session, url, proving, options.key);
    const ready = await settled(session, place, order, ['pending']);
    if (ready.body['status'] === 'ready')
      await session.post(address(ready.body['finalize']), { csr: base64url(request) });
    const done = await settled(session, place, null, ['ready', 'processing']);
    if (done.body['status'] !== 'valid') throw problemOf(done.body['error'], null);
    const chain = (await session.post(address(done.body['certificate']), null)).text;
    return { ok: true, chain };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.type, againMs: error.againMs };
    if (until.aborted) return { ok: false, problem: 'timeout', againMs: null };
    throw error;
  }
}

interface Session {
  /** A signed request to a member of the directory or an address; `null` reads (POST-as-GET, section 6.3). */
  post(to: string, payload: object | null): Promise<Answer>;
  readonly signal: AbortSignal;
}

/** Reads the directory and finds or makes the account of our key (section 7.3). */
async function openSession(options: AuthorityOptions, signal: AbortSignal): Promise<Session> {
  const { outbound, key } = options;
  let nonce: string | null = null;
  let account: string | null = null;

  async function send(url: string, body: string | null): Promise<Answer> {
    const sent = await outbound.request({
      url: new URL(url),
      ...(body === null
        ? {}
        : { method: 'POST' as const, body, headers: { 'content-type': 'application/jose+json' } }),
      maxBodyBytes: MAX_ANSWER_BYTES,
      timeoutMs: REQUEST_MS,
      signal,
      certificate: 'require',
    });
    if (!sent.ok) throw new Problem(signal.aborted ? 'timeout' : 'unreachable');
    if (sent.truncated) throw new Problem('unreadable');
    nonce = headerValues(sent, 'replay-nonce')[0] ?? null;
    const text = Buffer.from(sent.body).toString('utf8');
    return {
      status: sent.status,
      text,
      body: recordOf(text),
      location: headerValues(sent, 'location')[0] ?? null,
      againMs: againMs(headerValues(sent, 'retry-after')[0]),
    };
  }

  const directory = (await send(options.directory, null)).body;
  const place = (to: string): string => (to.startsWith('https:') ? to : address(directory[to]));

  async function signed(to: string, payload: object | null): Promise<string> {
    const text = payload === null ? '' : JSON.stringify(payload);
    const from = account === null ? { jwk: key.publicJwk } : { kid: account };
    const jws = await new FlattenedSign(utf8(text))
      .setProtectedHeader({ alg: ALGORITHM, nonce: nonce ?? '', url: place(to), ...from })
      .sign(key.privateKey);
    return JSON.stringify(jws);
  }

  const session: Session = {
    signal,
    async post(to, payload) {
      for (let tries = 1; ; tries++) {
        if (nonce === null) await send(place('newNonce'), null);
        const answer = await send(place(to), await signed(to, payload));
        if (answer.status < 300) return answer;
        const problem = problemOf(answer.body, answer.againMs);
        if (problem.type !== 'badNonce' || tries >= NONCE_TRIES) throw problem;
      }
    },
  };
  const made = await session.post('newAccount', {
    termsOfServiceAgreed: true,
    ...(options.contact === null ? {} : { contact: [`mailto:${options.contact}`] }),
  });
  account = address(made.location);
  return session;
}

/** Shows control of one name, and waits until the authority has looked (sections 7.5 and 8.3). */
async function prove(session: Session, url: string, proving: Proving, key: AccountKey): Promise<void> {
  const authorization = await session.post(url, null);
  if (authorization.body['status'] === 'valid') return;
  const challenges = arrayOf(authorization.body['challenges']).map(asRecord);
  const challenge = challenges.find((one) => one['type'] === 'http-01');
  const token = challenge?.['token'];
  if (challenge === undefined || typeof token !== 'string') throw new Problem('unreadable');
  proving.show(token, `${token}.${key.thumbprint}`);
  try {
    await session.post(address(challenge['url']), {});
    const looked = await settled(session, url, null, ['pending', 'processing']);
    if (looked.body['status'] === 'valid') return;
    const failed = arrayOf(looked.body['challenges'])
      .map(asRecord)
      .find((one) => one['error'] !== undefined);
    throw problemOf(failed?.['error'], null);
  } finally {
    proving.hide(token);
  }
}

/** Asks again until the status is none of `while`. */
async function settled(
  session: Session,
  url: string,
  first: Answer | null,
  during: readonly string[],
): Promise<Answer> {
  let answer = first ?? (await session.post(url, null));
  while (during.includes(String(answer.body['status']))) {
    await pause(Math.min(Math.max(answer.againMs ?? POLL_MS, POLL_MS), MAX_POLL_MS), session.signal);
    answer = await session.post(url, null);
  }
  return answer;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(new Problem('timeout'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

const PROBLEM = /^urn:ietf:params:acme:error:([A-Za-z]{1,40})$/u;

function problemOf(value: unknown, after: number | null): Problem {
  const type = asRecord(value)['type'];
  const word = typeof type === 'string' ? PROBLEM.exec(type)?.[1] : undefined;
  return new Problem(word ?? 'unreadable', after);
}

/** Seconds or a date (RFC 9110, section 10.2.3), as ms from now. */
function againMs(value: string | undefined): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/u.test(value)) return Number(value) * SECOND_MS;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

function address(value: unknown): string {
  if (typeof value !== 'string' || URL.parse(value)?.protocol !== 'https:') throw new Problem('unreadable');
  return value;
}

const addresses = (value: unknown): string[] => arrayOf(value).map(address);

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value.length <= 100 ? value : [];
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function recordOf(text: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return {}; // a certificate is no JSON, and neither is many a proxy's page
  }
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
