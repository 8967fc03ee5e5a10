import type { connectionKind, criticality, vendorKind, verdict } from '@loupe/contract';
import type { Kysely } from 'kysely';
import type { z } from 'zod';

/** The register of third parties, and everything that hangs on it. */
export interface VendorTables {
  vendor: {
    id: string;
    shop_id: string;
    name: string;
    kind: z.infer<typeof vendorKind>;
    does: string;
    /** Data classes, a JSON list. */
    touches: string;
    scopes: string;
    pages: string;
    money: number;
    criticality: z.infer<typeof criticality>;
    responsible: string;
    contact: string;
    contract: string;
    contract_until: number | null;
    looked_at: number | null;
    made_at: number;
    retired_at: number | null;
  };
  vendor_host: {
    shop_id: string;
    vendor_id: string;
    host: string;
    /** Its API answers there, rather than its pages. */
    api: number;
  };
  connection: {
    id: string;
    shop_id: string;
    kind: z.infer<typeof connectionKind>;
    name: string;
    vendor_id: string | null;
    /** `said`: a person lists it as plugged in; `declared`: it is to be. */
    origin: 'seen' | 'said' | 'declared';
    state: 'new' | 'enabled' | 'off';
    first_seen_at: number;
    last_seen_at: number;
    /** A look that reached the place where it was seen before did not see it again. */
    gone_at: number | null;
    evidence: string | null;
  };
  decision: {
    id: string;
    shop_id: string;
    vendor_id: string;
    verdict: z.infer<typeof verdict>;
    conditions: string;
    /** The score as it stood, a JSON object. */
    score: string;
    by: string;
    at: number;
    until: number;
    /** Its number in the shop's log; null until it is there. */
    leaf: number | null;
  };
  exception: {
    id: string;
    shop_id: string;
    about: 'vendor' | 'connection';
    about_id: string;
    reason: string;
    owner: string;
    until: number;
    by: string;
    at: number;
    ended_at: number | null;
  };
  paper: {
    id: string;
    shop_id: string;
    vendor_id: string;
    kind: string;
    upload_id: string;
    issued_at: number | null;
    valid_until: number | null;
    dates: 'none' | 'read' | 'typed';
    read_from: string | null;
    made_at: number;
    removed_at: number | null;
  };
  responsibility: {
    shop_id: string;
    requirement: string;
    who: 'platform' | 'provider' | 'developer' | 'us' | 'nobody';
    vendor_id: string | null;
    by: string;
    at: number;
  };
  news_source: {
    id: string;
    shop_id: string;
    name: string;
    url: string | null;
    last_read_at: number | null;
    last_items: number;
    problem: string | null;
    removed_at: number | null;
  };
  news_item: {
    id: string;
    shop_id: string;
    source_id: string;
    /** SHA-256 of what the feed names it by. */
    guid: string;
    title: string;
    link: string | null;
    summary: string;
    published_at: number | null;
    found_at: number;
    vendor_id: string | null;
    matched: string | null;
    state: 'new' | 'concerns-us' | 'does-not' | 'dealt-with';
    note: string | null;
  };
  /** What the owners were mailed about, so that each thing is told once. */
  alarm: { key: string; shop_id: string; at: number };
  /** What changed from one look at a vendor to the next. */
  vendor_change: {
    id: string;
    shop_id: string;
    vendor_id: string;
    check_id: string;
    subject: string;
    before: string;
    after: string;
    observation: string;
    at: number;
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- part of an owner's migration, see Migration
export async function createVendorTables(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('vendor')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('does', 'text', (c) => c.notNull())
    .addColumn('touches', 'text', (c) => c.notNull())
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('pages', 'text', (c) => c.notNull())
    .addColumn('money', 'integer', (c) => c.notNull())
    .addColumn('criticality', 'text', (c) => c.notNull())
    .addColumn('responsible', 'text', (c) => c.notNull())
    .addColumn('contact', 'text', (c) => c.notNull())
    .addColumn('contract', 'text', (c) => c.notNull())
    .addColumn('contract_until', 'bigint')
    .addColumn('looked_at', 'bigint')
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('retired_at', 'bigint')
    .execute();
  await db.schema.createIndex('vendor_of_shop').on('vendor').columns(['shop_id', 'id']).execute();
  await db.schema
    .createTable('vendor_host')
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('vendor_id', 'text', (c) => c.notNull().references('vendor.id'))
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('api', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('vendor_host_key', ['vendor_id', 'host', 'api'])
    .execute();
  await db.schema
    .createTable('connection')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('vendor_id', 'text')
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('first_seen_at', 'bigint', (c) => c.notNull())
    .addColumn('last_seen_at', 'bigint', (c) => c.notNull())
    .addColumn('gone_at', 'bigint')
    .addColumn('evidence', 'text')
    .addUniqueConstraint('connection_name', ['shop_id', 'kind', 'name'])
    .execute();
  await db.schema
    .createTable('decision')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('vendor_id', 'text', (c) => c.notNull().references('vendor.id'))
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('conditions', 'text', (c) => c.notNull())
    .addColumn('score', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .addColumn('leaf', 'bigint')
    .execute();
  await db.schema
    .createIndex('decision_of_vendor')
    .on('decision')
    .columns(['shop_id', 'vendor_id'])
    .execute();
  await db.schema
    .createTable('exception')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('about', 'text', (c) => c.notNull())
    .addColumn('about_id', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createTable('paper')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('vendor_id', 'text', (c) => c.notNull().references('vendor.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('upload_id', 'text', (c) => c.notNull())
    .addColumn('issued_at', 'bigint')
    .addColumn('valid_until', 'bigint')
    .addColumn('dates', 'text', (c) => c.notNull())
    .addColumn('read_from', 'text')
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('removed_at', 'bigint')
    .execute();
  await db.schema.createIndex('paper_of_vendor').on('paper').columns(['shop_id', 'vendor_id']).execute();
  await db.schema
    .createTable('responsibility')
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('requirement', 'text', (c) => c.notNull())
    .addColumn('who', 'text', (c) => c.notNull())
    .addColumn('vendor_id', 'text')
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('responsibility_key', ['shop_id', 'requirement'])
    .execute();
  await db.schema
    .createTable('news_source')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('url', 'text')
    .addColumn('last_read_at', 'bigint')
    .addColumn('last_items', 'integer', (c) => c.notNull())
    .addColumn('problem', 'text')
    .addColumn('removed_at', 'bigint')
    .execute();
  await db.schema
    .createTable('news_item')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('source_id', 'text', (c) => c.notNull().references('news_source.id'))
    .addColumn('guid', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('link', 'text')
    .addColumn('summary', 'text', (c) => c.notNull())
    .addColumn('published_at', 'bigint')
    .addColumn('found_at', 'bigint', (c) => c.notNull())
    .addColumn('vendor_id', 'text')
    .addColumn('matched', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('note', 'text')
    .addUniqueConstraint('news_item_once', ['shop_id', 'source_id', 'guid'])
    .execute();
  await db.schema
    .createTable('vendor_change')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('vendor_id', 'text', (c) => c.notNull().references('vendor.id'))
    .addColumn('check_id', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('before', 'text', (c) => c.notNull())
    .addColumn('after', 'text', (c) => c.notNull())
    .addColumn('observation', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('alarm')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
}
