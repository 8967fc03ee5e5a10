import type { Paper } from '@loupe/contract';
import type { Selectable, Transaction } from 'kysely';
import { type Clock, DAY_MS, type Json, newId } from '#kernel';
import { FILE_KINDS, REFUSALS } from '#intake';
import { fieldsOf } from '#plane';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import { UPLOAD_JOB, UPLOAD_LEASE_MS, type UploadRow, type Uploads } from '../uploads/uploads.ts';
import type { JobKind } from '../work/job-kind.ts';
import { PAPER_KINDS, paperTitle } from './paper-kinds.ts';

type Row = Selectable<StateTables['paper']>;

/** A month's notice before a paper ends. */
const ENDING_MS = 30 * DAY_MS;

/** How a paper stands. An undated paper proves nothing about today. */
function paperStanding(
  paper: { readonly state: UploadRow['state']; readonly validUntil: number | null },
  now: number,
): Paper['standing'] {
  if (paper.state === 'waiting') return 'waiting';
  if (paper.state === 'refused') return 'refused';
  if (paper.validUntil === null) return 'undated';
  if (paper.validUntil <= now) return 'ended';
  return paper.validUntil - now <= ENDING_MS ? 'ending' : 'in-date';
}

/** Documents on file, sealed, with their dates. */
export interface Papers {
  list(shopId: string): Promise<readonly Paper[]>;
  /** Files a document that was handed in, by a person or with an ask. */
  file(
    shopId: string,
    vendorId: string,
    kind: string,
    given: { readonly name: string; readonly bytes: Uint8Array },
    by: string,
  ): Promise<string>;
  /** Sets dates by hand: what a person typed wins over what was read. */
  setDates(
    shopId: string,
    id: string,
    dates: { readonly issuedAt: number | null; readonly validUntil: number },
    by: string,
  ): Promise<void>;
  remove(shopId: string, id: string, by: string): Promise<void>;
  /** The job that looks into uploads, papers or not. */
  readonly job: JobKind;
}

export interface PapersOptions {
  readonly state: State;
  readonly uploads: Uploads;
  readonly clock: Clock;
  /** Told of each shop whose papers changed. */
  readonly onChanged: (shopId: string) => Promise<void>;
}

async function noteDates(
  tx: Transaction<StateTables>,
  shopId: string,
  uploadId: string,
  dates: {
    readonly issuedAt: number | null;
    readonly validUntil: number | null;
    readonly readFrom: string | null;
  },
): Promise<void> {
  if (dates.validUntil === null) return;
  await tx
    .updateTable('paper')
    .set({
      issued_at: dates.issuedAt,
      valid_until: dates.validUntil,
      dates: 'read',
      read_from: dates.readFrom?.slice(0, 160) ?? null,
    })
    .where('shop_id', '=', shopId)
    .where('upload_id', '=', uploadId)
    .where('dates', '!=', 'typed')
    .execute();
}

