import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** A Dev Dashboard app's own credentials. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export function newSecret(): string {
  return `shpss_${randomBytes(16).toString('hex')}`;
}

export function newCredentials(): Credentials {
  return { clientId: randomBytes(16).toString('hex'), clientSecret: newSecret() };
}

/** Those in a file, made there where absent: a sample shop that was connected stays connected when the samples start again. */
export function keptCredentials(file: string): Credentials {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  const made = newCredentials();
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}
