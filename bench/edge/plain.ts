// Plain proxying beside a bare undici proxy on the same core.
import { figure, median, say } from '../harness.ts';
import { configFile, held, type Proxy, PROXY_CORE, ROUNDS, route, SECONDS, WARM_S, wrk } from './tools.ts';

export async function plain(upstreamPort: number): Promise<Record<string, number>> {
  const edge = await held(PROXY_CORE, ['edge', configFile({ routes: [route(upstreamPort)] }, {})]);
  const undici = await held(PROXY_CORE, ['undici', String(upstreamPort)]);
  const url = (proxy: Proxy): string => `http://127.0.0.1:${proxy.port}/catalogue/rings?page=2`;
  const rates: { edge: number[]; undici: number[] } = { edge: [], undici: [] };
  for (const proxy of [edge, undici]) await wrk(url(proxy), WARM_S);
  for (let i = 0; i < ROUNDS; i++) {
    rates.undici.push(await wrk(url(undici), SECONDS));
    rates.edge.push(await wrk(url(edge), SECONDS));
  }
  edge.stop();
  undici.stop();
  say(
    `plain: edge ${rates.edge.map(figure).join(' ')}, bare undici ${rates.undici.map(figure).join(' ')} requests/s`,
  );
  return {
    ratioToUndici: figure(median(rates.edge) / median(rates.undici)),
    plainRps: figure(median(rates.edge)),
  };
}
