// Proofs of who calls. Each kind is one file; each gives a Caller, a Refusal, or null where nothing of its kind was presented.
import type { X509Certificate } from 'node:crypto';
import type { Head } from '../message/head.ts';
import type { Refusal } from '../refusal.ts';
import type { Proof } from '#plane';

/** Who was shown to call. */
export interface Caller {
  readonly kind: Proof['kind'];
  /** Key, client, certificate or issuer, as the console names it. */
  readonly id: string;
  /** Whom it speaks for (`sub`), or null. */
  readonly account: string | null;
  readonly scopes: readonly string[];
}

/** A certificate that TLS verified below one of the authorities of this listener. */
export interface ClientCertificate {
  readonly names: readonly string[];
  readonly sha256: string;
  /** The uppermost certificate that the client sent: its own, or one between it and the authority. */
  readonly uppermost: X509Certificate;
}

/** What a request brings to prove itself with. */
export interface Presented {
  readonly head: Head;
  readonly certificate: ClientCertificate | null;
  /** The body as it came, within the route's bound; read once and kept. */
  readonly body: () => Promise<Uint8Array | Refusal>;
  readonly now: number;
}

export type Verdict = Caller | Refusal | null;

export interface Prover {
  readonly kind: Proof['kind'];
  prove(presented: Presented): Verdict | Promise<Verdict>;
}

/** The bearer token of a request (RFC 6750, section 2.1), or null. */
export function bearerOf(head: Head): string | null {
  const value = head.by.get('authorization');
  if (value === undefined || value.length < 8 || value.slice(0, 7).toLowerCase() !== 'bearer ') return null;
  return value.slice(7).trim();
}

/** Whether every scope that is asked for was given. */
export function hasScopes(given: readonly string[], asked: readonly string[]): boolean {
  return asked.every((scope) => given.includes(scope));
}
