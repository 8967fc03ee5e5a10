import { hash, verify } from '@node-rs/argon2';
import { controlError } from '../errors.ts';

/** The library's enum is erased at run time; 2 is Argon2id (RFC 9106). */
const ARGON2ID = 2;

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const COST = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const MIN_CHARS = 12;
const MAX_CHARS = 256;

/** Refused whatever their length: the ends of every list of leaked passwords, and words of this trade. */
const KNOWN =
  /^(password|passwort|qwerty|letmein|welcome|iloveyou|admin|jewel(ry|er)?|diamond|loupe|123456789?0?)[\W\d]*$/iu;

/** Hashes a new password. Throws `control/weak-password`. */
export async function hashPassword(password: string): Promise<string> {
  if (
    password.length < MIN_CHARS ||
    password.length > MAX_CHARS ||
    new Set(password).size < 5 ||
    KNOWN.test(password)
  ) {
    throw controlError('control/weak-password');
  }
  return await hash(password, COST);
}

let decoy: Promise<string> | undefined;

/**
 * Whether a password is right. With no hash (no such person) the same work is done against a decoy, so that the answer's
 * time does not tell who has an account.
 */
export async function checkPassword(stored: string | null, password: string): Promise<boolean> {
  decoy ??= hash(crypto.randomUUID(), COST);
  const right = password.length <= MAX_CHARS && (await verify(stored ?? (await decoy), password));
  return right && stored !== null;
}
