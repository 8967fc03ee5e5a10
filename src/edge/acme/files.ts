// What lies in the folder of ordered certificates: one file a name, chain and key together, so that no reader finds the one without the other. Every edge of the
// machine reads here; one of them writes.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, importPKCS8 } from 'jose';
import { sha256Hex, systemCode } from '#kernel';
import { writeFileDurably } from '#storage';
import type { AccountKey } from './authority.ts';

const SUFFIX = '.pem';

/** The folders of one machine's edges for what they order. */
export interface AcmeFolder {
  readonly certificates: string;
  readonly challenges: string;
  readonly account: string;
  readonly tries: string;
}

/** The folder for one authority's directory: what another issued (its staging, say) is not taken for this one's. */
export function acmeFolder(folder: string, directory: string): AcmeFolder {
  const own = join(folder, 'acme', sha256Hex(directory).slice(0, 16));
  const certificates = join(own, 'certificates');
  if (!existsSync(certificates)) mkdirSync(certificates, { recursive: true, mode: 0o700 });
  return {
    certificates,
    challenges: join(own, 'challenges'),
    account: join(own, 'account.key'),
    tries: join(own, 'tries.json'),
  };
}

/** Every certificate that was ordered so far. */
export function orderedFiles({ certificates }: AcmeFolder): string[] {
  return readdirSync(certificates)
    .filter((file) => file.endsWith(SUFFIX))
    .toSorted()
    .map((file) => join(certificates, file));
}

/** The certificate of a name, or null where there is none that can be read. */
export function readOrdered({ certificates }: AcmeFolder, name: string): X509Certificate | null {
  try {
    return new X509Certificate(readFileSync(join(certificates, name + SUFFIX)));
  } catch {
    return null; // not there or damaged: ordered anew
  }
}

export function writeOrdered(
  { certificates }: AcmeFolder,
  name: string,
  chain: string,
  key: KeyObject,
): void {
  const pem = key.export({ type: 'pkcs8', format: 'pem' });
  writeFileDurably(join(certificates, name + SUFFIX), `${chain.trim()}\n${pem}`);
}

/** The key of our account with the authority; made where there is none. */
export async function accountKey({ account }: AcmeFolder): Promise<AccountKey> {
  let pem: string;
  try {
    pem = readFileSync(account, 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileDurably(account, pem);
  }
  const publicJwk = await exportJWK(createPublicKey(createPrivateKey(pem)));
  return {
    privateKey: await importPKCS8(pem, 'ES256'),
    publicJwk,
    thumbprint: await calculateJwkThumbprint(publicJwk),
  };
}
