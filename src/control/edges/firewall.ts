// What the firewall did, explained; and exclusions, which people make of it.
import type { FirewallExclusion } from '#plane';
import { controlError } from '../errors.ts';
import type { EdgeEvents } from './events.ts';
import { explain, type Explanation, type InspectionTold } from './explain.ts';
import type { EdgeRoutes } from './routes.ts';
import type { RulePacks } from './rule-packs.ts';

/** One request as the firewall met it. */
export interface ExplainedRequest extends Explanation {
  readonly reference: string;
  readonly shop: string;
  readonly at: number;
  readonly route: { readonly id: string; readonly name: string } | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly refused: boolean;
  readonly mode: 'watch' | 'block';
  readonly pack: string;
  readonly undecided: string | null;
  readonly score: number;
  readonly threshold: number | null;
  /** Whether the smallest exclusions stand at the route already. */
  readonly excluded: boolean;
}

export interface EdgeFirewall {
  /** Explains the request that a reference names; `shopId` null: of any shop. Throws `control/not-found` where the firewall had nothing to do with it. */
  explain(shopId: string | null, reference: string): Promise<ExplainedRequest>;
  /** Makes the smallest exclusions that would let a request pass, at its route; with `undo`, takes them away. Throws `control/not-found` where there are none. */
  exclude(
    shopId: string | null,
    reference: string,
    undo: boolean,
    by: string,
  ): Promise<{ readonly route: string; readonly exclusions: readonly FirewallExclusion[] }>;
}

export function openEdgeFirewall(events: EdgeEvents, routes: EdgeRoutes, packs: RulePacks): EdgeFirewall {
  async function explained(shopId: string | null, reference: string): Promise<ExplainedRequest> {
    const event = await events.byReference(reference);
    if (event === null || (shopId !== null && event.shop_id !== shopId))
      throw controlError('control/not-found');
    const body: {
      readonly firewall?: InspectionTold;
      readonly method?: string;
      readonly path?: string;
      readonly status?: number;
    } = JSON.parse(event.body);
    if (body.firewall === undefined) throw controlError('control/not-found');
    const told = body.firewall;
    const route = (await routes.list(event.shop_id)).find(({ id }) => id === event.route_id);
    const { rules, exclusions } = explain(told, await packs.rulesOf(told.pack));
    const standing = route?.rule.firewall.exclusions ?? [];
    return {
      rules,
      exclusions,
      reference,
      shop: event.shop_id,
      at: event.at,
      route: route === undefined ? null : { id: route.id, name: route.rule.name },
      method: body.method ?? '',
      path: body.path ?? '',
      status: body.status ?? 0,
      refused: event.refused === 1,
      mode: told.mode,
      pack: told.pack,
      undecided: told.undecided ?? null,
      score: told.score ?? 0,
      threshold: told.threshold ?? null,
      excluded:
        exclusions.length > 0 &&
        exclusions.every(({ rule, field }) =>
          standing.some((one) => one.rule === rule && one.field === field),
        ),
    };
  }

  return {
    explain: explained,
    async exclude(shopId, reference, undo, by) {
      const { shop, route, exclusions } = await explained(shopId, reference);
      if (route === null || exclusions.length === 0) throw controlError('control/not-found');
      if (undo) await routes.include(shop, route.id, exclusions, by);
      else await routes.exclude(shop, route.id, exclusions, by);
      return { route: route.name, exclusions };
    },
  };
}
