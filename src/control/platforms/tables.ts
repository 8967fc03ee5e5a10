import type { Kysely } from 'kysely';
import type { ChangeAction, ItemKind, PlatformName, ReadFailure, Weight } from '#platform';

export type HookupState = 'connected' | 'refused' | 'left';

/** The platform of a shop, what is known of it, and what changed. */
export interface PlatformTables {
  hookup: {
    id: string;
    shop_id: string;
    platform: PlatformName;
    domain: string;
    state: HookupState;
    client_id: string;
    /** Sealed by the keeper; null once left. */
    secret_sealed: string | null;
    secret_at: number;
    /** The secret before, which signs for an hour longer. */
    old_secret_sealed: string | null;
    old_secret_until: number | null;
    token_sealed: string | null;
    token_until: number | null;
    /** JSON lists. */
    scopes: string;
    gaps: string;
    subscribed: string;
    asked_version: string | null;
    served_version: string | null;
    /** JSON: the kinds that were read whole, and when. */
    covered: string;
    read_at: number | null;
    problem: ReadFailure | null;
    delivered_at: number | null;
    /** JSON: how many deliveries were refused since, by why. */
    refused: string;
    made_at: number;
    made_by: string;
    left_at: number | null;
  };
  item: {
    shop_id: string;
    kind: ItemKind;
    key: string;
    name: string;
    facts: string;
    text: string | null;
    mark: string | null;
  };
  change: {
    id: string;
    shop_id: string;
    at: number;
    kind: ItemKind | 'script';
    action: ChangeAction;
    weight: Weight;
    why: string;
    count: number;
    /** The name of the one, or of the first. */
    name: string;
    /** JSON: facts that the sentence is made from. */
    facts: string;
    /** An app, `staff`, or null: not known. */
    done_by: string | null;
    /** Hash of the sealed list of what changed. */
    evidence: string | null;
    verdict: 'open' | 'mine' | 'not-mine' | 'dealt-with';
    verdict_by: string | null;
    verdict_at: number | null;
    note: string;
  };
  delivery: {
    hookup_id: string;
    /** The platform's id of it. */
    webhook_id: string;
    /** SHA-256 of topic and body. */
    body_hash: string;
    topic: string;
    triggered_at: number;
    received_at: number;
    /** The body, sealed, until it was handled. */
    body_sealed: string | null;
    handled_at: number | null;
  };
  privacy_request: {
    id: string;
    shop_id: string;
    hookup_id: string;
    topic: string;
    /** Whom it is about, as it came, sealed. */
    body_sealed: string | null;
    received_at: number;
    due_at: number;
    done_at: number | null;
    done_by: string | null;
    note: string;
  };
  inventory: {
    id: string;
    shop_id: string;
    what: 'apps' | 'staff';
    /** JSON list of names and notes; of staff sealed, since these are people. */
    entries: string;
    sealed: number;
    count: number;
    taken_by: string;
    taken_at: number;
    valid_until: number;
  };
  inventory_shot: {
    inventory_id: string;
    upload_id: string;
  };
  /** Signatures of app-proxy requests that count once, for as long as they would be taken. */
  proxy_seen: {
    hookup_id: string;
    signature: string;
    until: number;
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- a migration sees every shape the tables ever had
export async function createPlatformTables(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('hookup')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('platform', 'text', (c) => c.notNull())
    .addColumn('domain', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('secret_sealed', 'text')
    .addColumn('secret_at', 'bigint', (c) => c.notNull())
    .addColumn('old_secret_sealed', 'text')
    .addColumn('old_secret_until', 'bigint')
    .addColumn('token_sealed', 'text')
    .addColumn('token_until', 'bigint')
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('gaps', 'text', (c) => c.notNull())
    .addColumn('subscribed', 'text', (c) => c.notNull())
    .addColumn('asked_version', 'text')
    .addColumn('served_version', 'text')
    .addColumn('covered', 'text', (c) => c.notNull())
    .addColumn('read_at', 'bigint')
    .addColumn('problem', 'text')
    .addColumn('delivered_at', 'bigint')
    .addColumn('refused', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .addColumn('left_at', 'bigint')
    .execute();
  await db.schema.createIndex('hookup_of_shop').on('hookup').columns(['shop_id']).execute();
  await db.schema
    .createTable('item')
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('facts', 'text', (c) => c.notNull())
    .addColumn('text', 'text')
    .addColumn('mark', 'text')
    .addPrimaryKeyConstraint('item_key', ['shop_id', 'kind', 'key'])
    .execute();
  await db.schema
    .createTable('change')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('weight', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('facts', 'text', (c) => c.notNull())
    .addColumn('done_by', 'text')
    .addColumn('evidence', 'text')
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('verdict_by', 'text')
    .addColumn('verdict_at', 'bigint')
    .addColumn('note', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('change_of_shop').on('change').columns(['shop_id', 'id']).execute();
  await db.schema
    .createTable('delivery')
    .addColumn('hookup_id', 'text', (c) => c.notNull().references('hookup.id'))
    .addColumn('webhook_id', 'text', (c) => c.notNull())
    .addColumn('body_hash', 'text', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('triggered_at', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('body_sealed', 'text')
    .addColumn('handled_at', 'bigint')
    .addPrimaryKeyConstraint('delivery_key', ['hookup_id', 'webhook_id'])
    .addUniqueConstraint('delivery_body_once', ['hookup_id', 'body_hash'])
    .execute();
  await db.schema
    .createIndex('delivery_waiting')
    .on('delivery')
    .columns(['handled_at', 'hookup_id'])
    .execute();
  await db.schema
    .createTable('privacy_request')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('hookup_id', 'text', (c) => c.notNull().references('hookup.id'))
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('body_sealed', 'text')
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('done_at', 'bigint')
    .addColumn('done_by', 'text')
    .addColumn('note', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('inventory')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('entries', 'text', (c) => c.notNull())
    .addColumn('sealed', 'integer', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('taken_by', 'text', (c) => c.notNull())
    .addColumn('taken_at', 'bigint', (c) => c.notNull())
    .addColumn('valid_until', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('inventory_shot')
    .addColumn('inventory_id', 'text', (c) => c.notNull().references('inventory.id'))
    .addColumn('upload_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('inventory_shot_key', ['inventory_id', 'upload_id'])
    .execute();
  await db.schema
    .createTable('proxy_seen')
    .addColumn('hookup_id', 'text', (c) => c.notNull())
    .addColumn('signature', 'text', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('proxy_seen_key', ['hookup_id', 'signature'])
    .execute();
}
