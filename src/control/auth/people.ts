import { type Clock, DAY_MS, HOUR_MS, MINUTE_MS, newId, randomToken, sha256Hex } from '#kernel';
import type { Selectable } from 'kysely';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import { openLockout } from './lockout.ts';
import { checkPassword, hashPassword } from './password.ts';
import { newRecoveryCodes, newTotpSecret, totpStep, totpUri } from './second-factor.ts';

export type Person = Selectable<StateTables['person']>;

/** Somebody's session, as far as it has come. */
export interface SignedIn {
  readonly person: Person;
  readonly sessionId: string;
  /** Both factors were given. Until then only the second one can be set up or given. */
  readonly complete: boolean;
}

const SETUP_LINK_MS = 30 * MINUTE_MS;
const INVITE_MS = 7 * DAY_MS;
const SESSION_IDLE_MS = HOUR_MS;
const SESSION_MS = 12 * HOUR_MS;

/** People, how they prove who they are, and their sessions. */
export interface People {
  /** Whether somebody has claimed the installation and set a password. */
  claimed(): Promise<boolean>;
  /** A fresh single-use link token for set-up; any earlier one dies. */
  newSetupToken(): Promise<string>;
  /** Claims the installation (or an invitation) with a link's token; returns a session's token. */
  claim(token: string): Promise<string>;
  invite(
    email: string,
    name: string,
    by: string,
  ): Promise<{ readonly personId: string; readonly token: string | null }>;
  signIn(email: string, password: string): Promise<string>;
  signOut(sessionId: string): Promise<void>;
  find(sessionToken: string): Promise<SignedIn | null>;
  /** Names by id; of those who have not given one, an empty text. */
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  setCredentials(
    who: SignedIn,
    given: { readonly name: string; readonly email: string; readonly password: string },
  ): Promise<void>;
  /** Begins setting up the second factor; it counts once a code was confirmed. */
  beginSecondFactor(who: SignedIn): Promise<{ readonly secret: string; readonly uri: string }>;
  /** Gives the second factor: a code or a recovery code. Recovery codes come back when it was just set up. */
  giveSecondFactor(who: SignedIn, code: string): Promise<readonly string[]>;
}

function newPerson(id: string, email: string | null, name: string, admin: boolean, nowMs: number): Person {
  return {
    id,
    email,
    name,
    admin: admin ? 1 : 0,
    password_hash: null,
    totp_sealed: null,
    totp_step: 0,
    recovery: '[]',
    made_at: nowMs,
    disabled_at: null,
  };
}

