import type { AskSummary, Vendor } from '@loupe/contract';
import type { Clock } from '#kernel';
import type { DatabasePlace } from '#storage';
import { askStateOf } from './asks/asks.ts';
import { openQuestionnaires } from './asks/questionnaires.ts';
import { readShops } from './read-shops.ts';
import { openConnections } from './vendors/connections.ts';
import { decidedOf, exceptedOf, openDecisions } from './vendors/decisions.ts';
import { vendorStanding } from './vendors/gate.ts';
import { openRegister } from './vendors/register.ts';

/** The third parties of one shop, and what was asked, as the command line lists them. */
export interface RegisterListing {
  readonly shop: string;
  readonly host: string;
  readonly vendors: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: string;
    readonly standing: Vendor['standing'];
    readonly until: number | null;
    readonly lookedAt: number | null;
  }[];
  /** Plugged in, and nobody's. */
  readonly strangers: readonly { readonly kind: string; readonly name: string }[];
  readonly asks: readonly {
    readonly id: string;
    readonly title: string;
    readonly state: AskSummary['state'];
    readonly answered: number;
    readonly madeAt: number;
    readonly expiresAt: number;
  }[];
}

/** The registers of all shops (or of one, by id or host), read beside a running control. */
export async function readRegisters(
  place: DatabasePlace,
  wanted: string | undefined,
  clock: Clock,
): Promise<readonly RegisterListing[]> {
  return await readShops(place, wanted, clock, (state) => {
    const now = clock.now();
    const register = openRegister(state, clock);
    const decisions = openDecisions(state, clock);
    const connections = openConnections(state, clock);
    const questionnaires = openQuestionnaires(state, clock);
    return async (shop): Promise<RegisterListing> => {
      const [vendors, decided, excepted, plugged, asks] = await Promise.all([
        register.list(shop.id),
        decisions.list(shop.id),
        decisions.exceptions(shop.id),
        connections.list(shop.id),
        state.kysely
          .selectFrom('ask')
          .selectAll()
          .where('shop_id', '=', shop.id)
          .orderBy('id', 'desc')
          .execute(),
      ]);
      return {
        shop: shop.id,
        host: shop.host,
        vendors: vendors.map((vendor) => {
          const own = decided.filter((decision) => decision.vendor_id === vendor.id);
          const subject = { id: vendor.id, retiredAt: vendor.retired_at };
          return {
            id: vendor.id,
            name: vendor.name,
            kind: vendor.kind,
            standing: vendorStanding(subject, own.map(decidedOf), excepted.map(exceptedOf), now),
            until: own[0]?.until ?? null,
            lookedAt: vendor.looked_at,
          };
        }),
        strangers: plugged
          .filter(
            (one) =>
              one.vendor_id === null &&
              one.gone_at === null &&
              one.state !== 'off' &&
              one.origin !== 'declared',
          )
          .map(({ kind, name }) => ({ kind, name })),
        asks: await Promise.all(
          asks.map(async (ask) => ({
            id: ask.id,
            title: (await questionnaires.byHash(ask.questionnaire_hash)).title,
            state: askStateOf(ask, now),
            answered: ask.answered_items,
            madeAt: ask.made_at,
            expiresAt: ask.expires_at,
          })),
        ),
      };
    };
  });
}
