// The config file: each room's part, composed here and nowhere else. Only bin reads the environment.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type ConfigFault, configError, readConfig, resolveSecret, secretReference } from '#config';
import { systemCode } from '#kernel';
import type { MailOptions } from '#control';
import { networkList } from '#outbound';
import type { DatabasePlace } from '#storage';

/** Loupe's own folder. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** 0 takes a free port. */
const freePort = z.number().int().min(0).max(65_535);

const reachSchema = z.strictObject({
  allowNetworks: z.array(z.string()).default([]),
  extraCa: z.array(z.string()).default([]),
  resolver: z.string().nullable().default(null),
  connectTo: z.record(z.string(), z.string()).default({}),
});

const anchorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), name: z.string().min(1), path: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('webhook'),
    name: z.string().min(1),
    url: z.url({ protocol: /^https$/u }),
  }),
  z.strictObject({
    kind: z.literal('witness'),
    name: z.string().min(1),
    url: z.url({ protocol: /^https$/u }),
    vkey: z.string().min(1),
  }),
]);

/** An address or CIDR block. */
const network = z.string().refine(
  (given) => {
    try {
      networkList([given]);
      return true;
    } catch {
      return false; // the refinement's own words say what is wrong
    }
  },
  { error: 'an address or a network like 192.0.2.0/24' },
);

const listenerSchema = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: freePort.default(7443),
  tls: z.boolean().default(true),
  /** Asks callers for a certificate: a listener of its own, because browsers would ask their users. */
  clientCertificates: z.boolean().default(false),
  /** Without TLS: shows everybody to https, and answers the authority that certificates are ordered from. */
  redirect: z.boolean().default(false),
});

/** The shop window, where stones of feeds are shown. */
const windowSchema = z.strictObject({ host: z.string().default('127.0.0.1'), port: freePort.default(7446) });

/** Where stones are passed through that may not be kept. */
const liveSchema = z.strictObject({ host: z.string().default('127.0.0.1'), port: freePort.default(7447) });

/** The edge, where there is something to guard: `edge:` alone takes every default. */
const edgeFields = z.strictObject({
  listeners: z
    .array(listenerSchema)
    .min(1)
    .max(8)
    .default([listenerSchema.parse({})]),
  /** How many processes share the listeners; one a core is the most that helps. */
  processes: z.number().int().min(1).max(64).default(1),
  /** Chain and key, PEM. */
  certificates: z
    .array(z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }))
    .max(200)
    .default([]),
  /** Proxies and CDNs whose word about the client's address counts; addresses or CIDR blocks. */
  trustedProxies: z.array(network).max(500).default([]),
  /** Shops are served to these proxies alone: whoever finds the edge's own address gets nothing. */
  onlyProxies: z.boolean().default(false),
  /** Valkey or Redis, for counts shared by all edges. */
  counters: secretReference.nullable().default(null),
  /** Where the shop's own software calls third parties through Loupe; on loopback, or a network that only it is on. */
  broker: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: freePort.default(7444) })
    .nullable()
    .default(null),
  /** Orders certificates for the hosts of routes (ACME, RFC 8555) and keeps them fresh. */
  acme: z
    .strictObject({
      directory: z.url({ protocol: /^https$/u }).default('https://acme-v02.api.letsencrypt.org/directory'),
      contact: z.email().nullable().default(null),
      /** The authority's terms of service are somebody's to read and agree to. */
      agreeToTerms: z.literal(true),
    })
    .transform(({ directory, contact }) => ({ directory, contact }))
    .nullable()
    .default(null),
  /** Serves the console and links to others under `publicNames`. */
  console: z.boolean().default(false),
  maxSpoolBytes: z.number().int().min(1_048_576).default(268_435_456),
});
const edgeSchema = edgeFields.superRefine((edge, context) => {
  const fault = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  for (const [i, listener] of edge.listeners.entries())
    if (listener.redirect && (listener.tls || listener.clientCertificates))
      fault(
        ['listeners', i, 'redirect'],
        'a listener that shows the way to https has no TLS itself: tls: false',
      );
  if (edge.onlyProxies && edge.trustedProxies.length === 0)
    fault(['onlyProxies'], 'needs trustedProxies: without one nobody would be served');
  if (edge.acme !== null && !edge.listeners.some((listener) => listener.redirect))
    fault(['acme'], 'needs a listener with redirect: true that port 80 of the public name leads to');
});

const mailSchema = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(465),
  encryption: z.enum(['tls', 'starttls']).default('tls'),
  from: z.email(),
  user: z.string().nullable().default(null),
  password: secretReference.nullable().default(null),
});

