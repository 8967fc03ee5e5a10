import type { Kysely } from 'kysely';

/** What edges are told, and which edges there are. */
export interface EdgeTables {
  edge_route: {
    id: string;
    shop_id: string;
    /** JSON of a RouteGiven. */
    rule: string;
    /** What it was before the last change; null: it was not changed. */
    rule_before: string | null;
    made_at: number;
    changed_at: number;
    changed_by: string;
    ended_at: number | null;
  };
  edge_credential: {
    id: string;
    shop_id: string;
    kind: 'key' | 'client';
    name: string;
    /** JSON: SHA-256 of each secret that is good, the newest first; of a client two while one is changed. */
    hashes: string;
    scopes: string;
    made_at: number;
    made_by: string;
    secret_at: number;
    /** Tokens made before are void. */
    since: number;
    until_at: number | null;
    used_at: number | null;
    ended_at: number | null;
  };
  edge_secret: {
    id: string;
    shop_id: string;
    name: string;
    /** Sealed by the keeper; never opened here. */
    sealed: string;
    /** `shared`: for signatures. `token-key`, `pseudonym-key`: Loupe's own. */
    purpose: 'shared' | 'token-key' | 'pseudonym-key';
    made_at: number;
    made_by: string;
    ended_at: number | null;
  };
  edge_tokens: {
    shop_id: string;
    issuer: string;
    hosts: string;
    path: string;
    lifetime_ms: number;
    secret_id: string;
  };
  edge_revoked: { shop_id: string; kind: 'jti' | 'subject'; value: string; before_at: number };
  edge_lift: { shop_id: string; lock: string; at: number; by: string };
  edge_integration: {
    id: string;
    shop_id: string;
    name: string;
    /** JSON of an IntegrationGiven. */
    rule: string;
    /** The register's entry for its host. */
    connection_id: string;
    is_on: number;
    made_at: number;
    turned_at: number;
    turned_by: string;
    ended_at: number | null;
  };
  edge_broker_token: { shop_id: string; hashes: string; made_at: number };
  /** Disclosures that are in the ledger, so that one told twice is there once. */
  edge_disclosure: { edge: string; boot: string; seq: number };
  rule_pack: {
    /** SHA-256 of its bytes, hexadecimal. */
    id: string;
    name: string;
    version: string;
    made_on: string;
    rules: number;
    source: 'folder' | 'release';
    added_at: number;
    added_by: string;
  };
  /** Which rules inspect a shop's requests; no row: Loupe's own. Packs by their ids, or `own`. */
  shop_firewall: {
    shop_id: string;
    enforced: string;
    candidate: string | null;
    before: string | null;
    changed_at: number;
    changed_by: string;
  };
  edge_process: {
    name: string;
    key_id: string;
    jwk: string;
    boot: string;
    version: number;
    refused: string | null;
    /** JSON: what it says of itself. */
    state: string;
    seen_at: number;
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- part of an owner's migration, see Migration
export async function createEdgeTables(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('edge_route')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_by', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('edge_route_by_shop')
    .on('edge_route')
    .columns(['shop_id', 'ended_at'])
    .execute();
  await db.schema
    .createTable('edge_credential')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('hashes', 'text', (c) => c.notNull())
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .addColumn('secret_at', 'bigint', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('until_at', 'bigint')
    .addColumn('used_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createTable('edge_secret')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('sealed', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createTable('edge_tokens')
    .addColumn('shop_id', 'text', (c) => c.primaryKey().references('shop.id'))
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('hosts', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('lifetime_ms', 'bigint', (c) => c.notNull())
    .addColumn('secret_id', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('edge_revoked')
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('before_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('edge_revoked_key', ['shop_id', 'kind', 'value'])
    .execute();
  await db.schema
    .createTable('edge_lift')
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('lock', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('edge_lift_key', ['shop_id', 'lock'])
    .execute();
  await db.schema
    .createTable('edge_integration')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('connection_id', 'text', (c) => c.notNull())
    .addColumn('is_on', 'integer', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('turned_at', 'bigint', (c) => c.notNull())
    .addColumn('turned_by', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createTable('edge_broker_token')
    .addColumn('shop_id', 'text', (c) => c.primaryKey().references('shop.id'))
    .addColumn('hashes', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('edge_disclosure')
    .addColumn('edge', 'text', (c) => c.notNull())
    .addColumn('boot', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('edge_disclosure_key', ['edge', 'boot', 'seq'])
    .execute();
  await db.schema
    .createTable('edge_process')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('jwk', 'text', (c) => c.notNull())
    .addColumn('boot', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('refused', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .execute();
}

/** Lets the last change of a route be undone. */
export async function addRuleBefore(db: Kysely<EdgeTables>): Promise<void> {
  await db.schema.alterTable('edge_route').addColumn('rule_before', 'text').execute();
}

/** Rule packs of the firewall, and which a shop goes by. */
// oxlint-disable-next-line typescript/no-explicit-any -- part of an owner's migration, see Migration
export async function addRulePacks(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('rule_pack')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('made_on', 'text', (c) => c.notNull())
    .addColumn('rules', 'integer', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('added_at', 'bigint', (c) => c.notNull())
    .addColumn('added_by', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('shop_firewall')
    .addColumn('shop_id', 'text', (c) => c.primaryKey().references('shop.id'))
    .addColumn('enforced', 'text', (c) => c.notNull())
    .addColumn('candidate', 'text')
    .addColumn('before', 'text')
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_by', 'text', (c) => c.notNull())
    .execute();
}
