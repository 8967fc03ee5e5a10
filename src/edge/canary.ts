// The self-test's own corner: for each shop a host that no visitor can name, with a limit, a login and a leak of its own, and a tiny upstream behind. Requests to
// it go through everything that visitors' requests go through.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MINUTE_MS } from '#kernel';
import { FIREWALL_ON, type Route, selfTestHost, SELF_TEST_ROUTE } from '#plane';

export interface Canary {
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts the upstream of self-tests, on loopback. */
export async function openCanary(): Promise<Canary> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/login') response.writeHead(401).end();
    // A published test number (ISO/IEC 7812 check digit), never anybody's card.
    else if (request.url === '/leak')
      response.writeHead(200, { 'content-type': 'text/plain' }).end('4111 1111 1111 1111');
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The routes of a shop's self-test. */
export function canaryRoutes(shop: string, origin: string): Route[] {
  const open: Route = {
    id: SELF_TEST_ROUTE,
    name: 'Self-test',
    hosts: [selfTestHost(shop)],
    path: '/',
    methods: ['GET', 'POST'],
    upstream: { origin, timeoutMs: 5_000, host: null, extraCa: [], connections: 4 },
    proofs: [{ kind: 'public', owner: 'Loupe', reason: 'the daily self-test' }],
    limits: [],
    guards: [
      {
        id: 'self-test',
        what: 'login',
        methods: ['POST'],
        paths: ['/login'],
        missStatus: [401],
        missWords: [],
        per: ['account'],
        accountField: 'account',
        tries: 3,
        windowMs: 10 * MINUTE_MS,
        lockMs: MINUTE_MS,
        surge: null,
      },
    ],
    allow: null,
    graphql: null,
    firewall: FIREWALL_ON,
    response: {
      csp: null,
      nosniff: true,
      referrer: null,
      hardenCookies: null,
      stackTraces: 'block',
      cardNumbers: 'mask',
      secrets: 'mask',
      drop: [],
    },
    maxBodyBytes: 4_096,
    websocket: false,
    learn: false,
  };
  const limited: Route = {
    ...open,
    path: '/limited',
    guards: [],
    limits: [{ id: 'self-test', per: 'route', amount: 60, windowMs: MINUTE_MS, burst: 3 }],
  };
  return [open, limited];
}
