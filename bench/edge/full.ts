// Everything on (TLS, JWT, limits, an OpenAPI allowlist) beside nginx with TLS and limit_req, which looks at no token and no list.
import { existsSync } from 'node:fs';
import { testAuthority } from '../../test/support/certificates.ts';
import { NGINX } from '../../test/support/daemons.ts';
import { testListener } from '../../test/support/edge.ts';
import { figure, median, percentile, say } from '../harness.ts';
import { coldScript, type Issuer, issuer } from './tokens.ts';
import {
  ask,
  configFile,
  held,
  nginxProxy,
  type Proxy,
  PROXY_CORE,
  ROUNDS,
  route,
  SECONDS,
  steady,
  WARM_S,
  wrk,
} from './tools.ts';

/** What a small API would list. */
export const DOCUMENT = {
  openapi: '3.1.0',
  paths: {
    '/catalogue/{kind}': {
      get: {
        parameters: [
          { name: 'kind', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } },
          { name: 'page', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1_000 } },
        ],
      },
    },
  },
};

export async function full(upstreamPort: number): Promise<Record<string, number>> {
  const pem = await (await testAuthority()).issue(['bench.test', '127.0.0.1']);
  const own = await issuer();
  const token = await own.token();
  const guarded = route(upstreamPort, {
    proofs: [own.proof],
    limits: [
      { id: 'address', per: 'address', amount: 1_000_000, windowMs: 1_000, burst: 100_000 },
      { id: 'caller', per: 'caller', amount: 1_000_000, windowMs: 1_000, burst: 100_000 },
    ],
    allow: { mode: 'enforce', document: DOCUMENT },
  });
  const options = {
    listeners: [testListener({ tls: true })],
    certificates: [{ cert: pem.certPath, key: pem.keyPath }],
    bounds: { perAddress: 20_000 },
  };
  const edge = await held(PROXY_CORE, ['edge', configFile({ routes: [guarded] }, options)]);
  const url = (port: number): string => `https://127.0.0.1:${port}/catalogue/rings?page=2`;
  const headers = [`Authorization: Bearer ${token}`];
  const nginx = existsSync(NGINX) ? await nginxProxy(upstreamPort, pem) : null;
  await wrk(url(edge.port), WARM_S, headers);
  const rates: { edge: number[]; nginx: number[] } = { edge: [], nginx: [] };
  for (let i = 0; i < ROUNDS; i++) {
    if (nginx !== null) rates.nginx.push(await wrk(url(nginx.port), SECONDS));
    rates.edge.push(await wrk(url(edge.port), SECONDS, headers));
  }
  const rps = median(rates.edge);
  const times = [];
  for (let i = 0; i < 3; i++)
    times.push(percentile(await steady(url(edge.port), Math.round(rps * 0.7), SECONDS * 2, headers), 0.99));
  say(
    `everything on: edge ${rates.edge.map(figure).join(' ')}, nginx with TLS and limit_req ${rates.nginx.map(figure).join(' ')} requests/s; p99 at 70 % ${times.map(figure).join(' ')} ms`,
  );
  const auth = await authentication(edge, url(edge.port), own, headers);
  const changed = [];
  for (let i = 0; i < 5; i++) {
    const begin = performance.now();
    await ask(edge, { policy: { routes: [guarded] } });
    changed.push(performance.now() - begin);
  }
  nginx?.stop();
  edge.stop();
  return {
    fullRps: figure(rps),
    p99Ms: figure(median(times)),
    ...(nginx === null ? {} : { nginxRps: figure(median(rates.nginx)) }),
    ...auth,
    policyMs: figure(median(changed)),
  };
}

/**
 * What a token costs that the edge has not seen. CPU of the whole process, threads of the signature check included: a request with a new token, less one
 * with a known token, less the bare signature check in the same process.
 */
async function authentication(
  edge: Proxy,
  url: string,
  own: Issuer,
  headers: readonly string[],
): Promise<Record<string, number>> {
  const script = await coldScript(own);
  const rates: number[] = [];
  const beyond: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const warm = await cpuUs(edge, () => wrk(url, SECONDS, headers));
    const cold = await cpuUs(edge, () => wrk(url, SECONDS, ['X-Bench: cold'], script));
    const { verifyUs } = await ask<{ verifyUs: number }>(edge, {
      verify: { jwk: own.jwk, token: await own.token() },
    });
    rates.push(cold.perS);
    beyond.push(cold.us - warm.us - verifyUs);
    say(
      `one request: ${figure(warm.us)} µs with a known token, ${figure(cold.us)} with a new one; a signature check ${figure(verifyUs)}`,
    );
  }
  return { coldRps: figure(median(rates)), authUs: figure(median(beyond)) };
}

/** CPU of the edge per request while something asks. */
async function cpuUs(edge: Proxy, load: () => Promise<number>): Promise<{ perS: number; us: number }> {
  const { cpu: before } = await ask<{ cpu: number }>(edge, { cpu: true });
  const perS = await load();
  const { cpu: after } = await ask<{ cpu: number }>(edge, { cpu: true });
  return { perS, us: (after - before) / (perS * SECONDS) };
}
