// A process of the bench that does with a file of RapNet's what the worker does. It talks to the bench over IPC.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ANY, FETCH_BOUNDS, type KeptLoad, makeCatalogue, openSession, performLoad, PROVIDERS } from '#feeds';
import { newId } from '#kernel';
import { openOutbound } from '#outbound';
import { openSealing } from '#storage';
import { runInBackground } from '../../src/bin/background.ts';

export interface LoaderOptions {
  readonly folder: string;
  readonly ca: string;
  readonly port: number;
}
/** What a loader is asked: to load, beside the load before where there was one. */
export interface LoadAsked {
  /** Whether rows that are as they were may be taken over. */
  readonly typedAlike: boolean;
}
export interface LoadTold {
  readonly loadS: number;
  readonly publishS: number;
  readonly rows: number;
  readonly repriced: number;
  readonly shown: number;
  readonly peakMb: number;
}

/** What shops show are thousands. */
const SHOWN = 20_000;

function loader({ folder, ca, port }: LoaderOptions): void {
  // As the worker does.
  runInBackground();
  const provider = PROVIDERS.find(({ id }) => id === 'rapnet');
  if (provider === undefined) throw new TypeError('RapNet');
  const hashKey = randomBytes(16);
  const outbound = openOutbound({
    allowNetworks: ['127.0.0.1'],
    extraCa: [ca],
    resolver: null,
    userAgent: 'LoupeBench/1',
    connectTo: Object.fromEntries(provider.hosts.map((host) => [`${host}:443`, `127.0.0.1:${port}`])),
  });
  let before: KeptLoad | null = null;

  async function load({ typedAlike }: LoadAsked): Promise<LoadTold> {
    if (provider === undefined) throw new TypeError('RapNet');
    const begin = performance.now();
    const files = openSealing();
    const own: KeptLoad = { id: newId('lod', Date.now()), folder, key: randomBytes(32), files };
    const report = await performLoad(
      {
        provider,
        load: own,
        before: before === null ? null : { ...before, files, pricesAccepted: false },
        typedAlike,
        hashKey,
        releases: [],
        maxBytes: FETCH_BOUNDS.maxBytes,
        maxRows: 6_000_000,
        at: Date.now(),
        keepDays: 30,
        lookUp: null,
        onProgress: () => undefined,
      },
      openSession({
        outbound,
        hosts: provider.hosts,
        credentials: { username: 'bench', password: 'bench' },
        gapMs: 0,
        plain: false,
        handedIn: null,
        bounds: FETCH_BOUNDS,
        signal: new AbortController().signal,
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      }),
    );
    const loaded = performance.now();
    const made = await makeCatalogue(
      {
        feed: 'fed_bench',
        provider,
        load: { ...own, pricesAccepted: false },
        entitlement: {
          store: true,
          keepDays: 30,
          replay: true,
          prices: 'own',
          show: ['certificate', 'media', 'measurements'],
          paper: 'bench',
        },
        choice: { shown: [], hidden: [], most: SHOWN },
        rules: {
          currency: 'USD',
          ratePpm: 1_000_000,
          rules: [{ when: ANY, markupBp: 3_000, addMinor: 0 }],
          stepMinor: 100,
          lessMinor: 0,
          floorMinor: 0,
          belowCostUntil: null,
        },
        now: Date.now(),
      },
      join(folder, 'window'),
    );
    await files.close();
    before = own;
    return {
      loadS: (loaded - begin) / 1_000,
      publishS: (performance.now() - loaded) / 1_000,
      rows: report.loaded.comparison.rows,
      repriced: report.loaded.comparison.repriced,
      shown: made.rows,
      // maxRSS is in kilobytes.
      peakMb: process.resourceUsage().maxRSS / 1_024,
    };
  }
  process.on('message', (asked: LoadAsked) => void load(asked).then((told) => process.send?.(told)));
  process.send?.({ port });
}

loader(JSON.parse(process.argv[2] ?? '{}'));
