// The snapshot in force. An attacker who reaches the socket or the disk can bring bytes; what counts: the publication's signature, a version higher than any
// that was in force, and a policy that compiles.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NoteVerifier, readVerifier } from '#crypto';
import { asBuffer, equalBytes, hasCode, type Json, sha256, systemCode } from '#kernel';
import { readSnapshot } from '#plane';
import { readPointer, storageCause, writeFileDurably } from '#storage';
import { compileSnapshot, type LiveParts, type LivePolicy } from './routing/live.ts';

/** The name under which control publishes. */
const POLICY_NAME = 'edge-policy';
const POLICY_FILE = 'snapshot.json';

export type TakenSnapshot =
  | { readonly ok: true; readonly version: number }
  /** `forged`: not signed by the publication's key. `older`: a version that is or was in force. `damaged`: not the bytes that were signed. `bad-policy`: it does not compile. */
  | {
      readonly ok: false;
      readonly why: 'forged' | 'older' | 'damaged' | 'bad-policy';
      readonly detail: string;
    };

export interface PolicyStore {
  current(): LivePolicy | null;
  take(note: string, bytes: Uint8Array): Promise<TakenSnapshot>;
}

/** Opens the store with what was in force last. `vkey`: the publication's verifier key. */
export async function openPolicyStore(
  folder: string,
  vkey: string,
  parts: LiveParts,
  onTaken: (policy: LivePolicy) => void,
): Promise<PolicyStore> {
  const verifier: NoteVerifier = readVerifier(vkey);
  let live: LivePolicy | null = null;
  let highest = 0;
  let turn: Promise<unknown> = Promise.resolve();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pointerPath = join(folder, 'pointer');
  const filePath = join(folder, POLICY_FILE);

  async function judge(note: string, bytes: Uint8Array): Promise<TakenSnapshot> {
    const pointer = readPointer(note, verifier);
    const file = pointer?.files.find((one) => one.path === POLICY_FILE);
    if (pointer?.name !== POLICY_NAME || file === undefined) return { ok: false, why: 'forged', detail: '' };
    if (pointer.version <= highest) return { ok: false, why: 'older', detail: String(pointer.version) };
    if (!equalBytes(sha256(bytes), Buffer.from(file.sha256, 'hex')))
      return { ok: false, why: 'damaged', detail: '' };
    let next: LivePolicy;
    try {
      const value: Json = JSON.parse(asBuffer(bytes).toString('utf8'));
      next = await compileSnapshot({ ...readSnapshot(value), version: pointer.version }, parts);
    } catch (error) {
      const detail = hasCode(error, 'edge/bad-policy') ? JSON.stringify(error.details) : 'unreadable';
      return { ok: false, why: 'bad-policy', detail };
    }
    live = next;
    highest = pointer.version;
    parts.upstreams.keepOnly(next.routes.map((route) => route.rule.upstream));
    onTaken(next);
    return { ok: true, version: next.version };
  }

  async function restore(): Promise<void> {
    try {
      await judge(readFileSync(pointerPath, 'utf8'), readFileSync(filePath));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw storageCause(error);
    }
  }
  await restore();

  return {
    current: () => live,
    async take(note, bytes) {
      // One at a time: two that overlap could take effect in the wrong order.
      const taken = turn.then(async () => {
        const judged = await judge(note, bytes);
        if (judged.ok) {
          // The file first: a pointer never names bytes that are not there.
          writeFileDurably(filePath, bytes);
          writeFileDurably(pointerPath, note);
        }
        return judged;
      });
      turn = taken.catch(() => undefined);
      return await taken;
    },
  };
}
