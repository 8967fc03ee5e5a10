import { readFileSync } from 'node:fs';
import { DUTY_HOLDERS, type Responsibility } from '@loupe/contract';
import { z } from 'zod';
import type { Clock } from '#kernel';
import type { ShopKind } from '#plane';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State } from '../state.ts';

const holder = z.enum(DUTY_HOLDERS);
const schema = z.strictObject({
  about: z.string(),
  version: z.string(),
  reviewed: z.string(),
  requirements: z.array(
    z.strictObject({
      id: z.string(),
      text: z.string(),
      note: z.string().optional(),
      usually: z.strictObject({
        hosted: z.enum(['provider', 'developer', 'us']),
        headless: z.enum(['provider', 'developer', 'us']),
        'self-hosted': z.enum(['provider', 'developer', 'us']),
      }),
    }),
  ),
});

/** The requirements whose holder is to be written down. */
const REQUIREMENTS = schema.parse(
  JSON.parse(readFileSync(new URL('../../../rules/responsibilities.json', import.meta.url), 'utf8')),
);

type Holder = z.infer<typeof holder>;

/** Whose each requirement is: PCI DSS 12.8.5. */
export interface Responsibilities {
  list(shopId: string, kind: ShopKind | null): Promise<readonly Responsibility[]>;
  /** Throws `control/not-found` for a requirement that is not in the list. */
  set(
    shopId: string,
    requirement: string,
    given: { readonly who: Holder; readonly vendor: string | null },
    by: string,
  ): Promise<void>;
}

export function openResponsibilities(state: State, clock: Clock): Responsibilities {
  const db = state.kysely;
  return {
    async list(shopId, kind) {
      const rows = await db.selectFrom('responsibility').selectAll().where('shop_id', '=', shopId).execute();
      return REQUIREMENTS.requirements.map((requirement): Responsibility => {
        const row = rows.find((set) => set.requirement === requirement.id);
        const usual = requirement.usually[kind ?? 'self-hosted'];
        return {
          requirement: requirement.id,
          text: requirement.text,
          note: requirement.note ?? null,
          // On a hosted shop the provider of most of it is the platform itself.
          usually: usual === 'provider' && kind === 'hosted' ? 'platform' : usual,
          who: row?.who ?? null,
          vendor: row?.vendor_id ?? null,
          at: row?.at ?? null,
        };
      });
    },
    async set(shopId, requirement, { who, vendor }, by) {
      if (!REQUIREMENTS.requirements.some((known) => known.id === requirement))
        throw controlError('control/not-found');
      const now = clock.now();
      const values = { who, vendor_id: vendor, by, at: now };
      await state.transaction(async (tx) => {
        await tx
          .insertInto('responsibility')
          .values({ shop_id: shopId, requirement, ...values })
          .onConflict((conflict) => conflict.columns(['shop_id', 'requirement']).doUpdateSet(values))
          .execute();
        const body = { requirement, who, vendor, rulebook: REQUIREMENTS.version };
        await recordChange(tx, { kind: 'responsibility-set', shop: shopId, by, body }, now);
      });
    },
  };
}
