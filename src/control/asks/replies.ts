// What a respondent saves and hands in. Drafts lie sealed and are theirs alone; a reply is evidence.
import { canonicalBytes, canonicalJson, type Clock, DAY_MS } from '#kernel';
import { fieldsOf, type Observation } from '#plane';
import type { BlobStore } from '#storage';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import { recordObservations } from '../looks/observations.ts';
import type { State } from '../state.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { type AskRow, type Asks, placeOf } from './asks.ts';
import { type Answers, isAnswered } from './compare.ts';
import { mergeAnswers, readAnswers } from './draft.ts';
import { itemsOf } from './questionnaires.ts';

/** How a reply came, and what proves it. */
export type ReplyWay =
  | { readonly by: 'link' }
  | { readonly by: 'file'; readonly keyId: string; readonly madeAt: number; readonly fileHash: string };

export interface Replies {
  draftOf(ask: AskRow): Promise<Answers>;
  /** The answers of the last reply, out of its evidence; none where there is no reply. */
  handedInOf(ask: AskRow): Promise<Answers>;
  /** Saves some answers over the draft's. Concurrent saves lose nothing of each other's items. */
  save(ask: AskRow, answers: Answers): Promise<void>;
  /** Hands in what is given: evidence is sealed, what it comes to is observed as said, a leaf is written. */
  handIn(
    ask: AskRow,
    answers: Answers,
    way: ReplyWay,
    said: (evidence: string) => readonly Omit<Observation, 'id'>[],
    differs: number,
  ): Promise<string>;
}

export interface RepliesOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly blobs: BlobStore;
  readonly asks: Asks;
  readonly uploads: Uploads;
  readonly clock: Clock;
}

export function openReplies({ state, keeper, blobs, asks, uploads, clock }: RepliesOptions): Replies {
  const db = state.kysely;
  /** Saves of one ask, one after the other: each reads the draft, changes it and writes it back. */
  const saving = new Map<string, Promise<void>>();

  async function draftOf(ask: AskRow): Promise<Answers> {
    if (ask.draft_sealed === null) return {};
    return readAnswers(await keeper.openSecret(ask.draft_sealed, placeOf(ask, 'ask-draft')));
  }

  async function write(ask: AskRow, answers: Answers): Promise<void> {
    const form = await asks.formOf(ask);
    const current = await asks.get(ask.shop_id, ask.id);
    const merged = mergeAnswers(form, await draftOf(current), answers);
    const sealed = await keeper.sealSecret(canonicalJson(merged), placeOf(ask, 'ask-draft'));
    const answered = itemsOf(form).filter((item) => isAnswered(merged[item.id])).length;
    await db
      .updateTable('ask')
      .set({ draft_sealed: sealed, draft_at: clock.now(), answered_items: answered })
      .where('id', '=', ask.id)
      .execute();
  }

  return {
    draftOf,
    async handedInOf(ask) {
      const bytes = ask.reply_hash === null ? null : await blobs.get(ask.shop_id, ask.reply_hash);
      if (bytes === null) return {};
      return readAnswers(
        JSON.stringify(fieldsOf(JSON.parse(Buffer.from(bytes).toString('utf8'))).object('answers')),
      );
    },
    async save(ask, answers) {
      const before = saving.get(ask.id) ?? Promise.resolve();
      const mine = before.then(() => write(ask, answers));
      const settled = mine.catch(() => undefined); // told to its own caller
      saving.set(ask.id, settled);
      try {
        await mine;
      } finally {
        if (saving.get(ask.id) === settled) saving.delete(ask.id);
      }
    },
    async handIn(ask, answers, way, said, differs) {
      const form = await asks.formOf(ask);
      const now = clock.now();
      const kept = mergeAnswers(form, {}, answers);
      const answered = itemsOf(form).filter((item) => isAnswered(kept[item.id])).length;
      if (answered === 0) throw controlError('control/nothing-said');
      const files = (await uploads.ofAsk(ask.shop_id, ask.id)).map(({ id, item, name, hash }) => ({
        id,
        item,
        name,
        sha256: hash,
      }));
      const evidence = await blobs.put(
        ask.shop_id,
        canonicalBytes({
          evidence: 'reply',
          ask: ask.id,
          form: ask.questionnaire_hash,
          vendor: ask.vendor_id,
          by: way.by,
          key: way.by === 'file' ? way.keyId : null,
          fileSha256: way.by === 'file' ? way.fileHash : null,
          at: now,
          answers: kept,
          files,
        }),
      );
      const sealed = await keeper.sealSecret(canonicalJson(kept), placeOf(ask, 'ask-draft'));
      await state.transaction(async (tx) => {
        if (way.by === 'file') {
          // An older file, or the same one again, never undoes a newer one: whichever of two comes second in time loses here.
          const taken = await tx
            .updateTable('ask_file')
            .set({ used_at: way.madeAt, reply_hash: way.fileHash })
            .where('ask_id', '=', ask.id)
            .where('key_id', '=', way.keyId)
            .where((where) => where.or([where('used_at', 'is', null), where('used_at', '<', way.madeAt)]))
            .executeTakeFirst();
          if (taken.numUpdatedRows === 0n) throw controlError('control/reply-refused');
        }
        await tx
          .updateTable('ask')
          .set({
            draft_sealed: sealed,
            draft_at: now,
            answered_items: answered,
            differs_items: differs,
            reply_hash: evidence,
            reply_by: way.by,
            reply_key: way.by === 'file' ? way.keyId : null,
            answered_at: now,
            remind_at: null,
            again_at: ask.every_days === null ? null : now + ask.every_days * DAY_MS,
          })
          .where('id', '=', ask.id)
          .execute();
        await recordObservations(tx, said(evidence), 'control', now);
        const body = {
          ask: ask.id,
          form: ask.questionnaire_hash,
          sha256: evidence,
          by: way.by,
          key: way.by === 'file' ? way.keyId : null,
          answered,
          differs,
        };
        await recordChange(tx, { kind: 'ask-answered', shop: ask.shop_id, by: 'respondent', body }, now);
      });
      return evidence;
    },
  };
}
