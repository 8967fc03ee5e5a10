import type { AskItem, SeenBeside } from '@loupe/contract';
import type { Clock } from '#kernel';
import type { Observation } from '#plane';
import type { Observations } from '../looks/observations.ts';
import { checkTitle, observationSentence, withNames } from '../messages/answers.ts';
import type { Connections } from '../vendors/connections.ts';
import type { Register } from '../vendors/register.ts';
import type { AskRow } from './asks.ts';

/** What was seen, for one ask: of the shop's own host for its developer, of a third party's own hosts for that third party. Nothing else. */
export interface SeenFor {
  /** The fresh observations that an item is set beside. */
  of(item: AskItem): readonly Observation[];
  beside(item: AskItem): readonly SeenBeside[];
}

export async function seenFor(
  ask: AskRow,
  observations: Observations,
  parties: { readonly register: Register; readonly connections: Connections },
  clock: Clock,
): Promise<SeenFor> {
  const now = clock.now();
  const [newest, vendors, plugged] = await Promise.all([
    observations.newest(ask.shop_id),
    parties.register.list(ask.shop_id),
    parties.connections.list(ask.shop_id),
  ]);
  const names = new Map([...vendors, ...plugged].map((one) => [one.id, one.name]));
  const fresh = newest.filter((o) => o.source === 'seen' && o.validUntil > now);
  const vendor = vendors.find((one) => one.id === ask.vendor_id) ?? null;
  const own = new Set(vendor === null ? [] : [...vendor.hosts, ...vendor.apiHosts]);
  const of = (item: AskItem): readonly Observation[] =>
    fresh.filter((observation) =>
      ask.vendor_id === null
        ? item.seen.includes(observation.check)
        : own.has(observation.subject) && item.seen.some((check) => observation.check === `vendor.${check}`),
    );
  return {
    of,
    beside: (item) =>
      of(item)
        .filter((observation) => observation.outcome !== 'not-applicable')
        .map((observation) => ({
          check: observation.check,
          title: checkTitle(observation.check),
          outcome: observation.outcome,
          sentence: observationSentence(withNames(observation, names)),
          subject: observation.subject,
          observedAt: observation.observedAt,
          observation: observation.id,
        })),
  };
}
