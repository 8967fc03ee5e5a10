import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode, utf8 } from '#kernel';
import {
  cosigner,
  deriveKey,
  ed25519Signer,
  makeRootKey,
  openNote,
  parseNoteUnverified,
  readRootKey,
  readVerifier,
  seal,
  unseal,
  writeNote,
} from './index.ts';

const key = deriveKey(new Uint8Array(32), 'test');
const codeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

describe('envelope', () => {
  it('opens what it sealed, in the same place and nowhere else', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.string()),
        fc.array(fc.string()),
        (plain, here, there) => {
          const sealed = seal(key, plain, here);
          expect(Buffer.from(unseal(key, sealed, here)).equals(Buffer.from(plain))).toBe(true);
          if (JSON.stringify(here) !== JSON.stringify(there)) {
            expect(codeOf(() => unseal(key, sealed, there))).toBe('crypto/cannot-open');
          }
        },
      ),
    );
  });

  it('catches every flipped bit and every truncation', () => {
    const sealed = seal(key, utf8('seven stones'), ['a']);
    for (let bit = 0; bit < sealed.byteLength * 8; bit++) {
      const bent = Uint8Array.from(sealed);
      bent[bit >> 3]! ^= 1 << (bit & 7);
      expect(codeOf(() => unseal(key, bent, ['a']))).toBe('crypto/cannot-open');
    }
    for (let length = 0; length < sealed.byteLength; length++) {
      expect(codeOf(() => unseal(key, sealed.subarray(0, length), ['a']))).toBe('crypto/cannot-open');
    }
  });

  it('tells contexts apart that join to the same text', () => {
    expect(codeOf(() => unseal(key, seal(key, utf8('x'), ['ab', 'c']), ['a', 'bc']))).toBe(
      'crypto/cannot-open',
    );
  });
});

describe('root key', () => {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-key-'));

  it('is made once, readable by its owner alone', () => {
    const path = join(dir, 'root.key');
    makeRootKey(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readRootKey(path).key.byteLength).toBe(32);
    expect(readRootKey(path).custody).toBe('file');
    const before = readFileSync(path, 'utf8');
    expect(codeOf(() => makeRootKey(path))).toBe('EEXIST');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('refuses a missing, an open and a damaged file', () => {
    expect(codeOf(() => readRootKey(join(dir, 'none')))).toBe('crypto/root-key-missing');
    const open = join(dir, 'open.key');
    makeRootKey(open);
    chmodSync(open, 0o640);
    expect(codeOf(() => readRootKey(open))).toBe('crypto/root-key-unsafe');
    for (const text of ['', 'loupe-root-key-v1', 'loupe-root-key-v1 AAAA\n', 'x'.repeat(60)]) {
      const bad = join(dir, 'bad.key');
      writeFileSync(bad, text, { mode: 0o600 });
      expect(codeOf(() => readRootKey(bad))).toBe('crypto/root-key-malformed');
    }
  });
});

describe('signed notes', () => {
  // The example of Go's note package, which C2SP signed-note generalises.
  const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const NOTE =
    'If you think cryptography is the answer to your problem,\n' +
    "then you don't know what your problem is.\n\n" +
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

  it('opens the published example', () => {
    const opened = openNote(NOTE, [readVerifier(VKEY)]);
    expect(opened?.signers).toEqual([{ name: 'PeterNeumann' }]);
    expect(opened?.text.endsWith('problem is.\n')).toBe(true);
  });

  it('refuses the example with any one character changed', () => {
    const verifier = readVerifier(VKEY);
    for (let at = 0; at < NOTE.length; at++) {
      const bent = `${NOTE.slice(0, at)}${NOTE[at] === 'A' ? 'B' : 'A'}${NOTE.slice(at + 1)}`;
      expect(openNote(bent, [verifier])).toBeNull();
    }
  });

  it('knows its own signatures and a witness with its time', () => {
    const seed = new Uint8Array(32).fill(7);
    const signer = ed25519Signer('loupe/test', seed);
    const witness = cosigner('witness.example/w1', seed, () => 1_700_000_000);
    const text = 'loupe/test\n3\nroot\n';
    const note = writeNote(text, [signer.sign(text), witness.sign(text)]);
    const known = [readVerifier(signer.verifier.vkey), readVerifier(witness.verifier.vkey)];
    expect(openNote(note, known)?.signers).toEqual([
      { name: 'loupe/test' },
      { name: 'witness.example/w1', timestampS: 1_700_000_000 },
    ]);
    expect(openNote(note, [readVerifier(VKEY)])).toBeNull();
  });

  it.each([
    '',
    '\n',
    'text\n',
    'text\n\n',
    'text\n\n— a\n',
    'te\rxt\n\n— a AAAAAAAA\n',
    'text\n\n— a AAAAAAAA',
  ])('is not a note: %j', (source) => {
    expect(parseNoteUnverified(source)).toBeNull();
  });

  it.each(['', 'a', 'a+b+c', `${VKEY}A`, VKEY.replace('c74f20a3', 'c74f20a4')])(
    'is not a key: %j',
    (vkey) => {
      expect(() => readVerifier(vkey)).toThrow();
      expect(
        hasCode(
          codeOf(() => readVerifier(vkey)),
          'crypto/bad-key',
        ) || codeOf(() => readVerifier(vkey)),
      ).toBe('crypto/bad-key');
    },
  );
});
