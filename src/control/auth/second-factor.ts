import { Secret, TOTP } from 'otpauth';
import { randomToken, sha256Hex } from '#kernel';

// Time-based codes (RFC 6238): SHA-1, six digits, 30 seconds: what every authenticator app reads.
const PERIOD_S = 30;
/** One step of clock difference either way. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer: 'Loupe', label, secret: Secret.fromBase32(secret), period: PERIOD_S });
}

export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** The address that an authenticator app reads from a QR code. */
export function totpUri(secret: string, label: string): string {
  return totpOf(secret, label).toString();
}

/**
 * The time step of a right code, or null. The caller keeps the highest step it accepted and refuses any not above it, so
 * that a code works once (RFC 6238, section 5.2).
 */
export function totpStep(secret: string, code: string, nowMs: number): number | null {
  if (!/^\d{6}$/u.test(code)) return null;
  const delta = totpOf(secret, 'Loupe').validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? null : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}

/** Codes for the day the telephone is gone: shown once, kept as hashes, each works once. */
export function newRecoveryCodes(): { readonly codes: string[]; readonly hashes: string[] } {
  const codes = Array.from({ length: RECOVERY_CODES }, () => {
    const raw = randomToken(16)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/gu, '0')
      .slice(0, 16);
    return `${raw.slice(0, 4)}-${raw.slice(4, 8)}-${raw.slice(8, 12)}-${raw.slice(12)}`;
  });
  return { codes, hashes: codes.map((code) => sha256Hex(code)) };
}
