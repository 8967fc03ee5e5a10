import { type Clock, newId } from '#kernel';
import { recordChange } from '../leaves.ts';
import { type Role, ROLES, type State } from '../state.ts';

/** What can be done with a shop. Every operation of the API declares one of these, or says that it needs none. */
export type Permission =
  | 'shop:read'
  | 'shop:look'
  | 'shop:edit'
  | 'shop:people'
  /** Put questions, agree on actions. */
  | 'ask:write'
  /** Keep the register, file papers, triage news. */
  | 'vendor:write'
  /** Let in: decide about third parties, enter exceptions. */
  | 'vendor:decide'
  /** Connect the platform, say whose changes are, take stock, finish privacy requests. */
  | 'platform:write'
  /** Decide what the edge lets through: routes, keys, clients, secrets, locks. */
  | 'edge:write'
  /** Plug in feeds, say what their contracts allow, accept or decline what is held. */
  | 'feed:write';

/** Which role may what. What is not named is denied. */
const ALLOWED: Readonly<Record<Role, readonly Permission[]>> = {
  owner: [
    'shop:read',
    'shop:look',
    'shop:edit',
    'shop:people',
    'ask:write',
    'vendor:write',
    'vendor:decide',
    'platform:write',
    'edge:write',
    'feed:write',
  ],
  developer: [
    'shop:read',
    'shop:look',
    'ask:write',
    'vendor:write',
    'platform:write',
    'edge:write',
    'feed:write',
  ],
  auditor: ['shop:read'],
};

export function mayDo(role: Role, permission: Permission): boolean {
  return ALLOWED[role].includes(permission);
}

export interface GrantInfo {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly from: number;
  readonly until: number | null;
}

/** Who has which part in which shop, and for how long. */
export interface Grants {
  /** The roles a person has in a shop at this moment. */
  rolesOf(personId: string, shopId: string): Promise<readonly Role[]>;
  add(grant: {
    readonly personId: string;
    readonly shopId: string;
    readonly role: Role;
    readonly until: number | null;
    readonly by: string;
  }): Promise<string>;
  end(shopId: string, grantId: string, by: string): Promise<boolean>;
  list(shopId: string): Promise<readonly GrantInfo[]>;
}

export function openGrants(state: State, clock: Clock): Grants {
  const live = (now: number) =>
    state.kysely
      .selectFrom('grant')
      .where('grant.from_at', '<=', now)
      .where('grant.ended_at', 'is', null)
      .where((where) => where.or([where('grant.until_at', 'is', null), where('grant.until_at', '>', now)]));
  return {
    async rolesOf(personId, shopId) {
      const rows = await live(clock.now())
        .select('grant.role')
        .where('grant.person_id', '=', personId)
        .where('grant.shop_id', '=', shopId)
        .execute();
      return ROLES.filter((role) => rows.some((row) => row.role === role));
    },
    async add({ personId, shopId, role, until, by }) {
      const now = clock.now();
      const id = newId('grt', now);
      await state.transaction(async (tx) => {
        await tx
          .insertInto('grant')
          .values({
            id,
            person_id: personId,
            shop_id: shopId,
            role,
            from_at: now,
            until_at: until,
            ended_at: null,
            made_by: by,
          })
          .execute();
        await recordChange(
          tx,
          { kind: 'grant-added', shop: shopId, by, body: { grant: id, person: personId, role, until } },
          now,
        );
      });
      return id;
    },
    async end(shopId, grantId, by) {
      const now = clock.now();
      return await state.transaction(async (tx) => {
        const ended = await tx
          .updateTable('grant')
          .set({ ended_at: now })
          .where('id', '=', grantId)
          .where('shop_id', '=', shopId)
          .where('ended_at', 'is', null)
          .executeTakeFirst();
        if (ended.numUpdatedRows === 0n) return false;
        await recordChange(tx, { kind: 'grant-ended', shop: shopId, by, body: { grant: grantId } }, now);
        return true;
      });
    },
    async list(shopId) {
      const rows = await live(clock.now())
        .innerJoin('person', 'person.id', 'grant.person_id')
        .select([
          'grant.id',
          'grant.person_id',
          'person.name',
          'person.email',
          'grant.role',
          'grant.from_at',
          'grant.until_at',
        ])
        .where('grant.shop_id', '=', shopId)
        .orderBy('grant.id')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        personId: row.person_id,
        name: row.name,
        email: row.email,
        role: row.role,
        from: row.from_at,
        until: row.until_at,
      }));
    },
  };
}
