// The whole of a conversation: what was asked, said, seen, agreed; and the two ways in which answers come back.
import type { AskSummary, AskView, AnsweredItem, Questionnaire } from '@loupe/contract';
import { type Clock, utf8 } from '#kernel';
import type { Observation } from '#plane';
import type { BlobStore } from '#storage';
import { controlError } from '../errors.ts';
import type { Observations } from '../looks/observations.ts';
import { REFUSAL_TEXT } from '../messages/vendors.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { SAID_FRESH_MS } from '../vendors/checks.ts';
import type { Connections } from '../vendors/connections.ts';
import type { Register } from '../vendors/register.ts';
import type { Actions } from './actions.ts';
import { type AskRow, type Asks, askStateOf } from './asks.ts';
import { type Answers, claimOf, NO_ANSWER, type SaidOf, saidByQuestion, standingOf } from './compare.ts';
import { plainText } from './draft.ts';
import type { Messages } from './messages.ts';
import { itemsOf } from './questionnaires.ts';
import type { Replies, ReplyWay } from './replies.ts';
import { claimedKeyUnverified, newReplyKey, readReply } from './reply-file.ts';
import { seenFor } from './seen.ts';

export interface Conversation {
  summaries(shopId: string): Promise<readonly AskSummary[]>;
  /** Everything about one ask: for staff with what was handed in, for the respondent with what is saved. */
  view(ask: AskRow, who: 'staff' | 'respondent'): Promise<AskView>;
  /** Hands in the draft that was saved by link. */
  handIn(ask: AskRow): Promise<void>;
  /** Makes a key for an ask file, of which the public half is kept. */
  newFileKey(ask: AskRow): Promise<{ readonly keyId: string; readonly privateKey: object }>;
  /** Takes a reply file for whichever ask of the shop it belongs to. Throws `control/reply-refused`. */
  takeReply(shopId: string, text: string): Promise<string>;
}

export interface ConversationOptions {
  readonly state: State;
  readonly blobs: BlobStore;
  readonly asks: Asks;
  readonly replies: Replies;
  readonly messages: Messages;
  readonly actions: Actions;
  readonly uploads: Uploads;
  readonly shops: Shops;
  readonly register: Register;
  readonly connections: Connections;
  readonly observations: Observations;
  readonly clock: Clock;
  /** Told of each shop to which answers came. */
  onAnswered(shopId: string): Promise<void>;
}

/** A reply may be dated ahead of our clock by so much: clocks differ. */
const CLOCK_SKEW_MS = 86_400_000;

