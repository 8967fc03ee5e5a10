import type { FeedLoad } from '@loupe/contract';
import { day } from '../../parts/time.ts';
import { count } from './figures.ts';

const WIDTH = 600;
const HEIGHT = 120;
const GAP = 2;

/** Loads side by side: how many stones, how many of them in quarantine, and which load waits. The same stands in words below. */
export function Trend({ loads }: { readonly loads: readonly FeedLoad[] }) {
  const shown = loads
    .filter((one) => one.counts !== null)
    .slice(0, 40)
    .toReversed();
  if (shown.length < 2) return null;
  const most = Math.max(...shown.map((one) => one.counts?.rows ?? 0), 1);
  const width = WIDTH / Math.max(12, shown.length);
  const [first, last] = [shown[0], shown.at(-1)];
  return (
    <figure className="trend">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Stones in each of the last ${shown.length} loads, from ${count(first?.counts?.rows ?? 0)} to ${count(last?.counts?.rows ?? 0)}`}
      >
        {shown.map(({ id, state, counts }, i) => {
          const rows = ((counts?.rows ?? 0) / most) * HEIGHT;
          const kept = ((counts?.quarantined ?? 0) / most) * HEIGHT;
          return (
            <g key={id} className={state === 'good' ? 'taken' : state === 'held' ? 'waits' : 'left'}>
              <rect x={i * width} y={HEIGHT - rows} width={width - GAP} height={rows} />
              <rect className="kept" x={i * width} y={HEIGHT - kept} width={width - GAP} height={kept} />
            </g>
          );
        })}
      </svg>
      <figcaption className="soft">
        Stones in each load since {day(first?.startedAt ?? 0)}: accepted ones full, one that waits in amber,
        others outlined; what is in quarantine in red.
      </figcaption>
    </figure>
  );
}
