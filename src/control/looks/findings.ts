// Reading what a worker says it found.
import { canonicalBytes, type Json } from '#kernel';
import { type CheckDefinition, isObject, type Observation, planeError, readObservation } from '#plane';
import type { BlobStore } from '#storage';

const MAX_FINDINGS = 500;

/** A finding that has the shape of an observation that was seen, and the name of its evidence. */
type SeenFinding = Omit<Observation, 'id' | 'shop' | 'evidence'> & { readonly evidenceName: string };

/** Reads a list of findings; throws `plane/malformed` for anything that is not one that was seen. */
export function readFindings(value: Json): readonly SeenFinding[] {
  if (!Array.isArray(value) || value.length > MAX_FINDINGS) throw malformed();
  return value.map((finding: Json) => {
    if (!isObject(finding)) throw malformed();
    const { evidenceName, ...rest } = finding;
    const read = readObservation({ ...rest, id: '', shop: '', evidence: null });
    if (typeof evidenceName !== 'string' || read.source !== 'seen' || read.outcome === 'providers')
      throw malformed();
    const { id: _id, shop: _shop, evidence: _evidence, ...seen } = read;
    return { ...seen, evidenceName };
  });
}

function malformed(): Error {
  return planeError('plane/malformed', { details: { field: 'findings' } });
}

/** Seals each piece of evidence as canonical JSON; its hash by its name. */
export async function keepEvidence(
  blobs: BlobStore,
  shopId: string,
  about: { readonly target: string; readonly at: number },
  pieces: Readonly<Record<string, Json>>,
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  for (const [evidence, piece] of Object.entries(pieces))
    hashes.set(evidence, await blobs.put(shopId, canonicalBytes({ evidence, ...about, piece })));
  return hashes;
}

/**
 * Findings as observations of a shop. A worker cannot date them ahead, keep them fresh longer than the check allows, or make up checks.
 */
export function observationsOf(
  findings: readonly SeenFinding[],
  checks: readonly CheckDefinition[],
  shopId: string,
  at: number,
  hashes: ReadonlyMap<string, string>,
): Omit<Observation, 'id'>[] {
  return findings.flatMap(({ evidenceName, ...finding }) => {
    const check = checks.find((known) => known.id === finding.check);
    if (check === undefined) return [];
    const evidence = hashes.get(evidenceName) ?? null;
    return [{ ...finding, observedAt: at, validUntil: at + check.freshForMs, shop: shopId, evidence }];
  });
}