export function openConversation(options: ConversationOptions): Conversation {
  const {
    state,
    blobs,
    asks,
    replies,
    messages,
    actions,
    uploads,
    shops,
    register,
    connections,
    observations,
    clock,
  } = options;

  function summary(ask: AskRow, form: Questionnaire, differs: number): AskSummary {
    return {
      id: ask.id,
      questionnaire: form.id,
      title: form.title,
      to: ask.to_name,
      email: ask.to_email,
      vendor: ask.vendor_id,
      state: askStateOf(ask, clock.now()),
      madeAt: ask.made_at,
      expiresAt: ask.expires_at,
      answeredAt: ask.answered_at,
      remindersSent: ask.reminders,
      remindAt: ask.remind_at,
      againAt: ask.again_at,
      items: itemsOf(form).length,
      answered: ask.answered_items,
      differs,
    };
  }

  async function answeredItems(ask: AskRow, answers: Answers) {
    const [seen, thread, files] = await Promise.all([
      seenFor(ask, observations, { register, connections }, clock),
      messages.of(ask),
      uploads.ofAsk(ask.shop_id, ask.id),
    ]);
    return (item: ReturnType<typeof itemsOf>[number]): AnsweredItem => {
      const given = answers[item.id] ?? NO_ANSWER;
      const observed = seen.of(item).map((observation) => observation.outcome);
      return {
        item,
        choice: item.options.find((option) => option.value === given.choice)?.text ?? null,
        claims: claimOf(item, given),
        text: given.text,
        files: files
          .filter((file) => file.item === item.id)
          .map((file) => ({
            id: file.id,
            name: file.name,
            state: file.state,
            why: file.why === null ? null : (REFUSAL_TEXT[file.why] ?? file.why),
          })),
        seen: [...seen.beside(item)],
        standing: standingOf(item, given, observed),
        messages: thread
          .filter((message) => message.item === item.id)
          .map(({ fromUs, text, at }) => ({ from: fromUs ? 'us' : 'them', text, at })),
      };
    };
  }

  async function finish(ask: AskRow, answers: Answers, way: ReplyWay): Promise<void> {
    const form = await asks.formOf(ask);
    const seen = await seenFor(ask, observations, { register, connections }, clock);
    const said = saidByQuestion(form, answers, (item) => seen.of(item).map((o) => o.outcome));
    const shop = await shops.get(ask.shop_id);
    const vendor = ask.vendor_id === null ? null : await register.get(ask.shop_id, ask.vendor_id);
    const now = clock.now();
    const differs = said.reduce((sum, one) => sum + one.differs, 0);
    const observe = (evidence: string): Omit<Observation, 'id'>[] =>
      said.map((one) => ({
        shop: ask.shop_id,
        check: vendor === null ? `said.${one.question}` : `provider.said.${one.question}`,
        subject: vendor === null ? shop.host : vendor.id,
        outcome: one.outcome,
        source: 'said',
        figure: { value: one.answered, unit: 'said-points' },
        // By its id: names stand in no ledger (see `withNames`).
        facts: { who: vendor === null ? 'Your developer' : vendor.id, ...factsOf(one) },
        observedAt: now,
        validUntil: now + SAID_FRESH_MS,
        evidence,
      }));
    await replies.handIn(ask, answers, way, observe, differs);
    await options.onAnswered(ask.shop_id);
  }

  return {
    async summaries(shopId) {
      const rows = await asks.list(shopId);
      return await Promise.all(
        rows.map(async (ask) => summary(ask, await asks.formOf(ask), ask.differs_items)),
      );
    },
    async view(ask, who) {
      const form = await asks.formOf(ask);
      // What is saved and not handed in is the respondent's own.
      const answers = who === 'respondent' ? await replies.draftOf(ask) : await replies.handedInOf(ask);
      const item = await answeredItems(ask, answers);
      const sections = form.sections.map((section) => ({ ...section, items: section.items.map(item) }));
      const differs = sections
        .flatMap((section) => section.items)
        .filter((one) => one.standing === 'differs').length;
      return {
        ask: summary(ask, form, ask.answered_at === null ? 0 : differs),
        intro: form.intro,
        sections,
        actions: [...(await actions.list(ask.shop_id, { askId: ask.id }))],
        by: ask.reply_by,
        key: ask.reply_key,
        evidence: ask.reply_hash,
      };
    },
    async handIn(ask) {
      await finish(ask, await replies.draftOf(ask), { by: 'link' });
    },
    async newFileKey(ask) {
      const { keyId, publicKey, privateKey } = await newReplyKey();
      await state.kysely
        .insertInto('ask_file')
        .values({
          key_id: keyId,
          shop_id: ask.shop_id,
          ask_id: ask.id,
          public_key: publicKey,
          form_hash: ask.questionnaire_hash,
          made_at: clock.now(),
          used_at: null,
          reply_hash: null,
        })
        .execute();
      return { keyId, privateKey };
    },
    async takeReply(shopId, text) {
      const keyId = claimedKeyUnverified(text);
      const key =
        keyId === null
          ? undefined
          : await state.kysely
              .selectFrom('ask_file')
              .selectAll()
              .where('shop_id', '=', shopId)
              .where('key_id', '=', keyId)
              .executeTakeFirst();
      const reply = key === undefined ? null : await readReply(text, key.public_key);
      if (key === undefined || reply === null || reply.ask !== key.ask_id || reply.form !== key.form_hash)
        throw controlError('control/reply-refused');
      // The same file once more changes nothing, and is no fault of whoever sends it.
      if (key.reply_hash === reply.fileHash) return key.ask_id;
      const ask = await asks.get(shopId, key.ask_id);
      const newest = await state.kysely
        .selectFrom('ask_file')
        .select((where) => where.fn.max('used_at').as('at'))
        .where('ask_id', '=', ask.id)
        .executeTakeFirst();
      const tooOld = reply.at <= (newest?.at ?? -1);
      const tooLate = ask.withdrawn_at !== null || ask.expires_at <= clock.now();
      if (tooOld || tooLate || reply.at > clock.now() + CLOCK_SKEW_MS)
        throw controlError('control/reply-refused');
      const form = await asks.formOf(ask);
      const items = new Set(itemsOf(form).map((item) => item.id));
      // The file itself is kept: its signature is what an auditor checks, without trusting whoever runs Loupe.
      await blobs.put(shopId, utf8(text));
      const way = { by: 'file', keyId: reply.keyId, madeAt: reply.at, fileHash: reply.fileHash } as const;
      for (const file of reply.files.filter((one) => items.has(one.item)))
        await uploads.add({ shopId, askId: ask.id, paperKind: null, ...file });
      await finish(ask, reply.answers, way);
      for (const message of reply.messages.filter((one) => items.has(one.item)))
        await messages.say(ask, message.item, plainText(message.text), false);
      return ask.id;
    },
  };
}

function factsOf(said: SaidOf): Observation['facts'] {
  const { items, answered, short, differs } = said;
  const why =
    said.outcome === 'falls-short'
      ? differs > 0
        ? 'contradicted'
        : 'admitted'
      : said.outcome === 'unknown'
        ? 'not-answered'
        : undefined;
  return { items, answered, short, differs, ...(why === undefined ? {} : { why }) };
}
