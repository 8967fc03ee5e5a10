// Certificates by name. Contexts are made anew when files change and swapped whole: connections that are open go on, new ones get the new certificate.
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { sha256Hex, systemCode } from '#kernel';
import { edgeError } from '../errors.ts';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** The context for a server name, the first certificate's where no name fits; null: there is no certificate at all. */
  context(servername: string | undefined): SecureContext | null;
  /** Whether a person named a certificate that fits a name. */
  given(name: string): boolean;
  /** Looks whether files changed and takes what is new. A pair that cannot be used is told, and the one in force stays. */
  refresh(): void;
  /** Options for clients that send no name: those of the first certificate. Calls back now and whenever that changes. */
  follow(take: (options: SecureContextOptions) => void): void;
  /** What is in force, for the console. */
  list(): readonly { readonly names: readonly string[]; readonly notAfter: number }[];
}

/** Forward secrecy and authenticated encryption alone (Mozilla's intermediate list without CBC and finite-field DH). */
export const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  ciphers:
    'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305',
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  honorCipherOrder: true,
} as const;

interface Loaded {
  readonly stamp: string;
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  readonly names: readonly string[];
  readonly notAfter: number;
}

function stampOf(files: CertificateFiles): string | null {
  try {
    return [files.cert, files.key]
      .map((path) => statSync(path))
      .map((s) => `${s.ino}:${s.size}:${s.mtimeMs}`)
      .join(' ');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function load(files: CertificateFiles, stamp: string, ca: readonly string[]): Loaded {
  try {
    const cert = readFileSync(files.cert);
    const leaf = new X509Certificate(cert);
    const names = (leaf.subjectAltName ?? '')
      .split(', ')
      .flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4).toLowerCase()] : []));
    const options: SecureContextOptions = {
      cert,
      key: readFileSync(files.key),
      ...TLS_OPTIONS,
      ...(ca.length === 0 ? {} : { ca: [...ca] }),
    };
    return {
      stamp,
      options,
      context: createSecureContext(options),
      names,
      notAfter: leaf.validToDate.getTime(),
    };
  } catch (error) {
    throw edgeError('edge/bad-certificate', { details: { file: files.cert }, cause: error });
  }
}

export interface CertificateSources {
  /** Those that a person named. One of them that cannot be used at the beginning is an error. */
  readonly given: readonly CertificateFiles[];
  /** Those that are there besides, as ordered ones; asked at each refresh. */
  found(): readonly CertificateFiles[];
  /** Authorities of client certificates, PEM. */
  ca(): readonly string[];
}

/** Opens certificates. A given one is preferred to one that was found for the same name. Throws `edge/bad-certificate`. */
export function openCertificates(
  sources: CertificateSources,
  onError: (error: unknown) => void,
): Certificates {
  const { given } = sources;
  let loaded = new Map<string, Loaded>();
  let byName = new Map<string, SecureContext>();
  let first = true;
  const followers: ((options: SecureContextOptions) => void)[] = [];
  const firstOf = (table: ReadonlyMap<string, Loaded>): Loaded | undefined => table.values().next().value;

  function refresh(): void {
    const next = new Map<string, Loaded>();
    const authorities = sources.ca();
    for (const pair of [...given, ...sources.found()]) {
      const before = loaded.get(pair.cert);
      try {
        const files = stampOf(pair);
        if (files === null) continue;
        const stamp = `${files} ${sha256Hex(authorities.join(''))}`;
        next.set(pair.cert, before?.stamp === stamp ? before : load(pair, stamp, authorities));
      } catch (error) {
        if (first && given.includes(pair)) throw error;
        onError(error);
        if (before !== undefined) next.set(pair.cert, before);
      }
    }
    first = false;
    const own = firstOf(next);
    const changed = own !== undefined && own !== firstOf(loaded);
    loaded = next;
    if (changed) for (const take of followers) take(own.options);
    byName = new Map();
    for (const one of loaded.values())
      for (const name of one.names) if (!byName.has(name)) byName.set(name, one.context);
  }

  refresh();
  return {
    refresh,
    context(servername) {
      const name = servername?.toLowerCase() ?? '';
      const wild = name.replace(/^[^.]+/u, '*');
      return byName.get(name) ?? byName.get(wild) ?? loaded.values().next().value?.context ?? null;
    },
    given(name) {
      const wild = name.replace(/^[^.]+/u, '*');
      return given.some(({ cert }) => {
        const names = loaded.get(cert)?.names ?? [];
        return names.includes(name) || names.includes(wild);
      });
    },
    follow(take) {
      followers.push(take);
      const own = firstOf(loaded);
      if (own !== undefined) take(own.options);
    },
    list: () => [...loaded.values()].map(({ names, notAfter }) => ({ names, notAfter })),
  };
}
