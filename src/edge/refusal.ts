// Why a request went no further. The word is for the event and the console; a stranger sees a status, a reference and nothing else.

/** Each reason with its status (RFC 9110, RFC 6585). */
export const REFUSALS = {
  'bad-message': 400,
  'bad-path': 400,
  'bad-host': 400,
  'bad-header': 400,
  'bad-version': 505,
  'bad-body': 400,
  'unknown-host': 421,
  // Came to the edge's own address, past the CDN that shall stand in front.
  'beside-proxy': 403,
  'no-route': 404,
  'wrong-method': 405,
  'too-large': 413,
  'no-policy': 503,
  'route-held': 503,
  'no-proof': 401,
  'bad-proof': 401,
  'stale-proof': 401,
  // A delivery that was taken already: a refusal would have it sent again.
  repeated: 200,
  'scope-missing': 403,
  'proof-undecided': 503,
  'over-limit': 429,
  'locked-out': 429,
  'not-allowed': 403,
  'graphql-bound': 403,
  firewall: 403,
  'not-inspected': 403,
  'no-upgrade': 403,
  overloaded: 503,
  'upstream-unreachable': 502,
  'upstream-malformed': 502,
  'upstream-too-slow': 504,
  'leak-blocked': 502,
  'switched-off': 503,
  'not-listed': 403,
  'answer-too-large': 502,
  'not-recorded': 503,
} as const;

export type Why = keyof typeof REFUSALS;

export interface Refusal {
  readonly refused: true;
  readonly why: Why;
  /** What exactly, for the console; never anything that a client sent. */
  readonly detail: string;
  /** Seconds until it makes sense to come again. */
  readonly retryAfterS?: number;
  /** Further headers of the answer, as `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function refusal(why: Why, detail = '', more: Pick<Refusal, 'retryAfterS' | 'headers'> = {}): Refusal {
  return { refused: true, why, detail, ...more };
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}
