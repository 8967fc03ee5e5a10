import { X509Certificate } from 'node:crypto';
import type { Proof } from '#plane';
import { refusal } from '../refusal.ts';
import { touch } from '../bounded.ts';
import type { Prover } from './caller.ts';

const MAX_SIGNED = 1_000;

/** A fingerprint as Node writes it, without its colons. */
export function fingerprint(certificate: { readonly fingerprint256: string }): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/**
 * Mutual TLS. That the chain verifies, and that the client holds the key, TLS has checked against all authorities of the listener; here the chain must end at this
 * route's own. Throws where the authority is no certificate.
 */
export function clientCertificateProver(rule: Extract<Proof, { kind: 'client-certificate' }>): Prover {
  const authority = new X509Certificate(rule.ca);
  /** Which uppermost certificates this authority has signed, by fingerprint: a signature is checked once. */
  const signed = new Map<string, boolean>();

  function signedHere(uppermost: X509Certificate): boolean {
    const print = fingerprint(uppermost);
    const known = signed.get(print);
    if (known !== undefined) return known;
    const good =
      uppermost.fingerprint256 === authority.fingerprint256 ||
      (uppermost.checkIssued(authority) && uppermost.verify(authority.publicKey));
    touch(signed, print, good, MAX_SIGNED);
    return good;
  }

  const names = new Set(rule.names.map((name) => name.toLowerCase()));
  return {
    kind: 'client-certificate',
    prove({ certificate }) {
      if (certificate === null) return null;
      if (!signedHere(certificate.uppermost)) return refusal('bad-proof', 'other authority');
      const name = certificate.names.find((one) => names.has(one.toLowerCase()));
      if (name === undefined) return refusal('bad-proof', 'other name');
      return { kind: 'client-certificate', id: name, account: null, scopes: [] };
    },
  };
}
