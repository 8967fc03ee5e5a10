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
  const auth = await authentication(edge, url(edge.port), own);
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

/** What a token costs that the edge has not seen: alone, less the bare signature check in the same process; and in requests a second that all bring new ones. */
async function authentication(edge: Proxy, url: string, own: Issuer): Promise<Record<string, number>> {
  const script = await coldScript(own);
  const rates: number[] = [];
  const beyond: number[] = [];
  const checks: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    rates.push(await wrk(url, SECONDS, ['X-Bench: cold'], script));
    const tokens = await Promise.all(Array.from({ length: PROOFS }, () => own.token()));
    const { verifyUs, proveUs } = await ask<{ verifyUs: number; proveUs: number }>(edge, {
      proving: { proof: own.proof, jwk: own.jwk, tokens },
    });
    checks.push(verifyUs);
    beyond.push(proveUs - verifyUs);
  }
  say(
    `a new token: ${rates.map(figure).join(' ')} requests/s; beyond the signature check of ${figure(median(checks))} µs: ${beyond.map(figure).join(' ')} µs`,
  );
  return {
    coldRps: figure(median(rates)),
    authUs: figure(median(beyond)),
    signatureUs: figure(median(checks)),
  };
}

const PROOFS = 6_000;
