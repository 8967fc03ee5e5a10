// Requests through the whole edge, inspected, on one core: with the same rules as ModSecurity beside it, with Loupe's own, and with TLS, a token and limits on top.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIREWALL_ON } from '#plane';
import type { RulePack } from '#waf';
import { ownPack } from '../../src/bin/rule-packs.ts';
import { testAuthority } from '../../test/support/certificates.ts';
import { testListener } from '../../test/support/edge.ts';
import type { ModSecurity } from '../../test/support/modsecurity.ts';
import { issuer } from '../edge/tokens.ts';
import {
  configFile,
  held,
  LOAD_CORE,
  type Proxy,
  PROXY_CORE,
  ROUNDS,
  route,
  SECONDS,
  WARM_S,
  wrk,
} from '../edge/tools.ts';
import { figure, median, say } from '../harness.ts';
import { type BenchRequest, requestsOf } from './requests.ts';

/** More than are remembered between two rounds of them. */
const REQUESTS = 20_000;
const SEED = 11;

export async function throughEdge(rules: RulePack, other: ModSecurity): Promise<Record<string, number>> {
  const upstream = await held(LOAD_CORE, ['upstream']);
  const own = await issuer();
  const pem = await (await testAuthority()).issue(['shop.example', '127.0.0.1']);
  const inspected = (more: object = {}) => ({
    routes: [route(upstream.port, { hosts: ['shop.example'], firewall: FIREWALL_ON, ...more })],
  });
  const bounds = { perAddress: 20_000 };
  const edge = (firewall: RulePack, policy: object, options: object = {}): Promise<Proxy> =>
    held(PROXY_CORE, ['edge', configFile(policy, { firewall, bounds, ...options })]);
  const limits = ['address', 'caller'].map((per) => ({
    id: per,
    per,
    amount: 1_000_000,
    windowMs: 1_000,
    burst: 100_000,
  }));
  const full = {
    listeners: [testListener({ tls: true })],
    certificates: [{ cert: pem.certPath, key: pem.keyPath }],
  };
  const same = await edge(rules, inspected());
  const ours = await edge(ownPack(), inspected());
  const all = await edge(rules, inspected({ proofs: [own.proof], limits }), full);
  const requests = requestsOf('get', REQUESTS, SEED);
  const script = scriptOf(requests, null);
  const withToken = scriptOf(requests, await own.token());
  const rates = { same: [] as number[], ours: [] as number[], all: [] as number[], other: [] as number[] };
  const at = ({ port }: { readonly port: number }, scheme = 'http'): string =>
    `${scheme}://127.0.0.1:${port}/`;
  for (const [url, lua] of [
    [at(same), script],
    [at(ours), script],
    [at(all, 'https'), withToken],
  ] as const)
    await wrk(url, WARM_S, [], lua);
  for (let i = 0; i < ROUNDS; i += 1) {
    rates.other.push(await wrk(at(other), SECONDS, [], script));
    rates.same.push(await wrk(at(same), SECONDS, [], script));
    rates.ours.push(await wrk(at(ours), SECONDS, [], script));
    rates.all.push(await wrk(at(all, 'https'), SECONDS, [], withToken));
  }
  for (const proxy of [same, ours, all, upstream]) proxy.stop();
  for (const [name, list] of Object.entries(rates))
    say(`through the edge, ${name}: ${list.map(figure).join(' ')} GET/s`);
  return {
    edgeRps: figure(median(rates.same)),
    edgeRatio: figure(median(rates.same) / median(rates.other)),
    edgeOwnRulesRps: figure(median(rates.ours)),
    edgeFullRps: figure(median(rates.all)),
  };
}

/** A wrk script that sends these in turn, round and round. */
function scriptOf(requests: readonly BenchRequest[], token: string | null): string {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-bench-'));
  const lines = requests.map(({ target, headers }) =>
    [target, ...headers.map(([name, value]) => `${name}\t${value}`)].join('\n'),
  );
  writeFileSync(join(dir, 'requests'), `${lines.join('\n\n')}\n\n`);
  const script = join(dir, 'requests.lua');
  writeFileSync(
    script,
    `local requests, n = {}, 0
local target, headers = nil, {}
for line in io.lines("${join(dir, 'requests')}") do
  if line == "" then
    ${token === null ? '' : `headers["Authorization"] = "Bearer ${token}"`}
    requests[#requests + 1] = wrk.format("GET", target, headers)
    target, headers = nil, {}
  elseif target == nil then target = line
  else local name, value = line:match("^([^\\t]*)\\t(.*)$"); headers[name] = value end
end
request = function()
  n = n % #requests + 1
  return requests[n]
end
`,
  );
  return script;
}