const settingsFields = z.strictObject({
  dataDir: z.string().min(1).default('./data'),
  rootKeyFile: z.string().min(1).optional(),
  listen: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: freePort.default(7070) })
    .prefault({}),
  publicNames: z.array(z.string()).default([]),
  storage: z.strictObject({ postgres: secretReference.optional() }).prefault({}),
  look: z
    .strictObject({
      browser: z.enum(['sandboxed', 'unsandboxed', 'off']).default('sandboxed'),
      chromium: z.string().nullable().default(null),
    })
    .prefault({}),
  reach: z.record(z.string(), reachSchema).default({}),
  anchors: z.array(anchorSchema).default([]),
  mail: mailSchema.nullable().default(null),
  edge: edgeSchema.nullable().default(null),
  window: windowSchema.nullable().default(null),
  live: liveSchema.nullable().default(null),
  samples: z.boolean().default(false),
  /** The first of eight neighbouring ports. */
  sampleFirstPort: freePort.default(7071),
});

export const settingsSchema = settingsFields.superRefine(({ edge, publicNames }, context) => {
  if (edge?.console === true && publicNames.length === 0)
    context.addIssue({
      code: 'custom',
      path: ['edge', 'console'],
      message: 'needs a name under publicNames that the console is opened at',
    });
});

/** What a config file says, with every default in its place and every path absolute. */
export type Settings = z.infer<typeof settingsSchema> & {
  /** The file it came from, or null: no config, the first try. */
  readonly file: string | null;
  readonly rootKeyFile: string;
};

export class ConfigFaults extends Error {
  readonly faults: readonly ConfigFault[];
  readonly file: string;

  constructor(file: string, faults: readonly ConfigFault[]) {
    super(`${file} is wrong`);
    this.file = file;
    this.faults = faults;
  }
}

const DEFAULT_FILE = 'loupe.yaml';

/**
 * Reads the settings: from `path`, else from loupe.yaml in this folder, else the defaults of a first try with samples.
 * Throws ConfigFaults, or `config/unreadable`.
 */
export function readSettings(path: string | undefined): Settings {
  const file = path ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : null);
  let text = 'samples: true\nwindow: {}\nlive: {}\n';
  if (file !== null) {
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw configError('config/unreadable', {
        details: { file, why: systemCode(error) ?? '' },
        cause: error,
      });
    }
  }
  const read = readConfig(text, settingsSchema);
  if (!read.ok) throw new ConfigFaults(file ?? '', read.faults);
  const base = file === null ? ROOT : dirname(resolve(file));
  const dataDir = resolve(base, read.config.dataDir);
  const { rootKeyFile } = read.config;
  return {
    ...read.config,
    file: file === null ? null : resolve(file),
    dataDir,
    // Beside the data, not in it: a copy of the data folder is not a copy of the key.
    rootKeyFile: rootKeyFile === undefined ? `${dataDir}.key` : resolve(base, rootKeyFile),
    edge:
      read.config.edge === null
        ? null
        : {
            ...read.config.edge,
            certificates: read.config.edge.certificates.map(({ cert, key }) => ({
              cert: resolve(base, cert),
              key: resolve(base, key),
            })),
          },
    anchors: read.config.anchors.map((anchor) =>
      anchor.kind === 'file' ? { ...anchor, path: resolve(base, anchor.path) } : anchor,
    ),
    reach: Object.fromEntries(
      Object.entries(read.config.reach).map(([host, reach]) => [
        host,
        { ...reach, extraCa: reach.extraCa.map((ca) => readFileSync(resolve(base, ca), 'utf8')) },
      ]),
    ),
  };
}

/** What a reference in the config names. */
function secretOf(reference: string): string {
  return resolveSecret(reference, {
    env: (name) => process.env[name],
    file: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  });
}

/** The mail server that questions and reminders go through, or null. */
export function mailOf({ mail }: Settings): MailOptions | null {
  return mail === null
    ? null
    : { ...mail, password: mail.password === null ? null : secretOf(mail.password) };
}

/** Where one owner's tables lie. */
export function databaseOf(settings: Settings, owner: 'state' | 'events' | 'ledger'): DatabasePlace {
  const reference = settings.storage.postgres;
  if (reference === undefined) return { engine: 'sqlite', path: join(settings.dataDir, `${owner}.db`) };
  const url = secretOf(reference);
  return { engine: 'postgres', url, schema: `loupe_${owner}` };
}

/** Sockets between the processes, in a folder that only this account enters. */
export function socketsOf(settings: Settings): {
  readonly folder: string;
  readonly keeper: string;
  readonly worker: string;
  readonly live: string;
  readonly operator: string;
  readonly edge: string;
} {
  const folder = join(settings.dataDir, 'run');
  return {
    folder,
    keeper: join(folder, 'keeper.sock'),
    worker: join(folder, 'worker.sock'),
    live: join(folder, 'live.sock'),
    operator: join(folder, 'operator.sock'),
    edge: join(folder, 'edge.sock'),
  };
}

/** The edge's place for shared counters, or null. */
export function countersOf({ edge }: Settings): string | null {
  return edge === null || edge.counters === null ? null : secretOf(edge.counters);
}

/** Where `loupe start` leaves what it knows of the sample shops, for control and for the command line. */
export function samplesFile(settings: Settings): string {
  return join(socketsOf(settings).folder, 'samples.json');
}

export const USER_AGENT = "LoupeLook/0.1 (a shop owner's security check)";
