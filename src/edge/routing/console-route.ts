// Loupe's own pages at a public name: the console, the links of those who are asked. The person who runs the installation decides this in the config file; no
// shop's policy can. Control signs its people in by itself; the edge adds what control cannot see: how often one address comes, and how often it guesses.
import { HOUR_MS, MINUTE_MS } from '#kernel';
import { FIREWALL_OFF, type Route, UNTOUCHED } from '#plane';

/** Where control listens, and the names under which the edge serves it. */
export interface ConsolePlace {
  readonly origin: string;
  readonly names: readonly string[];
}

const CONSOLE_ROUTE = 'console';

/** A file of evidence or an inventory may be as large as control takes it. */
const MAX_BODY = 64 * 1024 * 1024;

export function consoleRoute({ origin, names }: ConsolePlace): Route {
  return {
    id: CONSOLE_ROUTE,
    name: 'Console',
    hosts: names.map((name) => name.toLowerCase().replace(/:\d+$/u, '')),
    path: '/',
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    upstream: { origin, timeoutMs: MINUTE_MS, host: null, extraCa: [], connections: 64 },
    proofs: [{ kind: 'public', owner: 'Loupe', reason: 'the console asks its people itself' }],
    limits: [{ id: 'console', per: 'address', amount: 600, windowMs: MINUTE_MS, burst: 300 }],
    guards: [
      {
        id: 'console-sign-in',
        what: 'login',
        methods: ['POST'],
        paths: ['/api/v1/session', '/api/v1/claim'],
        missStatus: [401, 403, 429],
        missWords: [],
        // An account is locked by control, which knows its people.
        per: ['address'],
        accountField: null,
        tries: 10,
        windowMs: HOUR_MS,
        lockMs: 30 * MINUTE_MS,
        surge: null,
      },
    ],
    allow: null,
    graphql: null,
    // What people write there about attacks looks like attacks.
    firewall: FIREWALL_OFF,
    // Control sets its own headers.
    response: UNTOUCHED,
    maxBodyBytes: MAX_BODY,
    websocket: false,
    learn: false,
  };
}
