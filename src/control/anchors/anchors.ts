// Checkpoints leave the machine, because a log without an outside anchor can be rewritten by whoever runs it. Three ways: a file
// (on another disk, a share, a write-once medium), a webhook, and a witness that signs only what is consistent with what
// it signed before (C2SP tlog-witness).
import { appendFileSync } from 'node:fs';
import { openNote, readVerifier } from '#crypto';
import { type Clock, SECOND_MS, base64Of } from '#kernel';
import { parseCheckpointUnverified } from '#ledger';
import type { Outbound } from '#outbound';
import { storageCause } from '#storage';
import type { KeeperClient } from '../keeper-client.ts';
import type { State } from '../state.ts';

export type AnchorTarget =
  | { readonly kind: 'file'; readonly name: string; readonly path: string }
  | { readonly kind: 'webhook'; readonly name: string; readonly url: string }
  | { readonly kind: 'witness'; readonly name: string; readonly url: string; readonly vkey: string };

export interface AnchorState {
  readonly log: string;
  readonly name: string;
  readonly size: number;
  readonly at: number;
  /** The checkpoint as the target holds it, with a witness's cosignature. */
  readonly note: string;
}

export interface Anchors {
  /** Sends every log that grew since to every target; returns what failed, by target. */
  run(): Promise<readonly { readonly name: string; readonly log: string; readonly why: string }[]>;
  /** How far each target speaks for a log. */
  of(log: string): Promise<readonly AnchorState[]>;
}

const REQUEST_MS = 10 * SECOND_MS;
const MAX_ANSWER_BYTES = 16_384;
const CONFLICT = 409;

export function openAnchors(
  state: State,
  keeper: KeeperClient,
  outbound: Outbound,
  targets: readonly AnchorTarget[],
  clock: Clock,
): Anchors {
  const db = state.kysely;

  async function post(url: string, body: string): Promise<{ status: number; text: string }> {
    const answer = await outbound.request({
      url: new URL(url),
      method: 'POST',
      body,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
      },
      maxBodyBytes: MAX_ANSWER_BYTES,
      timeoutMs: REQUEST_MS,
      signal: AbortSignal.timeout(REQUEST_MS),
      certificate: 'require',
    });
    if (!answer.ok) throw new AnchorRefused(answer.kind);
    return { status: answer.status, text: Buffer.from(answer.body).toString('utf8') };
  }

  /** The note as the target now holds it: with the witness's cosignature where it is one. */
  async function send(
    target: AnchorTarget,
    log: string,
    note: string,
    size: number,
    oldSize: number,
  ): Promise<string> {
    switch (target.kind) {
      case 'file':
        try {
          appendFileSync(target.path, `${note}\n`);
        } catch (error) {
          throw storageCause(error);
        }
        return note;
      case 'webhook': {
        const { status } = await post(target.url, note);
        if (status < 200 || status > 299) throw new AnchorRefused(`http-${status}`);
        return note;
      }
      case 'witness':
        return await cosign(target, log, note, size, oldSize);
    }
  }

  async function cosign(
    target: AnchorTarget & { kind: 'witness' },
    log: string,
    note: string,
    size: number,
    oldSize: number,
  ): Promise<string> {
    const ask = async (from: number) => {
      const proof = await keeper.consistency(log, from, size);
      return await post(
        target.url,
        `old ${from}\n${proof.map((hash) => `${base64Of(hash)}\n`).join('')}\n${note}`,
      );
    };
    let answer = await ask(oldSize);
    // 409: the witness knows another size and names it. It may know an older one than we remember, never a newer.
    const known = answer.status === CONFLICT ? Number(answer.text.trim()) : Number.NaN;
    if (Number.isSafeInteger(known) && known >= 0 && known <= size) answer = await ask(known);
    if (answer.status !== 200) throw new AnchorRefused(`http-${answer.status}`);
    const cosigned = `${note}${answer.text.endsWith('\n') ? answer.text : `${answer.text}\n`}`;
    const opened = openNote(cosigned, [readVerifier(target.vkey)]);
    if (opened === null) throw new AnchorRefused('cosignature-wrong');
    return cosigned;
  }

  return {
    async run() {
      const failed: { name: string; log: string; why: string }[] = [];
      // Samples stay on this machine: nobody outside should keep what speaks for no real shop.
      const logs = targets.length === 0 ? [] : (await keeper.logs()).filter((log) => !log.sample);
      for (const { id: log } of logs) {
        const note = await keeper.checkpoint(log);
        const size = parseCheckpointUnverified(note)?.size ?? 0;
        for (const target of targets) {
          const had = await db
            .selectFrom('anchor')
            .selectAll()
            .where('log', '=', log)
            .where('name', '=', target.name)
            .executeTakeFirst();
          if (size === 0 || had?.size === size) continue;
          try {
            const held = await send(target, log, note, size, had?.size ?? 0);
            const values = { size, note: held, at: clock.now() };
            await db
              .insertInto('anchor')
              .values({ log, name: target.name, ...values })
              .onConflict((conflict) => conflict.columns(['log', 'name']).doUpdateSet(values))
              .execute();
          } catch (error) {
            failed.push({ name: target.name, log, why: whyOf(error) });
          }
        }
      }
      return failed;
    },
    async of(log) {
      return await db.selectFrom('anchor').selectAll().where('log', '=', log).orderBy('name').execute();
    },
  };
}

class AnchorRefused extends Error {
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

function whyOf(error: unknown): string {
  if (error instanceof AnchorRefused) return error.why;
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'failed';
}
