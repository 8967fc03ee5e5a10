// Checkpoints: C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint): a signed note of three lines.
import { type NoteVerifier, openNote, parseNoteUnverified, type Verified } from '#crypto';
import { base64Of, fromBase64 } from '#kernel';
import { HASH_BYTES } from './merkle.ts';

export interface Checkpoint {
  /** The log's own name. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export function checkpointText(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${base64Of(checkpoint.root)}\n`;
}

function parseText(text: string): Checkpoint | null {
  const [origin, sizeText, rootText] = text.split('\n');
  if (origin === undefined || origin === '' || sizeText === undefined || rootText === undefined) return null;
  if (!/^(0|[1-9][0-9]{0,15})$/u.test(sizeText)) return null;
  const size = Number(sizeText);
  const root = fromBase64(rootText);
  if (!Number.isSafeInteger(size) || root === null || root.byteLength !== HASH_BYTES) return null;
  return { origin, size, root };
}

/** Reads a checkpoint without judging its signatures. */
export function parseCheckpointUnverified(note: string): Checkpoint | null {
  const parsed = parseNoteUnverified(note);
  return parsed === null ? null : parseText(parsed.text);
}

/**
 * Opens a checkpoint that the log's own key must have signed; other known keys (witnesses) are named in
 * `signers`. Null where it is malformed, unsigned by the log, or names another log.
 */
export function openCheckpoint(
  note: string,
  log: NoteVerifier,
  witnesses: readonly NoteVerifier[] = [],
): { readonly checkpoint: Checkpoint; readonly signers: readonly Verified[] } | null {
  const opened = openNote(note, [log, ...witnesses]);
  if (
    opened === null ||
    !opened.signers.some((signer) => signer.name === log.name && signer.timestampS === undefined)
  ) {
    return null;
  }
  const checkpoint = parseText(opened.text);
  if (checkpoint === null || checkpoint.origin !== log.name) return null;
  return { checkpoint, signers: opened.signers.filter((signer) => signer.name !== log.name) };
}
