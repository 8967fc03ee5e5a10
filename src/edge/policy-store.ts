// The snapshot in force. An attacker who reaches the socket or the disk can bring bytes; what counts: the publication's signature, a version higher than any
// that was in force, and a policy that compiles.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type NoteVerifier, readVerifier } from '#crypto';
import { asBuffer, equalBytes, hasCode, type Json, sha256, systemCode } from '#kernel';
import { readSnapshot, type Route } from '#plane';
import { readPointer, storageCause, writeFileDurably } from '#storage';
import {
  compileSnapshot,
  type HeldRoute,
  type LiveParts,
  type LivePolicy,
  type PolicyBefore,
} from './routing/live.ts';

/** The name under which control publishes. */
const POLICY_NAME = 'edge-policy';
const POLICY_FILE = 'snapshot.json';
/** Rules of routes that are held: the snapshot on disk no longer has them. */
const HELD_FILE = 'held.json';

export type TakenSnapshot =
  | { readonly ok: true; readonly version: number; readonly held: readonly HeldRoute[] }
  /** `forged`: not signed by the publication's key. `older`: a version that is or was in force. `damaged`: not the bytes that were signed. `bad-policy`: it does not compile. */
  | {
      readonly ok: false;
      readonly why: 'forged' | 'older' | 'damaged' | 'bad-policy';
      readonly detail: string;
    };

export interface PolicyStore {
  /** What is in force; before any policy came, what the config file gives, if anything. */
  current(): LivePolicy | null;
  take(note: string, bytes: Uint8Array): Promise<TakenSnapshot>;
}

const NOTHING_BEFORE: PolicyBefore = { rule: () => undefined, inspectors: () => undefined };

/** Opens the store with what was in force last. `vkey`: the publication's verifier key. */
export async function openPolicyStore(
  folder: string,
  vkey: string,
  parts: LiveParts,
  onTaken: (policy: LivePolicy) => void,
): Promise<PolicyStore> {
  const verifier: NoteVerifier = readVerifier(vkey);
  let live: LivePolicy | null =
    parts.console === null
      ? null
      : await compileSnapshot({ v: 1, version: 0, madeAt: 0, shops: {} }, parts, NOTHING_BEFORE);
  let highest = 0;
  let turn: Promise<unknown> = Promise.resolve();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pointerPath = join(folder, 'pointer');
  const filePath = join(folder, POLICY_FILE);
  const heldPath = join(folder, HELD_FILE);
  let rules: ReadonlyMap<string, Route> = readHeld(heldPath);

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
      next = await compileSnapshot({ ...readSnapshot(value), version: pointer.version }, parts, {
        rule: (shop, route) => rules.get(`${shop}/${route}`),
        inspectors: (shop) => live?.routes.find((route) => route.shop === shop)?.inspectors,
      });
    } catch (error) {
      const detail = hasCode(error, 'edge/bad-policy') ? JSON.stringify(error.details) : 'unreadable';
      return { ok: false, why: 'bad-policy', detail };
    }
    live = next;
    highest = pointer.version;
    rules = new Map(next.routes.map(({ shop, rule }) => [`${shop}/${rule.id}`, rule]));
    parts.upstreams.keepOnly(next.routes.map((route) => route.rule.upstream));
    onTaken(next);
    return { ok: true, version: next.version, held: next.held };
  }

  function keepHeld(held: readonly HeldRoute[]): void {
    const kept = held.flatMap(({ shop, route }) => {
      const rule = rules.get(`${shop}/${route}`);
      return rule === undefined ? [] : [[`${shop}/${route}`, rule]];
    });
    if (kept.length > 0) writeFileDurably(heldPath, JSON.stringify(kept));
    else rmSync(heldPath, { force: true });
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
          keepHeld(judged.held);
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

function readHeld(path: string): ReadonlyMap<string, Route> {
  try {
    const kept: [string, Route][] = JSON.parse(readFileSync(path, 'utf8'));
    return new Map(kept);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Map();
    throw storageCause(error);
  }
}
