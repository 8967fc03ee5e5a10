import { deriveKey, ed25519Signer, type NoteSigner, type RootKey } from '#crypto';

/** The keys below the root key, each for one purpose. */
export interface KeyRing {
  /** The signer of a log's checkpoints. */
  logSigner(log: { readonly id: string; readonly origin: string; readonly sample: boolean }): NoteSigner;
  /** The signer of published pointers. */
  publicationSigner(): NoteSigner;
  /** The key that wraps data keys, and small secrets of the control plane. */
  readonly wrapKey: Uint8Array;
}

/**
 * Derives the key ring. Samples sign with a branch of their own, so that no key that ever spoke for a sample can
 * speak for a real shop.
 */
export function keyRing(root: RootKey): KeyRing {
  return {
    logSigner: (log) =>
      ed25519Signer(log.origin, deriveKey(root.key, `${log.sample ? 'sample-' : ''}ledger-sign/${log.id}`)),
    publicationSigner: () => ed25519Signer('loupe/publication', deriveKey(root.key, 'publication-sign')),
    wrapKey: deriveKey(root.key, 'wrap'),
  };
}
