// Mail that Loupe sends itself: questions and reminders. Written into the outbox sealed, because it holds links; carried by SMTP over a connection that the
// address gate allowed, encrypted or not at all.
import { createTransport } from 'nodemailer';
import type { Transaction } from 'kysely';
import { canonicalJson, type Clock, newId, SECOND_MS, systemCode } from '#kernel';
import { openOutbound } from '#outbound';
import { fieldsOf } from '#plane';
import { openRelay, post, type Relay } from '#storage';
import type { KeeperClient } from '../keeper-client.ts';
import type { ReachOf } from '../looks/reach.ts';
import type { State, StateTables } from '../state.ts';

/** A mail server as the operator configured it. */
export interface MailOptions {
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first byte; `starttls`: insisted on after the greeting. There is no third. */
  readonly encryption: 'tls' | 'starttls';
  readonly from: string;
  readonly user: string | null;
  readonly password: string | null;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** Whether there is a mail server to send through. */
  readonly available: boolean;
  /** Puts a mail in the outbox, in the caller's transaction; `sealed` comes from `seal`. */
  post(tx: Transaction<StateTables>, shopId: string, sealed: SealedMail): Promise<void>;
  seal(mail: Mail): Promise<SealedMail>;
  /** Sends what waits, and goes on doing so. */
  start(everyMs: number): void;
  drain(): Promise<number>;
  stop(): Promise<void>;
}

export interface SealedMail {
  readonly id: string;
  readonly sealed: string;
}

const MAIL_TOPIC = 'mail';
const SEND_MS = 30 * SECOND_MS;
/** A mail that could not be sent so often is given up, and said. */
const MAX_TRIES = 12;

/** What went wrong, by its codes alone: a server's own words (RFC 5321, 4.2) name the recipient, and this goes into a log. */
function refusedMail(error: unknown): Error {
  const reply = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : Number.NaN;
  const said = Number.isInteger(reply) ? ` with ${reply}` : '';
  return new Error(`mail server: not taken${said} (${systemCode(error) ?? 'unknown'})`);
}

export interface MailerOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly clock: Clock;
  readonly mail: MailOptions | null;
  readonly reachOf: ReachOf;
  readonly userAgent: string;
  onError(error: unknown): void;
}

export function openMailer(options: MailerOptions): Mailer {
  const { state, keeper, clock, mail } = options;

  async function send(server: MailOptions, message: Mail): Promise<void> {
    const outbound = openOutbound({ ...options.reachOf([server.host]), userAgent: options.userAgent });
    const socket = await outbound.connect(server.host, server.port, AbortSignal.timeout(SEND_MS));
    if ('ok' in socket) throw new Error(`mail server: ${socket.kind}`);
    const { extraCa } = outbound.policy;
    const transport = createTransport({
      host: server.host,
      port: server.port,
      secure: server.encryption === 'tls',
      requireTLS: true,
      connection: socket,
      socketTimeout: SEND_MS,
      greetingTimeout: SEND_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      tls: {
        servername: server.host,
        minVersion: 'TLSv1.2',
        ...(extraCa.length === 0 ? {} : { ca: [...extraCa] }),
      },
      ...(server.user === null ? {} : { auth: { user: server.user, pass: server.password ?? '' } }),
    });
    try {
      await transport.sendMail({
        from: server.from,
        to: message.to,
        subject: message.subject,
        text: message.text,
      });
    } catch (error) {
      throw refusedMail(error);
    } finally {
      transport.close();
      socket.destroy();
    }
  }

  const relay: Relay = openRelay(state, {
    topic: MAIL_TOPIC,
    clock,
    async deliver(messages) {
      if (mail === null) return;
      for (const message of messages) {
        const fields = fieldsOf(message.payload);
        const opened = fieldsOf(
          JSON.parse(await keeper.openSecret(fields.text('sealed'), ['mail', fields.text('id')])),
        );
        if (await isSent(fields.text('id'))) continue;
        try {
          await send(mail, {
            to: opened.text('to'),
            subject: opened.text('subject'),
            text: opened.text('text'),
          });
        } catch (error) {
          if (message.attempts + 1 < MAX_TRIES) throw error;
          options.onError(new Error(`a mail was given up after ${MAX_TRIES} tries`, { cause: error }));
        }
        await noteSent(fields.text('id'));
      }
    },
    onFailure: (error) => options.onError(error),
  });

  // A batch that failed half-way comes again whole: what of it went out is known by its id.
  async function isSent(id: string): Promise<boolean> {
    return (
      (await state.kysely.selectFrom('mail_sent').select('id').where('id', '=', id).executeTakeFirst()) !==
      undefined
    );
  }

  async function noteSent(id: string): Promise<void> {
    await state.kysely
      .insertInto('mail_sent')
      .values({ id, at: clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  return {
    available: mail !== null,
    async seal({ to, subject, text }) {
      const id = newId('mal', clock.now());
      return { id, sealed: await keeper.sealSecret(canonicalJson({ to, subject, text }), ['mail', id]) };
    },
    async post(tx, shopId, { id, sealed }) {
      await post(tx, { topic: MAIL_TOPIC, shopId, payload: { id, sealed } }, clock.now());
    },
    start: (everyMs) => relay.start(everyMs),
    drain: () => relay.drain(),
    stop: () => relay.stop(),
  };
}
