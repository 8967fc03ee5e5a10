import { createHmac } from 'node:crypto';
import { equalBytes, utf8 } from '#kernel';

/** HMAC-SHA256 (RFC 2104). */
export function hmac(secret: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const mac = createHmac('sha256', secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether a text signature, in the encoding in which it was sent, is that of one of the secrets. Compared in constant time. */
export function signedBy(
  secrets: readonly (string | Uint8Array)[],
  encoding: 'hex' | 'base64' | 'base64url',
  signature: string,
  ...parts: readonly (string | Uint8Array)[]
): boolean {
  const given = utf8(signature);
  let good = false;
  // Every secret is tried whatever came before: which one fitted does not show in the time.
  for (const secret of secrets)
    good = equalBytes(given, utf8(hmac(secret, ...parts).toString(encoding))) || good;
  return good;
}
