// Proof files: C2SP tlog-proof (https://c2sp.org/tlog-proof). One text file that anybody can check offline:
// the leaf (as extra data), its index, the path, and the checkpoint it leads to.
import type { NoteVerifier, Verified } from '#crypto';
import { base64Of, fromBase64 } from '#kernel';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { HASH_BYTES, leafHash } from './merkle.ts';
import { verifyInclusion } from './proof.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_PATH = 63;

export interface ProofFile {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** The signed checkpoint, with any cosignatures. */
  readonly checkpoint: string;
}

export function writeProofFile(proof: ProofFile): string {
  const path = proof.path.map((hash) => `${base64Of(hash)}\n`).join('');
  return `${HEADER}\nextra ${base64Of(proof.leaf)}\nindex ${proof.index}\n${path}\n${proof.checkpoint}`;
}

/** Reads a proof file; null where it is malformed. Nothing in it is verified yet. */
export function parseProofFileUnverified(text: string): ProofFile | null {
  if (text.length > 300_000) return null;
  const split = text.indexOf('\n\n');
  if (split < 0) return null;
  const [header, extra, index, ...hashes] = text.slice(0, split).split('\n');
  if (header !== HEADER || extra?.startsWith('extra ') !== true || hashes.length > MAX_PATH) return null;
  const leaf = fromBase64(extra.slice('extra '.length));
  const indexText = /^index (0|[1-9][0-9]{0,15})$/u.exec(index ?? '')?.[1];
  const path = hashes.map((hash) => fromBase64(hash));
  if (leaf === null || indexText === undefined) return null;
  const whole: Uint8Array[] = [];
  for (const hash of path) {
    if (hash?.byteLength !== HASH_BYTES) return null;
    whole.push(hash);
  }
  return { leaf, index: Number(indexText), path: whole, checkpoint: text.slice(split + 2) };
}

export type ProofVerdict =
  | {
      readonly ok: true;
      readonly leaf: Uint8Array;
      readonly index: number;
      readonly checkpoint: Checkpoint;
      readonly witnesses: readonly Verified[];
    }
  | {
      readonly ok: false;
      readonly why: 'malformed' | 'checkpoint-not-signed-by-this-log' | 'leaf-not-in-tree';
    };

/** Checks a proof file against the log's key, offline. */
export function verifyProofFile(
  text: string,
  log: NoteVerifier,
  witnesses: readonly NoteVerifier[] = [],
): ProofVerdict {
  const proof = parseProofFileUnverified(text);
  if (proof === null) return { ok: false, why: 'malformed' };
  const opened = openCheckpoint(proof.checkpoint, log, witnesses);
  if (opened === null) return { ok: false, why: 'checkpoint-not-signed-by-this-log' };
  const { checkpoint, signers } = opened;
  const path = proof.path.map((hash) => Buffer.from(hash));
  if (!verifyInclusion(leafHash(proof.leaf), proof.index, checkpoint.size, path, checkpoint.root)) {
    return { ok: false, why: 'leaf-not-in-tree' };
  }
  return { ok: true, leaf: proof.leaf, index: proof.index, checkpoint, witnesses: signers };
}
