// A reply file: JWS, flattened JSON serialization (RFC 7515, section 7.2.2), ES256, by the key that was made for one ask file. What an attacker controls is the
// whole of it; what holds is that nothing in it counts before the signature of a key we know was found good.
import {
  type JWK,
  calculateJwkThumbprint,
  exportJWK,
  flattenedVerify,
  generateKeyPair,
  importJWK,
} from 'jose';
import { z } from 'zod';
import { fromBase64, sha256Hex, textOf } from '#kernel';
import { MAX_ANSWER } from './draft.ts';

const MAX_FILES = 20;

const envelope = z.strictObject({
  payload: z.string(),
  protected: z.string().max(1_000),
  signature: z.string().max(200),
});

const protectedHeader = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal('loupe-reply+json'),
  kid: z.string().max(100),
});

const payload = z.strictObject({
  v: z.literal(1),
  ask: z.string().max(64),
  form: z.string().max(64),
  /** When it was made, by the respondent's own clock. */
  at: z.number().int().nonnegative(),
  answers: z.record(
    z.string().max(64),
    z.strictObject({ choice: z.string().max(64).nullable(), text: z.string().max(MAX_ANSWER) }),
  ),
  messages: z
    .array(z.strictObject({ item: z.string().max(64), text: z.string().min(1).max(MAX_ANSWER) }))
    .max(200),
  files: z
    .array(z.strictObject({ item: z.string().max(64), name: z.string().max(300), data: z.string() }))
    .max(MAX_FILES),
});

/** What a reply file says, once its signature was found good. */
export interface ReplyContent extends Omit<z.infer<typeof payload>, 'files'> {
  readonly files: readonly { readonly item: string; readonly name: string; readonly bytes: Uint8Array }[];
  readonly keyId: string;
  readonly fileHash: string;
}

/** Which key a reply file claims to be signed by; nothing else of it may be used before that key has verified it. Null: no reply file. */
export function claimedKeyUnverified(text: string): string | null {
  const read = envelope.safeParse(parse(text));
  const header = read.success ? protectedHeader.safeParse(parse(decode(read.data.protected))) : undefined;
  return header?.success === true ? header.data.kid : null;
}

/** Verifies a reply file by a public key (JWK) and reads it; null where anything is wrong with it. */
export async function readReply(text: string, publicKey: string): Promise<ReplyContent | null> {
  const read = envelope.safeParse(parse(text));
  if (!read.success) return null;
  const key: JWK = JSON.parse(publicKey);
  try {
    const verified = await flattenedVerify(read.data, await importJWK(key, 'ES256'), {
      algorithms: ['ES256'],
    });
    const header = protectedHeader.safeParse(verified.protectedHeader);
    const content = payload.safeParse(parse(textOf(verified.payload) ?? ''));
    if (!header.success || !content.success) return null;
    const files = content.data.files.map(({ item, name, data }) => ({ item, name, bytes: fromBase64(data) }));
    if (files.some((file) => file.bytes === null)) return null;
    return {
      ...content.data,
      files: files.flatMap(({ item, name, bytes }) => (bytes === null ? [] : [{ item, name, bytes }])),
      keyId: header.data.kid,
      fileHash: sha256Hex(text),
    };
  } catch {
    return null; // jose throws for every signature that is not good; why is nobody's business
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the schema refuses it
  }
}

function decode(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString('utf8');
}

/** A key for one ask file: the private half goes into the file and is not kept. */
export async function newReplyKey(): Promise<{
  readonly keyId: string;
  readonly publicKey: string;
  readonly privateKey: JWK;
}> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    keyId: await calculateJwkThumbprint(jwk),
    publicKey: JSON.stringify(jwk),
    privateKey: await exportJWK(privateKey),
  };
}
