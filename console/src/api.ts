import type {
  Answers,
  Look,
  Me,
  ObservationProof,
  Problem,
  SampleOffer,
  Shop,
  GrantView,
} from '@loupe/contract';

/** What the API refused, in words that can be shown. */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(problem: Pick<Problem, 'title' | 'code' | 'hint'>) {
    super(problem.title);
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

const UNREACHABLE = {
  title: 'Loupe does not answer.',
  code: 'console/unreachable',
  hint: 'Is it still running in the terminal?',
};

async function send(method: string, path: string, body?: unknown): Promise<string> {
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  // A click that is repeated because the answer was lost must not act twice.
  if (method === 'POST') headers['idempotency-key'] = crypto.randomUUID();
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiError(UNREACHABLE);
  });
  const text = await answer.text();
  if (!answer.ok) throw new ApiError(text === '' ? UNREACHABLE : JSON.parse(text));
  return text;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return JSON.parse(await send(method, path, body));
}

async function act(method: string, path: string, body?: unknown): Promise<void> {
  await send(method, path, body);
}

export const api = {
  claim: (token: string) => act('POST', '/claim', { token }),
  me: () => call<Me>('GET', '/me'),
  signIn: (email: string, password: string) => act('POST', '/session', { email, password }),
  signOut: () => act('DELETE', '/session'),
  setCredentials: (given: { name: string; email: string; password: string }) =>
    act('PUT', '/me/credentials', given),
  beginSecondFactor: () => call<{ secret: string; uri: string; svg: string }>('POST', '/me/second-factor'),
  giveSecondFactor: (code: string) => call<{ recoveryCodes: string[] }>('PUT', '/me/second-factor', { code }),
  shops: () => call<{ shops: Shop[]; next: string | null }>('GET', '/shops?limit=200'),
  shop: (id: string) => call<Shop>('GET', `/shops/${id}`),
  samples: () => call<{ samples: SampleOffer[] }>('GET', '/samples'),
  addShop: (address: string) => call<{ shop: Shop; look: string }>('POST', '/shops', { address }),
  lookNow: (shop: string) => call<{ look: string }>('POST', `/shops/${shop}/looks`),
  look: (shop: string, id: string) => call<Look>('GET', `/shops/${shop}/looks/${id}`),
  answers: (shop: string) => call<Answers>('GET', `/shops/${shop}/answers`),
  observation: (shop: string, id: string) =>
    call<ObservationProof>('GET', `/shops/${shop}/observations/${id}`),
  evidence: (shop: string, hash: string) => call<unknown>('GET', `/shops/${shop}/evidence/${hash}`),
  grants: (shop: string) => call<{ grants: GrantView[] }>('GET', `/shops/${shop}/grants`),
  addGrant: (shop: string, given: { email: string; name: string; role: string; until: number | null }) =>
    call<{ grant: string; invite: string | null }>('POST', `/shops/${shop}/grants`, given),
  endGrant: (shop: string, grant: string) => act('DELETE', `/shops/${shop}/grants/${grant}`),
};
