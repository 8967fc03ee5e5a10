// GnuPG with a home of its own: keys and signatures that ours are compared with.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const GPG = '/usr/bin/gpg';
const QUIET = ['--batch', '--quiet', '--yes', '--passphrase', '', '--pinentry-mode', 'loopback'];

export interface Gpg {
  readonly home: string;
  run(...args: string[]): string;
  /** 40 hexadecimal digits. */
  fingerprint(who: string): string;
  exported(...who: string[]): string;
  /** An armored, detached signature. */
  signed(who: string, data: Uint8Array, ...more: string[]): string;
  /** Ends its agent, too. */
  close(): void;
}

export function gpgHome(): Gpg {
  const home = mkdtempSync(join(tmpdir(), 'loupe-gpg-'));
  const called = (program: string, args: readonly string[]): string =>
    execFileSync(program, args, {
      env: { GNUPGHOME: home, PATH: '/usr/bin:/bin' },
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 60_000,
    });
  const run = (...args: string[]): string => called(GPG, [...QUIET, ...args]);
  return {
    home,
    run,
    fingerprint: (who) => /^fpr:+([0-9A-F]{40}):/mu.exec(run('--with-colons', '--list-keys', who))?.[1] ?? '',
    exported: (...who) => run('--armor', '--export', ...who),
    signed(who, data, ...more) {
      const path = join(home, 'data');
      writeFileSync(path, data);
      run(...more, '-u', who, '--armor', '--detach-sign', '-o', `${path}.asc`, path);
      return readFileSync(`${path}.asc`, 'latin1');
    },
    close() {
      called('/usr/bin/gpgconf', ['--kill', 'all']);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
