export interface TlsCase {
  readonly name: string;
  /** For OpenSSL's s_server. */
  readonly args: readonly string[];
  readonly certificate: 'good' | 'expired' | 'ends-soon' | 'self-signed' | 'other-name' | 'unknown-authority';
}

/** Old versions need OpenSSL's lowest security level. */
const OLD = ['-cipher', 'DEFAULT:@SECLEVEL=0'];

function versions(name: string, from: string, to: string, more: readonly string[] = []): TlsCase {
  const old = from === 'TLSv1' || from === 'TLSv1.1';
  return {
    name,
    args: ['-min_protocol', from, '-max_protocol', to, ...(old ? OLD : []), ...more],
    certificate: 'good',
  };
}

function suites(name: string, list: string): TlsCase {
  return {
    name,
    args: ['-min_protocol', 'TLSv1.2', '-max_protocol', 'TLSv1.2', '-cipher', `${list}:@SECLEVEL=0`],
    certificate: 'good',
  };
}

function certificate(name: string, kind: TlsCase['certificate'], more: readonly string[] = []): TlsCase {
  return { name, args: ['-min_protocol', 'TLSv1.2', ...more], certificate: kind };
}

/** TLS servers, each with its own fault, and sound ones between them. */
export const TLS_CASES: readonly TlsCase[] = [
  versions('TLS 1.3 alone', 'TLSv1.3', 'TLSv1.3'),
  versions('TLS 1.2 alone', 'TLSv1.2', 'TLSv1.2'),
  versions('TLS 1.2 and 1.3', 'TLSv1.2', 'TLSv1.3'),
  versions('TLS 1.0 alone', 'TLSv1', 'TLSv1'),
  versions('TLS 1.1 alone', 'TLSv1.1', 'TLSv1.1'),
  versions('TLS 1.0 and 1.1', 'TLSv1', 'TLSv1.1'),
  versions('TLS 1.0 to 1.2', 'TLSv1', 'TLSv1.2'),
  versions('TLS 1.1 and 1.2', 'TLSv1.1', 'TLSv1.2'),
  versions('TLS 1.1 to 1.3', 'TLSv1.1', 'TLSv1.3'),
  versions('TLS 1.0 to 1.3', 'TLSv1', 'TLSv1.3'),
  suites('forward secrecy and AEAD alone', 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384'),
  suites('ChaCha20 alone', 'ECDHE-RSA-CHACHA20-POLY1305'),
  suites('CBC with SHA-1', 'AES128-SHA:AES256-SHA'),
  suites('CBC with SHA-256', 'ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384'),
  suites('finite-field Diffie-Hellman alone', 'DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384'),
  suites('no forward secrecy', 'AES128-GCM-SHA256:AES256-GCM-SHA384'),
  suites('Camellia beside AES', 'AES128-SHA:CAMELLIA128-SHA:CAMELLIA256-SHA'),
  suites('ARIA beside AES', 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ARIA128-GCM-SHA256'),
  // No browser speaks these two, and neither does Node: ours says that no secure connection can be made.
  suites('Camellia alone', 'CAMELLIA128-SHA:CAMELLIA256-SHA'),
  suites('ARIA alone', 'ECDHE-ARIA128-GCM-SHA256'),
  suites('no encryption (NULL-SHA256)', 'AES128-GCM-SHA256:NULL-SHA256'),
  suites('no encryption (NULL-MD5)', 'AES128-GCM-SHA256:NULL-MD5'),
  suites('no encryption (ECDHE NULL)', 'AES128-GCM-SHA256:ECDHE-RSA-NULL-SHA'),
  suites('nobody to trust (anonymous DH)', 'AES128-GCM-SHA256:ADH-AES128-SHA256'),
  suites('nobody to trust (anonymous ECDH)', 'AES128-GCM-SHA256:AECDH-AES128-SHA'),
  suites('everything that OpenSSL can', 'ALL:eNULL'),
  certificate('a good certificate', 'good'),
  certificate('an expired certificate', 'expired'),
  certificate('a certificate with five days left', 'ends-soon'),
  certificate('a self-signed certificate', 'self-signed'),
  certificate('a certificate for another name', 'other-name'),
  certificate('a certificate of an unknown authority', 'unknown-authority'),
  certificate('for another name, and no encryption', 'other-name', [
    '-max_protocol',
    'TLSv1.2',
    '-cipher',
    'AES128-SHA:NULL-SHA256:@SECLEVEL=0',
  ]),
  certificate('self-signed, and anonymous suites', 'self-signed', [
    '-max_protocol',
    'TLSv1.2',
    '-cipher',
    'AES128-SHA:ADH-AES128-SHA256:@SECLEVEL=0',
  ]),
  {
    name: 'self-signed, and TLS 1.1',
    args: ['-min_protocol', 'TLSv1.1', ...OLD],
    certificate: 'self-signed',
  },
  { name: 'expired, and TLS 1.0', args: ['-min_protocol', 'TLSv1', ...OLD], certificate: 'expired' },
];
