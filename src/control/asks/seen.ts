import type { AskItem, SeenBeside } from '@loupe/contract';
import type { Clock } from '#kernel';
import type { Observation } from '#plane';
import type { Observations } from '../looks/observations.ts';
import { checkTitle, observationSentence } from '../messages/answers.ts';
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
  register: Register,
  clock: Clock,
): Promise<SeenFor> {
  const now = clock.now();
  const fresh = (await observations.newest(ask.shop_id)).filter(
    (o) => o.source === 'seen' && o.validUntil > now,
  );
  const vendor = ask.vendor_id === null ? null : await register.get(ask.shop_id, ask.vendor_id);
  const own = new Set(vendor === null ? [] : [...vendor.hosts, ...vendor.apiHosts]);
  const of = (item: AskItem): readonly Observation[] =>
    fresh.filter((observation) =>
      vendor === null
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
          sentence: observationSentence(observation),
          subject: observation.subject,
          observedAt: observation.observedAt,
          observation: observation.id,
        })),
  };
}
