// What an authority comes to read at a name that a certificate is ordered for. In files, because any edge of this machine may be the one that is asked.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '#storage';
import type { Proving } from './authority.ts';

/** Where they are asked for (RFC 8555, section 8.3). */
export const CHALLENGE_PATH = '/.well-known/acme-challenge/';

/** Base64url, at least 128 bits of it; so no token is a path. */
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/u;

export interface Challenges extends Proving {
  /** The key authorization of a token, or null. */
  read(token: string): string | null;
}

export function openChallenges(folder: string): Challenges {
  return {
    show(token, keyAuthorization) {
      if (!TOKEN.test(token)) return; // an authority that sends such a token finds nothing there
      if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileDurably(join(folder, token), keyAuthorization);
    },
    hide(token) {
      if (TOKEN.test(token)) rmSync(join(folder, token), { force: true });
    },
    read(token) {
      if (!TOKEN.test(token)) return null;
      try {
        return readFileSync(join(folder, token), 'utf8');
      } catch {
        return null; // not there, or not to be read: nobody can be helped with it
      }
    },
  };
}
