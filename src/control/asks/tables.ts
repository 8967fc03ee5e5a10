import type { Kysely } from 'kysely';

/** Asks and what came of them. What people wrote lies sealed; columns hold what lists and clocks need. */
export interface AskTables {
  /** Questionnaires as they were sent, by hash; and those imported for one shop. */
  questionnaire: {
    hash: string;
    /** Null: shipped with Loupe. */
    shop_id: string | null;
    id: string;
    body: string;
    made_at: number;
    /** Whether it is still offered; what was sent with it stays. */
    offered: number;
  };
  ask: {
    id: string;
    shop_id: string;
    questionnaire_hash: string;
    vendor_id: string | null;
    to_name: string;
    to_email: string | null;
    /** SHA-256 of the link's token; null where there is no link (a file alone). */
    link_hash: string | null;
    /** The same token sealed, so that a reminder can name the link again. */
    link_sealed: string | null;
    expires_at: number;
    opened_at: number | null;
    draft_sealed: string | null;
    draft_at: number | null;
    /** How many items the draft or the reply answers. */
    answered_items: number;
    /** Of those handed in: how many what was seen contradicted at that moment. */
    differs_items: number;
    /** The last reply. */
    reply_hash: string | null;
    reply_by: 'link' | 'file' | null;
    reply_key: string | null;
    answered_at: number | null;
    withdrawn_at: number | null;
    reminders: number;
    remind_at: number | null;
    every_days: number | null;
    again_at: number | null;
    made_at: number;
    made_by: string;
  };
  /** Keys of ask files: each file that was made has one. */
  ask_file: {
    key_id: string;
    shop_id: string;
    ask_id: string;
    public_key: string;
    form_hash: string;
    made_at: number;
    /** When a reply signed by it was taken, and its hash: the same again changes nothing. */
    used_at: number | null;
    reply_hash: string | null;
  };
  ask_delegate: {
    link_hash: string;
    shop_id: string;
    ask_id: string;
    name: string;
    /** Section ids, a JSON list. */
    sections: string;
    made_at: number;
  };
  ask_message: {
    id: string;
    shop_id: string;
    ask_id: string;
    item: string;
    from_us: number;
    text_sealed: string;
    at: number;
  };
  /** Files that strangers handed in; kept sealed, offered only after they were looked into. */
  upload: {
    id: string;
    shop_id: string;
    ask_id: string | null;
    item: string | null;
    name: string;
    hash: string;
    bytes: number;
    kind: string | null;
    state: 'waiting' | 'kept' | 'refused';
    why: string | null;
    made_at: number;
  };
  /** Mails that went out, so that a repeated delivery does not send them twice. */
  mail_sent: { id: string; at: number };
  action: {
    id: string;
    shop_id: string;
    ask_id: string | null;
    item: string | null;
    vendor_id: string | null;
    text_sealed: string;
    person_sealed: string;
    due_at: number;
    check_id: string | null;
    subject: string | null;
    state: 'open' | 'due' | 'kept' | 'missed' | 'dropped' | 'said-done';
    observation: string | null;
    why: string | null;
    made_at: number;
    made_by: string;
    ended_at: number | null;
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- part of an owner's migration, see Migration
export async function createAskTables(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('questionnaire')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('offered', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('ask')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('questionnaire_hash', 'text', (c) => c.notNull().references('questionnaire.hash'))
    .addColumn('vendor_id', 'text')
    .addColumn('to_name', 'text', (c) => c.notNull())
    .addColumn('to_email', 'text')
    .addColumn('link_hash', 'text', (c) => c.unique())
    .addColumn('link_sealed', 'text')
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('opened_at', 'bigint')
    .addColumn('draft_sealed', 'text')
    .addColumn('draft_at', 'bigint')
    .addColumn('answered_items', 'integer', (c) => c.notNull())
    .addColumn('differs_items', 'integer', (c) => c.notNull())
    .addColumn('reply_hash', 'text')
    .addColumn('reply_by', 'text')
    .addColumn('reply_key', 'text')
    .addColumn('answered_at', 'bigint')
    .addColumn('withdrawn_at', 'bigint')
    .addColumn('reminders', 'integer', (c) => c.notNull())
    .addColumn('remind_at', 'bigint')
    .addColumn('every_days', 'integer')
    .addColumn('again_at', 'bigint')
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('ask_of_shop').on('ask').columns(['shop_id', 'id']).execute();
  await db.schema
    .createTable('ask_file')
    .addColumn('key_id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('ask_id', 'text', (c) => c.notNull().references('ask.id'))
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('form_hash', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('reply_hash', 'text')
    .execute();
  await db.schema
    .createTable('ask_delegate')
    .addColumn('link_hash', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('ask_id', 'text', (c) => c.notNull().references('ask.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('sections', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('ask_message')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull())
    .addColumn('ask_id', 'text', (c) => c.notNull().references('ask.id'))
    .addColumn('item', 'text', (c) => c.notNull())
    .addColumn('from_us', 'integer', (c) => c.notNull())
    .addColumn('text_sealed', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('message_of_ask').on('ask_message').columns(['ask_id', 'id']).execute();
  await db.schema
    .createTable('upload')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('ask_id', 'text')
    .addColumn('item', 'text')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addColumn('kind', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('why', 'text')
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('upload_of_ask').on('upload').columns(['ask_id', 'id']).execute();
  await db.schema
    .createTable('mail_sent')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('action')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('ask_id', 'text')
    .addColumn('item', 'text')
    .addColumn('vendor_id', 'text')
    .addColumn('text_sealed', 'text', (c) => c.notNull())
    .addColumn('person_sealed', 'text', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('check_id', 'text')
    .addColumn('subject', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('observation', 'text')
    .addColumn('why', 'text')
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('action_of_shop')
    .on('action')
    .columns(['shop_id', 'state', 'due_at'])
    .execute();
}
