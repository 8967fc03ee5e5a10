// Beside GnuPG: keys and signatures that it makes are taken as it takes them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GPG, type Gpg, gpgHome } from '../../test/support/gpg.ts';
import { optional } from '../../test/support/optional.ts';
import { verifyOpenpgp } from './openpgp.ts';

describe.runIf(optional('GnuPG', existsSync(GPG)))('OpenPGP signatures', () => {
  let keys: Gpg;
  const data = Buffer.from('rules, as they were released\n');
  const gpg = (...args: string[]): string => keys.run(...args);
  const fingerprint = (who: string): string => keys.fingerprint(who);
  const exported = (who: string): string => keys.exported(who);
  const signed = (who: string, ...more: string[]): string => keys.signed(who, data, ...more);

  beforeAll(() => {
    keys = gpgHome();
    for (const [who, kind] of [
      ['rsa', 'rsa3072'],
      ['ed', 'ed25519'],
      ['other', 'ed25519'],
    ] as const)
      gpg('--quick-gen-key', `${who}@example.test`, kind, 'sign', 'never');
    gpg('--quick-gen-key', 'sub@example.test', 'ed25519', 'cert', 'never');
    gpg('--quick-add-key', fingerprint('sub@example.test'), 'rsa3072', 'sign', 'never');
    gpg('--quick-gen-key', 'short@example.test', 'ed25519', 'sign', 'seconds=600');
  });

  afterAll(() => keys.close());

  it.each(['rsa@example.test', 'ed@example.test', 'sub@example.test'])('are good by %s', (who) => {
    const key = exported(who);
    for (const digest of ['SHA256', 'SHA384', 'SHA512']) {
      const signature = signed(who, '--digest-algo', digest);
      expect(verifyOpenpgp(key, fingerprint(who), signature, data)).toBe(true);
      expect(verifyOpenpgp(key, fingerprint(who).toLowerCase(), signature, Buffer.concat([data, data]))).toBe(
        false,
      );
    }
  });

  it('are no good by another key, by too weak a hash, or of another kind', () => {
    const key = exported('ed@example.test');
    const own = fingerprint('ed@example.test');
    expect(verifyOpenpgp(key, own, signed('other@example.test'), data)).toBe(false);
    expect(verifyOpenpgp(key, own, signed('rsa@example.test'), data)).toBe(false);
    expect(() =>
      verifyOpenpgp(key, fingerprint('other@example.test'), signed('other@example.test'), data),
    ).toThrow('could not be read');
    expect(() =>
      verifyOpenpgp(
        exported('rsa@example.test'),
        fingerprint('rsa@example.test'),
        signed('rsa@example.test', '--digest-algo', 'SHA1'),
        data,
      ),
    ).toThrow();
    const text = signed('ed@example.test', '--textmode');
    expect(() => verifyOpenpgp(key, own, text, data)).toThrow();
  });

  it('of two keys in one file, the one that is named counts', () => {
    const two = gpg('--armor', '--export', 'ed@example.test', 'other@example.test');
    for (const who of ['ed@example.test', 'other@example.test']) {
      expect(verifyOpenpgp(two, fingerprint(who), signed(who), data)).toBe(true);
      const another = who.startsWith('ed') ? 'other@example.test' : 'ed@example.test';
      expect(verifyOpenpgp(two, fingerprint(who), signed(another), data)).toBe(false);
    }
  });

  it('made after the key ended are none; who put its end off has to say so', () => {
    const who = 'short@example.test';
    const before = exported(who);
    expect(verifyOpenpgp(before, fingerprint(who), signed(who), data)).toBe(true);
    gpg('--quick-set-expire', fingerprint(who), '1y');
    const late = signed(who, '--faked-system-time', `${Math.floor(Date.now() / 1000) + 3600}`);
    expect(verifyOpenpgp(before, fingerprint(who), late, data)).toBe(false);
    expect(verifyOpenpgp(exported(who), fingerprint(who), late, data)).toBe(true);
  });

  it('by a key that was taken back are none', () => {
    const who = 'rsa@example.test';
    const signature = signed(who);
    const path = join(keys.home, 'openpgp-revocs.d', `${fingerprint(who)}.rev`);
    const revocation = join(keys.home, 'rev.asc');
    writeFileSync(revocation, readFileSync(path, 'latin1').replace(/^:(?=-----BEGIN)/mu, ''));
    gpg('--import', revocation);
    expect(verifyOpenpgp(exported(who), fingerprint(who), signature, data)).toBe(false);
  });

  it('with any byte changed are none, in key or signature', () => {
    const who = 'sub@example.test';
    const [key, signature] = [exported(who), signed(who)];
    const changed = (text: string, at: number): string => {
      const line = text.indexOf('\n\n') + 2;
      const place = line + at;
      const char = text[place] === 'A' ? 'B' : 'A';
      return text.slice(0, place) + char + text.slice(place + 1);
    };
    const verdict = (k: string, s: string): boolean => {
      try {
        return verifyOpenpgp(k, fingerprint0, s, data);
      } catch {
        return false;
      }
    };
    const fingerprint0 = fingerprint(who);
    for (let at = 0; at < 400; at += 7) {
      const other = changed(signature, at);
      // Some bytes are not signed: which key made it stands there twice.
      if (verdict(key, other)) expect(at).toBeGreaterThan(30);
    }
    for (let at = 0; at < 64; at += 1)
      expect([at, verdict(changed(key, at), signature)]).toEqual([at, false]);
  });

  const begin = '-----BEGIN PGP SIGNATURE-----\n';
  it.each([
    '',
    'nonsense',
    // As long as may be, and made to be gone over again and again.
    begin + 'A: '.repeat(170_000),
    `A: ${begin}`.repeat(15_000),
    '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----',
    `-----BEGIN PGP SIGNATURE-----\n\n${'iIsE'.repeat(9)}\n-----END PGP SIGNATURE-----`,
  ])('that are none are refused: %#', (text) => {
    expect(() =>
      verifyOpenpgp(exported('ed@example.test'), fingerprint('ed@example.test'), text, data),
    ).toThrow('could not be read');
  });
});
