import { systemCode } from '#kernel';

/**
 * Why an attempt to reach somebody came to nothing. These are findings about the other side, so they are values, not
 * errors.
 */
export const FAILURES = [
  /** The name does not exist, or has no address. */
  'no-address',
  /** The name server did not answer, or answered nonsense. */
  'dns-failed',
  /** Every address is private or otherwise not public, and none was allowed. */
  'address-refused',
  'connection-refused',
  'connection-reset',
  'unreachable',
  'timeout',
  'tls-failed',
  'malformed-answer',
  'too-large',
] as const;

export type FailureKind = (typeof FAILURES)[number];

export interface Failure {
  readonly ok: false;
  readonly kind: FailureKind;
  /** The system's or library's own short code, where it gave one. */
  readonly code: string | null;
}

export function failure(kind: FailureKind, code: string | null = null): Failure {
  return { ok: false, kind, code };
}

const BY_CODE: Readonly<Record<string, FailureKind>> = {
  ENOTFOUND: 'no-address',
  ENODATA: 'no-address',
  EAI_AGAIN: 'dns-failed',
  ESERVFAIL: 'dns-failed',
  EREFUSED: 'dns-failed',
  ETIMEOUT: 'dns-failed',
  EBADRESP: 'dns-failed',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  ABORT_ERR: 'timeout',
  HPE_HEADER_OVERFLOW: 'too-large',
};

/** Judges an error by its code. Codes of OpenSSL and of certificates are TLS failures; of llhttp, malformed answers. */
export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  if (code === null) return failure('connection-reset');
  const kind = BY_CODE[code];
  if (kind !== undefined) return failure(kind, code);
  if (code.startsWith('HPE_')) return failure('malformed-answer', code);
  if (
    code.startsWith('ERR_SSL') ||
    code.startsWith('ERR_TLS') ||
    CERTIFICATE_CODES.test(code) ||
    code === 'EPROTO'
  ) {
    return failure('tls-failed', code);
  }
  return failure('connection-reset', code);
}

const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|CRL|HOSTNAME/u;

function codeOf(error: unknown): string | null {
  const own = systemCode(error);
  if (own !== undefined) return own;
  if (typeof error === 'object' && error !== null && 'name' in error) {
    if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'ABORT_ERR';
  }
  return null;
}
