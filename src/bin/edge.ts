import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEdge } from '#edge';
import { steadyClock } from '#kernel';
import { logError, runProcess } from './process.ts';
import { countersOf, readSettings, socketsOf, USER_AGENT } from './settings.ts';

/** How issuers' keys are fetched where the config says nothing else: from the public internet alone. */
const PUBLIC = { allowNetworks: [], extraCa: [], resolver: null, connectTo: {} };

await runProcess('edge', async () => {
  const { values, positionals } = parseArgs({
    options: { name: { type: 'string' }, 'publication-key': { type: 'string' } },
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
    trustedProxies: own.trustedProxies,
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
