import { existsSync, readFileSync } from 'node:fs';
import { type NoteVerifier, readRootKey, readVerifier } from '#crypto';
import { keyRing } from '#keeper';
import { type LogVerdict, openLedgerStore, splitAnchors, verifyLog, verifyProofFile } from '#ledger';
import { openChannel } from '#plane';
import { startError } from './errors.ts';
import { databaseOf, type Settings, socketsOf } from './settings.ts';

/** Checks one proof file, offline: with the key it is given and nothing else. */
export function verifyFile(
  path: string,
  key: string,
): { readonly ok: boolean; readonly lines: readonly string[]; readonly json: unknown } {
  const verdict = verifyProofFile(readText(path), readVerifier(key));
  if (!verdict.ok)
    return { ok: false, lines: [`${path}: ${verdict.why.replaceAll('-', ' ')}`], json: verdict };
  const leaf = Buffer.from(verdict.leaf).toString('utf8');
  const sample = verdict.checkpoint.origin.includes('/SAMPLE/') ? ' This is a SAMPLE.' : '';
  return {
    ok: true,
    lines: [
      `record ${verdict.index} is in log ${verdict.checkpoint.origin} of ${verdict.checkpoint.size} records, signed by its key.${sample}`,
      ...(verdict.witnesses.length === 0
        ? ['no witness has signed this checkpoint']
        : verdict.witnesses.map((w) => `witness: ${w.name}`)),
      leaf,
    ],
    json: {
      ok: true,
      index: verdict.index,
      origin: verdict.checkpoint.origin,
      size: verdict.checkpoint.size,
      leaf: JSON.parse(leaf),
    },
  };
}

/** Re-reads every log whole, against the keys below the root key and the checkpoints in `anchorFiles`. */
export async function verifyAll(
  settings: Settings,
  anchorFiles: readonly string[],
): Promise<readonly LogVerdict[]> {
  const keys = keyRing(readRootKey(settings.rootKeyFile));
  const configured = settings.anchors.flatMap((anchor) =>
    anchor.kind === 'file' && existsSync(anchor.path) ? [anchor.path] : [],
  );
  const anchors = [...configured, ...anchorFiles].flatMap((file) => splitAnchors(readText(file)));
  const place = databaseOf(settings, 'ledger');
  if (place.engine === 'sqlite' && !existsSync(place.path)) {
    throw startError('start/no-ledger', { details: { path: place.path } });
  }
  const store = await openLedgerStore(place.engine === 'sqlite' ? { ...place, readOnly: true } : place);
  try {
    const verdicts: LogVerdict[] = [];
    for (const row of await store.logs()) {
      const key: NoteVerifier = keys.logSigner(row).verifier;
      verdicts.push(await verifyLog(store, row, key, anchors));
    }
    return verdicts;
  } finally {
    await store.close();
  }
}

export function verdictText(verdict: LogVerdict): string {
  const anchored =
    verdict.anchoredTo === null
      ? 'nothing outside this machine bears it out'
      : `borne out from outside up to record ${verdict.anchoredTo}`;
  const problems = verdict.problems.map((problem) => `  ${JSON.stringify(problem)}`);
  return [
    `${verdict.origin}: ${verdict.size} records, ${problems.length === 0 ? 'whole' : 'NOT WHOLE'}; ${anchored}`,
    ...problems,
  ].join('\n');
}

/** A proof file for one record, from the running keeper. */
export async function prove(settings: Settings, log: string, index: number): Promise<string> {
  const channel = openChannel(socketsOf(settings).keeper);
  try {
    const proof = await channel.call('log.prove', { log, index });
    return typeof proof === 'string' ? proof : '';
  } finally {
    channel.close();
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw startError('start/unreadable', { details: { path }, cause: error });
  }
}
