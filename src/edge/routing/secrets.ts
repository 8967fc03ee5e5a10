// Secrets that only this edge can open: compact JWE (RFC 7516), ECDH-ES on X25519 with A256GCM, sealed to the key in this edge's own folder.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, compactDecrypt } from 'jose';
import { deriveKey } from '#crypto';
import { newId, systemCode, utf8 } from '#kernel';
import type { EdgePolicy, SecretId } from '#plane';

export interface EdgeKey {
  /** RFC 7638 thumbprint. */
  readonly id: string;
  readonly publicJwk: { readonly kty: string; readonly crv: string; readonly x: string };
  open(sealed: string): Promise<string | null>;
  /** A secret of this machine's edges, of which pseudonyms are made that belong to no shop. */
  readonly nameKey: string;
}

/** Reads the edge's key, or makes one where there is none. Edges of one machine share it: whoever comes first makes it. */
export async function edgeKey(folder: string): Promise<EdgeKey> {
  const path = join(folder, 'edge.key');
  if (!existsSync(path)) makeKey(folder, path);
  const privateKey: KeyObject = createPrivateKey(readFileSync(path));
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicJwk = { kty: 'OKP', crv: 'X25519', x: jwk.x ?? '' };
  const secret = privateKey.export({ format: 'jwk' }).d ?? '';
  return {
    nameKey: Buffer.from(deriveKey(utf8(secret), 'edge/pseudonyms')).toString('hex'),
    id: await calculateJwkThumbprint(publicJwk),
    publicJwk,
    async open(sealed) {
      try {
        const { plaintext } = await compactDecrypt(sealed, privateKey, {
          keyManagementAlgorithms: ['ECDH-ES'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        return Buffer.from(plaintext).toString('utf8');
      } catch {
        return null; // sealed to another key, or damaged: whoever needs it refuses
      }
    },
  };
}

function makeKey(folder: string, path: string): void {
  const { privateKey } = generateKeyPairSync('x25519');
  const own = join(folder, `${newId('key')}.tmp`);
  writeFileSync(own, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  try {
    // Whole or not at all, and never over another's.
    linkSync(own, path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Opens every secret of a policy that is sealed to this edge. */
export async function openSecrets(policy: EdgePolicy, key: EdgeKey): Promise<ReadonlyMap<SecretId, string>> {
  const opened = new Map<SecretId, string>();
  await Promise.all(
    Object.entries(policy.secrets).map(async ([id, sealed]) => {
      const own = sealed[key.id];
      const secret = own === undefined ? null : await key.open(own);
      if (secret !== null) opened.set(id, secret);
    }),
  );
  return opened;
}
