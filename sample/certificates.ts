import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
} as const;

export interface Pem {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  /** Its own certificate, for those who shall trust it. */
  readonly ca: string;
  /** A certificate for names, ending `days` from now (negative: ended). RSA where old protocol versions need it. */
  issue(names: readonly string[], options?: { readonly days?: number; readonly rsa?: boolean }): Promise<Pem>;
}

const DAY_MS = 86_400_000;

/** An authority of this process alone; its key is never written down. */
export async function makeAuthority(
  name = 'Loupe sample authority (SAMPLE, trust it nowhere)',
): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: EC,
    notBefore: new Date(Date.now() - 400 * DAY_MS),
    notAfter: new Date(Date.now() + 400 * DAY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    ca: root.toString('pem'),
    async issue(names, { days = 80, rsa = false } = {}) {
      const own = await webcrypto.subtle.generateKey(rsa ? RSA : EC, true, ['sign', 'verify']);
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${names[0] ?? 'sample'}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: EC,
        notBefore: new Date(Date.now() + Math.min(days, 0) * DAY_MS - 60 * DAY_MS),
        notAfter: new Date(Date.now() + days * DAY_MS + 3_600_000),
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
          ),
        ],
      });
      const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64');
      return {
        cert: certificate.toString('pem'),
        key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/gu)?.join('\n') ?? ''}\n-----END PRIVATE KEY-----\n`,
      };
    },
  };
}
