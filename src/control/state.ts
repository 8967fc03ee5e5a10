import {
  createJobTables,
  createOutboxTable,
  type Database,
  type DatabasePlace,
  type JobTables,
  type Migration,
  openDatabase,
  type OutboxTables,
} from '#storage';
import type { Outcome, ShopKind, Source } from '#plane';
import { type AskTables, createAskTables } from './asks/tables.ts';
import { addRuleBefore, addRulePacks, createEdgeTables, type EdgeTables } from './edges/tables.ts';
import {
  addDropsAndLiveFeeds,
  addListsExceptionsAndHooks,
  createFeedTables,
  type FeedTables,
} from './feeds/tables.ts';
import { createPlatformTables, type PlatformTables } from './platforms/tables.ts';
import { createVendorTables, type VendorTables } from './vendors/tables.ts';

export const ROLES = ['owner', 'developer', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** Control's own tables. Every row that belongs to a shop names it, and is never read without that name. */
export interface StateTables
  extends OutboxTables,
    JobTables,
    AskTables,
    VendorTables,
    PlatformTables,
    EdgeTables,
    FeedTables {
  shop: {
    id: string;
    name: string;
    address: string;
    host: string;
    kind: ShopKind | null;
    platform: string | null;
    sample: number;
    time_zone: string;
    locale: string;
    currency: string;
    looked_at: number | null;
    made_at: number;
    removed_at: number | null;
  };
  person: {
    id: string;
    /** Null until the person who claimed the installation gives one. */
    email: string | null;
    name: string;
    /** May add shops and people to the installation. */
    admin: number;
    password_hash: string | null;
    /** The TOTP secret, sealed by the keeper; null until set up. */
    totp_sealed: string | null;
    /** The last time step that was accepted: a code works once. */
    totp_step: number;
    /** SHA-256 of the recovery codes that are left, a JSON list. */
    recovery: string;
    made_at: number;
    disabled_at: number | null;
  };
  grant: {
    id: string;
    person_id: string;
    shop_id: string;
    role: Role;
    from_at: number;
    until_at: number | null;
    ended_at: number | null;
    made_by: string;
  };
  session: {
    /** SHA-256 of the cookie's token. */
    id: string;
    person_id: string;
    /** Signed in with both factors; until then only the second one can be given or set up. */
    complete: number;
    made_at: number;
    seen_at: number;
  };
  /** Single-use links: the set-up of an installation, the invitation of a person. */
  link: {
    /** SHA-256 of the token. */
    id: string;
    purpose: 'setup' | 'invite';
    person_id: string | null;
    expires_at: number;
    used_at: number | null;
  };
  lockout: {
    key: string;
    tries: number;
    first_at: number;
    locked_until: number | null;
  };
  observation: {
    id: string;
    shop_id: string;
    check_id: string;
    subject: string;
    outcome: Outcome;
    source: Source;
    figure: string | null;
    facts: string;
    observed_at: number;
    valid_until: number;
    evidence: string | null;
    /** Its number in the shop's log, once the ledger has it. */
    leaf: number | null;
  };
  anchor: {
    log: string;
    name: string;
    size: number;
    note: string;
    at: number;
  };
  idempotency: {
    id: string;
    status: number;
    body: string;
    made_at: number;
  };
}

export type State = Database<StateTables>;

const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-state',
    async up(db, engine) {
      await createOutboxTable(db, engine);
      await createJobTables(db, engine);
      await db.schema
        .createTable('shop')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('address', 'text', (c) => c.notNull())
        .addColumn('host', 'text', (c) => c.notNull())
        .addColumn('kind', 'text')
        .addColumn('platform', 'text')
        .addColumn('sample', 'integer', (c) => c.notNull())
        .addColumn('time_zone', 'text', (c) => c.notNull())
        .addColumn('locale', 'text', (c) => c.notNull())
        .addColumn('currency', 'text', (c) => c.notNull())
        .addColumn('looked_at', 'bigint')
        .addColumn('made_at', 'bigint', (c) => c.notNull())
        .addColumn('removed_at', 'bigint')
        .execute();
      await db.schema
        .createTable('person')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('email', 'text', (c) => c.unique())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('admin', 'integer', (c) => c.notNull())
        .addColumn('password_hash', 'text')
        .addColumn('totp_sealed', 'text')
        .addColumn('totp_step', 'bigint', (c) => c.notNull())
        .addColumn('recovery', 'text', (c) => c.notNull())
        .addColumn('made_at', 'bigint', (c) => c.notNull())
        .addColumn('disabled_at', 'bigint')
        .execute();
      await db.schema
        .createTable('grant')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('person_id', 'text', (c) => c.notNull().references('person.id'))
        .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
        .addColumn('role', 'text', (c) => c.notNull())
        .addColumn('from_at', 'bigint', (c) => c.notNull())
        .addColumn('until_at', 'bigint')
        .addColumn('ended_at', 'bigint')
        .addColumn('made_by', 'text', (c) => c.notNull())
        .execute();
      await db.schema.createIndex('grant_by_person').on('grant').columns(['person_id', 'shop_id']).execute();
      await db.schema
        .createTable('session')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('person_id', 'text', (c) => c.notNull().references('person.id'))
        .addColumn('complete', 'integer', (c) => c.notNull())
        .addColumn('made_at', 'bigint', (c) => c.notNull())
        .addColumn('seen_at', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('link')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('purpose', 'text', (c) => c.notNull())
        .addColumn('person_id', 'text')
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addColumn('used_at', 'bigint')
        .execute();
      await db.schema
        .createTable('lockout')
        .addColumn('key', 'text', (c) => c.primaryKey())
        .addColumn('tries', 'integer', (c) => c.notNull())
        .addColumn('first_at', 'bigint', (c) => c.notNull())
        .addColumn('locked_until', 'bigint')
        .execute();
      await db.schema
        .createTable('observation')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
        .addColumn('check_id', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('outcome', 'text', (c) => c.notNull())
        .addColumn('source', 'text', (c) => c.notNull())
        .addColumn('figure', 'text')
        .addColumn('facts', 'text', (c) => c.notNull())
        .addColumn('observed_at', 'bigint', (c) => c.notNull())
        .addColumn('valid_until', 'bigint', (c) => c.notNull())
        .addColumn('evidence', 'text')
        .addColumn('leaf', 'bigint')
        .execute();
      await db.schema
        .createIndex('observation_latest')
        .on('observation')
        .columns(['shop_id', 'check_id', 'observed_at'])
        .execute();
      await db.schema
        .createTable('anchor')
        .addColumn('log', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('size', 'bigint', (c) => c.notNull())
        .addColumn('note', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('anchor_key', ['log', 'name'])
        .execute();
      await db.schema
        .createTable('idempotency')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('status', 'integer', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addColumn('made_at', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
  { name: '0002-asks', up: createAskTables },
  { name: '0003-vendors', up: createVendorTables },
  { name: '0004-platforms', up: createPlatformTables },
  { name: '0005-edges', up: createEdgeTables },
  { name: '0006-route-undo', up: addRuleBefore },
  { name: '0007-feeds', up: createFeedTables },
  { name: '0008-lists-exceptions-hooks', up: addListsExceptionsAndHooks },
  { name: '0009-drops-live-feeds', up: addDropsAndLiveFeeds },
  { name: '0010-rule-packs', up: addRulePacks },
];

export async function openState(place: DatabasePlace): Promise<State> {
  return await openDatabase<StateTables>(place, MIGRATIONS);
}