export function openPapers({ state, uploads, clock, onChanged }: PapersOptions): Papers {
  const db = state.kysely;

  async function get(shopId: string, id: string): Promise<Row> {
    const row = await db
      .selectFrom('paper')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  return {
    async list(shopId) {
      const rows = await db
        .selectFrom('paper')
        .innerJoin('upload', 'upload.id', 'paper.upload_id')
        .selectAll('paper')
        .select(['upload.name', 'upload.bytes', 'upload.state', 'upload.why'])
        .where('paper.shop_id', '=', shopId)
        .where('paper.removed_at', 'is', null)
        .orderBy('paper.id', 'desc')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        vendor: row.vendor_id,
        kind: row.kind,
        title: paperTitle(row.kind),
        file: row.upload_id,
        name: row.name,
        bytes: row.bytes,
        state: row.state,
        why: row.why,
        issuedAt: row.issued_at,
        validUntil: row.valid_until,
        dates: row.dates,
        readFrom: row.read_from,
        standing: paperStanding({ state: row.state, validUntil: row.valid_until }, clock.now()),
        madeAt: row.made_at,
      }));
    },
    async file(shopId, vendorId, kind, { name, bytes }, by) {
      const now = clock.now();
      const id = newId('pap', now);
      const paper = { shopId, askId: null, item: null, name, bytes, paperKind: kind };
      await uploads.add(paper, async (tx, upload) => {
        await tx
          .insertInto('paper')
          .values({
            id,
            shop_id: shopId,
            vendor_id: vendorId,
            kind,
            upload_id: upload.id,
            issued_at: null,
            valid_until: null,
            dates: 'none',
            read_from: null,
            made_at: now,
            removed_at: null,
          })
          .execute();
        const body = { paper: id, vendor: vendorId, kind, sha256: upload.hash };
        await recordChange(tx, { kind: 'paper-added', shop: shopId, by, body }, now);
      });
      return id;
    },
    async setDates(shopId, id, { issuedAt, validUntil }, by) {
      await get(shopId, id);
      if (issuedAt !== null && issuedAt >= validUntil) throw controlError('control/bad-date');
      await state.transaction(async (tx) => {
        await tx
          .updateTable('paper')
          .set({ issued_at: issuedAt, valid_until: validUntil, dates: 'typed', read_from: null })
          .where('shop_id', '=', shopId)
          .where('id', '=', id)
          .execute();
        const body = { paper: id, what: 'dates', until: validUntil };
        await recordChange(tx, { kind: 'paper-changed', shop: shopId, by, body }, clock.now());
      });
      await onChanged(shopId);
    },
    async remove(shopId, id, by) {
      await get(shopId, id);
      const now = clock.now();
      await state.transaction(async (tx) => {
        await tx
          .updateTable('paper')
          .set({ removed_at: now })
          .where('shop_id', '=', shopId)
          .where('id', '=', id)
          .execute();
        await recordChange(
          tx,
          { kind: 'paper-changed', shop: shopId, by, body: { paper: id, what: 'removed' } },
          now,
        );
      });
      await onChanged(shopId);
    },
    job: {
      kind: UPLOAD_JOB,
      leaseMs: UPLOAD_LEASE_MS,
      async task(job) {
        const payload = fieldsOf(job.payload);
        const file = await uploads.bytesFor(job.shopId ?? '', payload.text('upload'));
        if (file === null) return null;
        const kind = PAPER_KINDS.find((known) => known.id === payload.textOrNull('paperKind'));
        const words =
          kind === undefined ? null : { goodForDays: kind.goodForDays, begins: kind.begins, ends: kind.ends };
        return { name: file.name, bytes: Buffer.from(file.bytes).toString('base64'), words };
      },
      async record(claim, job, value) {
        const shopId = job.shopId ?? '';
        const upload = fieldsOf(job.payload).text('upload');
        const found = readFound(value);
        const done = await uploads.settle(claim, shopId, upload, found, async (tx) => {
          if ('dates' in found && found.dates) await noteDates(tx, shopId, upload, found.dates);
        });
        if (done) await onChanged(shopId);
        return done;
      },
    },
  };
}

/** What the worker may say of a file: one of the kinds and, of a paper, its dates; or one of the refusals. */
function readFound(value: Json) {
  const fields = fieldsOf(value);
  if (!fields.flag('ok')) return { why: fields.oneOf('why', REFUSALS) };
  const file = fieldsOf(fields.object('file'));
  const dates = file.json('dates');
  return { kind: file.oneOf('kind', FILE_KINDS), dates: dates === null ? null : readDates(dates) };
}

function readDates(value: Json) {
  const fields = fieldsOf(value);
  const day = (name: string): number | null => (fields.json(name) === null ? null : fields.integer(name));
  return {
    issuedAt: day('issuedAt'),
    validUntil: day('validUntil'),
    readFrom: fields.textOrNull('readFrom'),
  };
}
