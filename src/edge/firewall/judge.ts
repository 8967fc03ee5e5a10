import { asBuffer } from '#kernel';
import { type Exclusion, type Firewall, type Judged, type RemovedTarget, removedTargets } from '#waf';
import type { Inspected } from './inspection-words.ts';

const HERE = { address: '127.0.0.1', port: 443 };

/** Exclusions of routes, made ready once for as long as their policy is in force. */
const ready = new WeakMap<readonly Exclusion[], readonly RemovedTarget[]>();

function removed(exclusions: readonly Exclusion[]): readonly RemovedTarget[] {
  const found = ready.get(exclusions) ?? removedTargets(exclusions);
  ready.set(exclusions, found);
  return found;
}

/** Asks an engine about a request. */
export function judge(firewall: Firewall, request: Inspected): Judged {
  return firewall.judge({
    connection: {
      id: request.reference,
      at: request.at,
      client: { address: request.client, port: 0 },
      server: HERE,
    },
    head: request.head,
    body: asBuffer(request.body),
    beyond: request.beyond,
    exclusions: removed(request.exclusions),
  });
}
