export { deriveKey } from './derive.ts';
export { encodeContext, seal, SEAL_OVERHEAD_BYTES, type SealContext, unseal } from './envelope.ts';
export { CRYPTO_ERRORS } from './errors.ts';
export {
  cosigner,
  ed25519Signer,
  type Note,
  type NoteSigner,
  type NoteVerifier,
  openNote,
  parseNoteUnverified,
  readVerifier,
  type Verified,
  writeNote,
} from './note.ts';
export { verifyOpenpgp } from './openpgp.ts';
export { type Recipient, sealTo } from './recipient.ts';
export { type Custody, makeRootKey, readRootKey, type RootKey } from './root-key.ts';
