import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority } from '../../sample/certificates.ts';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** The same in files, for programs that read files. */
  readonly keyPath: string;
  readonly certPath: string;
}

export interface TestAuthority {
  readonly ca: string;
  /** A certificate for these names; `days` may be negative (ended that many days ago). RSA, so that old versions can use it. */
  issue(names: readonly string[], options?: { readonly days?: number }): Promise<TestCertificate>;
}

/** A certificate authority of this test's own. */
export async function testAuthority(): Promise<TestAuthority> {
  const authority = await makeAuthority(`Loupe test authority ${randomUUID()}`);
  const dir = mkdtempSync(join(tmpdir(), 'loupe-ca-'));
  let count = 0;
  return {
    ca: authority.ca,
    async issue(names, { days = 90 } = {}) {
      const { key, cert } = await authority.issue(names, { days, rsa: true });
      const base = join(dir, `leaf${count++}`);
      writeFileSync(`${base}.key`, key);
      writeFileSync(`${base}.pem`, cert);
      return { key, cert, keyPath: `${base}.key`, certPath: `${base}.pem` };
    },
  };
}
