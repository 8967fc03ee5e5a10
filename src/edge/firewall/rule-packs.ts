// The rule packs that this edge inspects by: Loupe's own, which came with it, and others, which policy names by their hash. Policy is signed, so whoever brings the bytes
// of a pack can bring no others; they are kept on disk, and an edge that starts while control is down has them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hexOf, MINUTE_MS, sha256 } from '#kernel';
import { OWN_PACK } from '#plane';
import { writeFileDurably } from '#storage';
import { readPack, type RulePack } from '#waf';
import { edgeError } from '../errors.ts';
import { type Inspector, openInspector } from './inspector.ts';

export interface RulePacks {
  /** What inspects by a pack. Throws `edge/no-pack` where its bytes cannot be had, `waf/…` where they are no pack or hold a rule that is not understood. */
  of(id: string): Promise<Inspector>;
  /** Forgets packs that no policy in force uses, once requests that began under another have ended. */
  keepOnly(used: ReadonlySet<Inspector>): void;
  close(): Promise<void>;
}

export interface RulePacksOptions {
  readonly own: RulePack;
  readonly folder: string;
  /** The bytes of a pack, from control; null: it has none of that name. Throws where control cannot be asked. */
  readonly fetch: (id: string) => Promise<Uint8Array | null>;
  readonly onError: (error: unknown) => void;
}

/** Longer than any request takes. */
const GRACE_MS = 2 * MINUTE_MS;
const ID = /^[0-9a-f]{64}$/u;

export function openRulePacks({ own, folder, fetch, onError }: RulePacksOptions): RulePacks {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ours = openInspector(own, onError);
  const others = new Map<string, Inspector>();
  const pathOf = (id: string): string => join(folder, `${id}.json`);

  async function bytesOf(id: string): Promise<Uint8Array> {
    const path = pathOf(id);
    const kept = existsSync(path) ? readFileSync(path) : null;
    if (kept !== null && hexOf(sha256(kept)) === id) return kept;
    const bytes = await fetch(id);
    if (bytes === null || hexOf(sha256(bytes)) !== id)
      throw edgeError('edge/no-pack', { details: { pack: id } });
    writeFileDurably(path, bytes);
    return bytes;
  }

  return {
    async of(id) {
      if (id === OWN_PACK) return ours;
      if (!ID.test(id)) throw edgeError('edge/no-pack', { details: { pack: id.slice(0, 64) } });
      const known = others.get(id);
      if (known !== undefined) return known;
      const inspector = openInspector(readPack(await bytesOf(id)), onError);
      others.set(id, inspector);
      return inspector;
    },
    keepOnly(used) {
      for (const [id, inspector] of others) {
        if (used.has(inspector)) continue;
        others.delete(id);
        setTimeout(() => void inspector.close(), GRACE_MS).unref();
      }
      for (const file of readdirSync(folder))
        if (!others.has(file.replace(/\.json$/u, ''))) rmSync(join(folder, file), { force: true });
    },
    async close() {
      for (const inspector of [ours, ...others.values()]) await inspector.close();
    },
  };
}
