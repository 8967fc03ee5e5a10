import { errorsOf } from '#kernel';

export const CRYPTO_ERRORS = {
  'crypto/root-key-missing': {
    says: 'The root key file is missing.',
    hint: 'Data sealed under it cannot be read without it. Put the key file back from where you keep it; never make a new one over existing data.',
  },
  'crypto/root-key-unsafe': {
    says: 'The root key file can be read by other accounts of this machine.',
    hint: 'Run chmod 600 on it, and consider the key as known to whoever could read it.',
  },
  'crypto/root-key-malformed': {
    says: 'The root key file does not hold a root key.',
    hint: 'Its one line is "loupe-root-key-v1" and 32 bytes in base64. Put the right file back.',
  },
  'crypto/cannot-open': {
    says: 'Sealed bytes could not be opened.',
    hint: 'They were altered, moved from their place, or sealed under another key.',
  },
  'crypto/bad-key': {
    says: 'A key could not be read.',
    hint: 'A verifier key has the form name+hash+key of C2SP signed-note.',
  },
  'crypto/bad-openpgp': {
    says: 'An OpenPGP key or signature could not be read.',
    hint: 'Nothing was taken over. The details say what is wrong with it; fetch it again, or see whether a key was changed.',
  },
} as const;

export const cryptoError: ReturnType<typeof errorsOf<typeof CRYPTO_ERRORS>> = errorsOf(CRYPTO_ERRORS);
