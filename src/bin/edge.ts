import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ConsolePlace, startEdge } from '#edge';
import { steadyClock } from '#kernel';
import { logError, runProcess } from './process.ts';
import { ownPack } from './rule-packs.ts';
import { countersOf, readSettings, type Settings, socketsOf, USER_AGENT } from './settings.ts';

/** How issuers' keys are fetched where the config says nothing else: from the public internet alone. */
const PUBLIC = { allowNetworks: [], extraCa: [], resolver: null, connectTo: {} };

/** Where the edge finds control: on the address that it listens at, which is loopback unless somebody said otherwise. */
function consoleOf({ listen, publicNames }: Settings, port: string | undefined): ConsolePlace {
  const host = listen.host === '0.0.0.0' || listen.host === '::' ? '127.0.0.1' : listen.host;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${port ?? listen.port}`,
    names: publicNames,
  };
}

await runProcess('edge', async () => {
  const { values, positionals } = parseArgs({
    options: {
      name: { type: 'string' },
      'publication-key': { type: 'string' },
      'control-port': { type: 'string' },
      orders: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const settings = readSettings(positionals[0]);
  const name = values.name ?? 'edge-1';
  const own = settings.edge;
  if (own === null) throw new TypeError('the config has no edge');
  const edge = await startEdge({
    name,
    folder: join(settings.dataDir, 'edge'),
    listeners: own.listeners.map((place) => ({ ...place, shared: own.processes > 1 })),
    certificates: own.certificates,
    acme:
      own.acme === null
        ? null
        : {
            ...own.acme,
            orders: values.orders === true,
            outbound: { ...(settings.reach['acme'] ?? PUBLIC), userAgent: USER_AGENT },
          },
    console: own.console ? consoleOf(settings, values['control-port']) : null,
    trustedProxies: own.trustedProxies,
    onlyProxies: own.onlyProxies,
    firewall: ownPack(),
    broker: own.broker === null ? null : { ...own.broker, shared: own.processes > 1 },
    countersUrl: countersOf(settings),
    controlSocket: socketsOf(settings).edge,
    publicationKey: values['publication-key'] ?? '',
    outbound: { ...(settings.reach['issuers'] ?? PUBLIC), userAgent: USER_AGENT },
    maxSpoolBytes: own.maxSpoolBytes,
    clock: steadyClock(),
    onError: (error) => logError(name, error),
  });
  return { ready: { ports: edge.ports }, close: () => edge.close() };
});
