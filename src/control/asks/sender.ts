import type { AskLink } from '@loupe/contract';
import { type Clock, DAY_MS } from '#kernel';
import type { Mailer } from '../mail/mailer.ts';
import { askText, reminderText } from '../messages/asks.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import type { Register } from '../vendors/register.ts';
import type { AskRow, Asks } from './asks.ts';
import { itemsOf } from './questionnaires.ts';

/** How many times a respondent is reminded, and how long apart. */
const MAX_REMINDERS = 3;
const REMIND_EVERY_MS = 7 * DAY_MS;
const LINK_DAYS = 21;

/** Sends asks and reminders, or says what to send where Loupe has no mail server. */
export interface AskSender {
  send(ask: AskRow, token: string, what: 'ask' | 'reminder'): Promise<AskLink>;
  /** Reminds with the link that was sent before. */
  remind(ask: AskRow): Promise<AskLink>;
  /** Sends the reminders that are due, and asks again what is due for it. */
  tick(): Promise<void>;
}

export interface AskSenderOptions {
  readonly state: State;
  readonly asks: Asks;
  readonly shops: Shops;
  readonly register: Register;
  readonly mailer: Mailer;
  readonly clock: Clock;
  /** Where this Loupe is opened from elsewhere, or null: only on this machine. */
  readonly publicBase: string | null;
  localBase(): string;
  readonly onError: (error: unknown) => void;
}

export function openAskSender(options: AskSenderOptions): AskSender {
  const { state, asks, shops, register, mailer, clock } = options;

  async function send(ask: AskRow, token: string, what: 'ask' | 'reminder'): Promise<AskLink> {
    const [shop, form] = await Promise.all([shops.get(ask.shop_id), asks.formOf(ask)]);
    const link = `${options.publicBase ?? options.localBase()}/ask/${token}`;
    const until = new Intl.DateTimeFormat(shop.locale, {
      dateStyle: 'long',
      timeZone: shop.time_zone,
    }).format(ask.expires_at);
    const facts = {
      shop: shop.name,
      to: ask.to_name,
      link,
      until,
      form: { ...form, items: itemsOf(form).length },
    };
    const { subject, text } = what === 'ask' ? askText(facts) : reminderText(facts);
    // A link that opens only on this machine helps nobody in a mail.
    const to = mailer.available && options.publicBase !== null ? ask.to_email : null;
    if (to !== null) {
      const sealed = await mailer.seal({ to, subject, text });
      await state.transaction((tx) => mailer.post(tx, ask.shop_id, sealed));
    }
    return {
      ask: ask.id,
      link,
      reachable: options.publicBase !== null,
      message: `${subject}\n\n${text}`,
      mailed: to !== null,
    };
  }

  async function remind(ask: AskRow): Promise<AskLink> {
    const sent = await send(ask, await asks.tokenOf(ask), 'reminder');
    const next = ask.reminders + 1 >= MAX_REMINDERS ? null : clock.now() + REMIND_EVERY_MS;
    await asks.noteReminder(ask, next);
    return sent;
  }

  /** Puts the same questions to the same respondent anew; not to a third party that has been retired. */
  async function askAgain(ask: AskRow): Promise<void> {
    const vendor = ask.vendor_id === null ? null : await register.get(ask.shop_id, ask.vendor_id);
    if (vendor !== null && vendor.retired_at !== null) return asks.clearAgain(ask);
    const form = await asks.formOf(ask);
    const again = {
      questionnaire: form.id.startsWith('imported-') ? ask.questionnaire_hash : form.id,
      to: ask.to_name,
      email: ask.to_email,
      vendorId: ask.vendor_id,
      days: LINK_DAYS,
      everyDays: ask.every_days,
      insteadOf: ask.id,
    };
    const { id, token } = await asks.create(ask.shop_id, again, 'control');
    await send(await asks.get(ask.shop_id, id), token, 'ask');
  }

  return {
    send,
    remind,
    async tick() {
      for (const ask of await asks.dueReminders()) {
        // Where Loupe cannot send it, the reminder stays due, and the console says so.
        if (mailer.available && options.publicBase !== null && ask.to_email !== null)
          await remind(ask).catch(options.onError);
      }
      for (const ask of await asks.dueAgain()) await askAgain(ask).catch(options.onError);
    },
  };
}