export function openPeople(state: State, keeper: KeeperClient, clock: Clock): People {
  const db = state.kysely;
  const lockout = openLockout(state, clock);
  /** Secrets of a second factor whose set-up has begun, by session; gone with the process, and then begun again. */
  const begun = new Map<string, string>();

  async function newSession(personId: string, complete: boolean): Promise<string> {
    const token = randomToken(32);
    const now = clock.now();
    await db
      .deleteFrom('session')
      .where('made_at', '<', now - SESSION_MS)
      .execute();
    await db
      .insertInto('session')
      .values({
        id: sha256Hex(token),
        person_id: personId,
        complete: complete ? 1 : 0,
        made_at: now,
        seen_at: now,
      })
      .execute();
    return token;
  }

  return {
    async claimed() {
      const row = await db
        .selectFrom('person')
        .select('id')
        .where('password_hash', 'is not', null)
        .executeTakeFirst();
      return row !== undefined;
    },
    async newSetupToken() {
      const token = randomToken(24);
      await state.transaction(async (tx) => {
        await tx.deleteFrom('link').where('purpose', '=', 'setup').execute();
        await tx
          .insertInto('link')
          .values({
            id: sha256Hex(token),
            purpose: 'setup',
            person_id: null,
            expires_at: clock.now() + SETUP_LINK_MS,
            used_at: null,
          })
          .execute();
      });
      return token;
    },
    async claim(token) {
      const now = clock.now();
      const personId = await state.transaction(async (tx) => {
        const used = await tx
          .updateTable('link')
          .set({ used_at: now })
          .where('id', '=', sha256Hex(token))
          .where('used_at', 'is', null)
          .where('expires_at', '>', now)
          .returningAll()
          .executeTakeFirst();
        if (used === undefined) throw controlError('control/setup-link-invalid');
        // The person of an invitation, or whoever claimed the installation before and never set a password: the same again.
        const meant = tx.selectFrom('person').select(['id', 'password_hash']);
        const earlier = await (used.person_id === null
          ? meant.where('admin', '=', 1)
          : meant.where('id', '=', used.person_id)
        ).executeTakeFirst();
        // A link stands in for a password; once there is one, no link opens the account any more.
        if (earlier !== undefined && earlier.password_hash !== null)
          throw controlError('control/setup-link-invalid');
        if (earlier !== undefined) return earlier.id;
        const id = newId('per', now);
        await tx
          .insertInto('person')
          .values(newPerson(id, null, '', true, now))
          .execute();
        await recordChange(
          tx,
          { kind: 'person-added', shop: null, by: id, body: { person: id, admin: true } },
          now,
        );
        return id;
      });
      return await newSession(personId, true);
    },
    async invite(email, name, by) {
      const now = clock.now();
      const known = await db
        .selectFrom('person')
        .selectAll()
        .where('email', '=', email.toLowerCase())
        .executeTakeFirst();
      if (known !== undefined && known.password_hash !== null) return { personId: known.id, token: null };
      // Whoever invited them holds a link that opens their account until they have a password: it must not open a shop
      // of somebody else's, nor may somebody else get such a link.
      const elsewhere =
        known === undefined
          ? undefined
          : await db
              .selectFrom('grant')
              .select('id')
              .where('person_id', '=', known.id)
              .where('made_by', '!=', by)
              .executeTakeFirst();
      if (elsewhere !== undefined) throw controlError('control/invited-elsewhere');
      const token = randomToken(24);
      const personId = known?.id ?? newId('per', now);
      await state.transaction(async (tx) => {
        if (known === undefined) {
          await tx
            .insertInto('person')
            .values(newPerson(personId, email.toLowerCase(), name, false, now))
            .execute();
          await recordChange(
            tx,
            { kind: 'person-added', shop: null, by, body: { person: personId, admin: false } },
            now,
          );
        }
        await tx
          .insertInto('link')
          .values({
            id: sha256Hex(token),
            purpose: 'invite',
            person_id: personId,
            expires_at: now + INVITE_MS,
            used_at: null,
          })
          .execute();
      });
      return { personId, token };
    },
    async signIn(email, password) {
      await lockout.assertOpen(email);
      const person = await db
        .selectFrom('person')
        .selectAll()
        .where('email', '=', email.trim().toLowerCase())
        .where('disabled_at', 'is', null)
        .executeTakeFirst();
      if (!(await checkPassword(person?.password_hash ?? null, password)) || person === undefined) {
        await lockout.failed(email);
        throw controlError('control/wrong-credentials');
      }
      return await newSession(person.id, false);
    },
    async namesOf(ids) {
      if (ids.length === 0) return new Map();
      const rows = await db
        .selectFrom('person')
        .select(['id', 'name'])
        .where('id', 'in', [...ids])
        .execute();
      return new Map(rows.map((row) => [row.id, row.name]));
    },
    async signOut(sessionId) {
      await db.deleteFrom('session').where('id', '=', sessionId).execute();
    },
    async find(sessionToken) {
      const now = clock.now();
      const id = sha256Hex(sessionToken);
      const row = await db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined || row.made_at + SESSION_MS < now || row.seen_at + SESSION_IDLE_MS < now)
        return null;
      const person = await db
        .selectFrom('person')
        .selectAll()
        .where('id', '=', row.person_id)
        .where('disabled_at', 'is', null)
        .executeTakeFirst();
      if (person === undefined) return null;
      if (now - row.seen_at > MINUTE_MS) {
        await db.updateTable('session').set({ seen_at: now }).where('id', '=', id).execute();
      }
      return { person, sessionId: id, complete: row.complete === 1 };
    },
    async setCredentials(who, { name, email, password }) {
      if (who.person.password_hash !== null) throw controlError('control/conflict');
      const password_hash = await hashPassword(password);
      const taken = await db
        .selectFrom('person')
        .select('id')
        .where('email', '=', email.toLowerCase())
        .where('id', '!=', who.person.id)
        .executeTakeFirst();
      if (taken !== undefined) throw controlError('control/conflict');
      const now = clock.now();
      await state.transaction(async (tx) => {
        await tx
          .updateTable('person')
          .set({ name, email: email.toLowerCase(), password_hash })
          .where('id', '=', who.person.id)
          .execute();
        await recordChange(
          tx,
          {
            kind: 'person-changed',
            shop: null,
            by: who.person.id,
            body: { person: who.person.id, what: 'password' },
          },
          now,
        );
      });
    },
    async beginSecondFactor(who) {
      if (who.person.totp_sealed !== null) throw controlError('control/conflict');
      const secret = newTotpSecret();
      begun.set(who.sessionId, secret);
      return { secret, uri: totpUri(secret, who.person.email ?? 'owner') };
    },
    async giveSecondFactor(who, code) {
      const account = `second-factor/${who.person.id}`;
      await lockout.assertOpen(account);
      const now = clock.now();
      const fresh = who.person.totp_sealed === null ? begun.get(who.sessionId) : undefined;
      const context = ['totp', who.person.id];
      const secret =
        fresh ??
        (who.person.totp_sealed === null ? null : await keeper.openSecret(who.person.totp_sealed, context));
      const step = secret === null ? null : totpStep(secret, code, now);
      const left: string[] = JSON.parse(who.person.recovery);
      const recovery = fresh === undefined ? left.indexOf(sha256Hex(code.trim().toLowerCase())) : -1;
      if ((step === null || step <= who.person.totp_step) && recovery < 0) {
        await lockout.failed(account);
        throw controlError('control/wrong-credentials');
      }
      const made = fresh === undefined ? null : newRecoveryCodes();
      const sealed = fresh === undefined ? who.person.totp_sealed : await keeper.sealSecret(fresh, context);
      await state.transaction(async (tx) => {
        await tx
          .updateTable('person')
          .set({
            totp_sealed: sealed,
            totp_step: step ?? who.person.totp_step,
            recovery: JSON.stringify(made?.hashes ?? left.filter((_, i) => i !== recovery)),
          })
          .where('id', '=', who.person.id)
          .execute();
        await tx.updateTable('session').set({ complete: 1 }).where('id', '=', who.sessionId).execute();
        if (fresh !== undefined) {
          const body = { person: who.person.id, what: 'second-factor' };
          await recordChange(tx, { kind: 'person-changed', shop: null, by: who.person.id, body }, now);
        }
      });
      begun.delete(who.sessionId);
      await lockout.succeeded(account);
      await lockout.succeeded(who.person.email ?? account);
      return made?.codes ?? [];
    },
  };
}
