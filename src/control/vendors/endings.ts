// What ends within a month, or has ended: told on the first page, in the console, and once by mail where Loupe can send it.
import type { Ending } from '@loupe/contract';
import { type Clock, DAY_MS, HOUR_MS, sha256Hex } from '#kernel';
import type { Mailer } from '../mail/mailer.ts';
import { endingText } from '../messages/vendors.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import type { BookPage, VendorBook } from './book.ts';

const NOTICE_MS = 30 * DAY_MS;

/** Everything of a shop's third parties that ends within a month or has ended, soonest first. Pure. */
export function endingsOf(book: Omit<BookPage, 'endings'>, now: number): readonly Ending[] {
  const near = (until: number | null): until is number => until !== null && until - now <= NOTICE_MS;
  const endings: Ending[] = [];
  for (const { row, view, papers } of book.vendors) {
    if (view.standing === 'retired') continue;
    const add = (what: Ending['what'], name: string, until: number | null): void => {
      if (near(until)) endings.push({ what, name, vendor: row.id, until, ended: until <= now });
    };
    // Of several papers of a kind the one that lasts longest counts.
    for (const [, same] of Map.groupBy(papers, (paper) => paper.kind)) {
      const dated = same.filter((paper) => paper.validUntil !== null && paper.state === 'kept');
      const longest = dated.toSorted((a, b) => (b.validUntil ?? 0) - (a.validUntil ?? 0))[0];
      if (longest !== undefined) add('paper', `${longest.title} of ${row.name}`, longest.validUntil);
    }
    if (view.decision !== null) add('decision', `The decision about ${row.name}`, view.decision.until);
    add('contract', `The contract with ${row.name}`, view.contractUntil);
  }
  for (const exception of book.exceptions) {
    if (near(exception.until))
      endings.push({
        what: 'exception',
        name: `The exception for ${exception.name}`,
        vendor: null,
        until: exception.until,
        ended: false,
      });
  }
  return endings.toSorted((a, b) => a.until - b.until);
}

export interface Alarms {
  /** Mails the owners of each shop what has come near its end since the last time; each thing once when near and once when past. */
  tick(): Promise<void>;
}

export interface AlarmsOptions {
  readonly state: State;
  readonly shops: Shops;
  readonly book: VendorBook;
  readonly mailer: Mailer;
  readonly clock: Clock;
}

export function openAlarms({ state, shops, book, mailer, clock }: AlarmsOptions): Alarms {
  const db = state.kysely;

  async function ownersOf(shopId: string): Promise<readonly string[]> {
    const now = clock.now();
    const rows = await db
      .selectFrom('grant')
      .innerJoin('person', 'person.id', 'grant.person_id')
      .select('person.email')
      .where('grant.shop_id', '=', shopId)
      .where('grant.role', '=', 'owner')
      .where('grant.ended_at', 'is', null)
      .where((where) => where.or([where('grant.until_at', 'is', null), where('grant.until_at', '>', now)]))
      .where('person.email', 'is not', null)
      .where('person.disabled_at', 'is', null)
      .execute();
    return [...new Set(rows.flatMap((row) => row.email ?? []))];
  }

  let lookedAt = 0;

  return {
    async tick() {
      // Nothing here is a matter of minutes.
      if (!mailer.available || clock.now() - lookedAt < HOUR_MS) return;
      lookedAt = clock.now();
      for (const shop of await shops.all()) {
        const { endings } = await book.of(shop.id);
        const keyed = endings.map((one) => ({
          one,
          key: sha256Hex([shop.id, one.what, one.name, one.until, one.ended].join('\n')),
        }));
        const told = await db.selectFrom('alarm').select('key').where('shop_id', '=', shop.id).execute();
        const fresh = keyed.filter(({ key }) => !told.some((row) => row.key === key));
        const owners = fresh.length === 0 ? [] : await ownersOf(shop.id);
        if (owners.length === 0) continue;
        const text = endingText(
          shop,
          fresh.map(({ one }) => one),
        );
        const mails = await Promise.all(owners.map((to) => mailer.seal({ to, ...text })));
        await state.transaction(async (tx) => {
          for (const { key } of fresh)
            await tx.insertInto('alarm').values({ key, shop_id: shop.id, at: clock.now() }).execute();
          for (const mail of mails) await mailer.post(tx, shop.id, mail);
        });
      }
    },
  };
}
