// An edge in this process, with policy made and signed here as control makes and signs it.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint, CompactEncrypt, importJWK } from 'jose';
import { ed25519Signer, writeNote } from '#crypto';
import { type Edge, type EdgeOptions, startEdge } from '#edge';
import { type Clock, steadyClock, utf8 } from '#kernel';
import {
  EMPTY_POLICY,
  type EdgePolicy,
  FIREWALL_OFF,
  type PlaneEvent,
  readEvent,
  type Route,
  UNTOUCHED,
  type Upstream,
} from '#plane';
import { ownPack } from '../../src/bin/rule-packs.ts';
import { openPublication } from '#storage';

export const PLAIN_RESPONSE = UNTOUCHED;

/** A listener on a free loopback port, without TLS unless told otherwise. */
export function testListener(more: Partial<EdgeOptions['listeners'][number]> = {}) {
  return {
    host: '127.0.0.1',
    port: 0,
    tls: false,
    clientCertificates: false,
    redirect: false,
    shared: false,
    ...more,
  };
}

export function testUpstream(port: number, more: Partial<Upstream> = {}): Upstream {
  return {
    origin: `http://127.0.0.1:${port}`,
    timeoutMs: 2_000,
    host: null,
    extraCa: [],
    connections: 32,
    ...more,
  };
}

/** A public route for everything on `shop.test` unless told otherwise. */
export function testRoute(port: number, more: Partial<Route> = {}): Route {
  return {
    id: 'rt_all',
    name: 'All',
    hosts: ['shop.test', '127.0.0.1', 'localhost'],
    path: '/',
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    upstream: testUpstream(port),
    proofs: [{ kind: 'public', owner: 'Test', reason: 'a shop window' }],
    limits: [],
    guards: [],
    allow: null,
    graphql: null,
    firewall: FIREWALL_OFF,
    response: PLAIN_RESPONSE,
    maxBodyBytes: 1024 * 1024,
    websocket: false,
    learn: false,
    ...more,
  };
}

export interface PolicyParts extends Partial<Omit<EdgePolicy, 'secrets'>> {
  /** Secret id → plain secret. */
  readonly plainSecrets?: Readonly<Record<string, string>>;
}

export interface TestEdge {
  readonly edge: Edge;
  readonly folder: string;
  readonly port: number;
  readonly ports: readonly number[];
  /** Publishes the next version of a policy and hands it over. */
  publish(policy: PolicyParts): Promise<void>;
  /** Events that were written so far. */
  events(): PlaneEvent[];
  errors: unknown[];
  /** A signed snapshot, not yet taken. */
  snapshot(policy: PolicyParts): Promise<{ readonly note: string; readonly bytes: Uint8Array }>;
  /** The same edge again, in its folder. */
  again(): Promise<Edge>;
  close(): Promise<void>;
}

/** What a whole edge beside a control of the test's own is started with. */
export function joinedEdge(
  forEdges: Pick<EdgeOptions, 'controlSocket' | 'publicationKey'>,
  folder: string,
  name: string,
): EdgeOptions {
  return {
    name,
    folder,
    listeners: [testListener()],
    certificates: [],
    acme: null,
    console: null,
    trustedProxies: [],
    onlyProxies: false,
    firewall: ownPack(),
    broker: { host: '127.0.0.1', port: 0, shared: false },
    countersUrl: null,
    ...forEdges,
    outbound: { allowNetworks: [], extraCa: [], resolver: null, userAgent: 'LoupeTest/1', connectTo: {} },
    maxSpoolBytes: 64 * 1024 * 1024,
    clock: steadyClock(),
    onError: () => undefined,
  };
}

export async function startTestEdge(
  policy: PolicyParts | null,
  options: Partial<EdgeOptions> & { readonly clock?: Clock } = {},
): Promise<TestEdge> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'loupe-edge-'));
  const signer = ed25519Signer('loupe/publication', randomBytes(32));
  const clock = options.clock ?? steadyClock();
  const errors: unknown[] = [];
  const publication = openPublication(
    mkdtempSync(join(tmpdir(), 'loupe-pub-')),
    'edge-policy',
    { sign: async (text) => writeNote(text, [signer.sign(text)]), verifier: signer.verifier },
    () => clock.now(),
  );
  const all: EdgeOptions = {
    ...joinedEdge({ controlSocket: null, publicationKey: signer.verifier.vkey }, folder, 'edge-1'),
    broker: null,
    outbound: {
      allowNetworks: ['127.0.0.0/8'],
      extraCa: [],
      resolver: null,
      userAgent: 'LoupeTest/1',
      connectTo: {},
    },
    clock,
    onError: (error) => errors.push(error),
    ...options,
    folder,
  };
  let edge = await startEdge(all);
  const { key, id } = await edgePublicKey(folder);

  async function snapshot(parts: PolicyParts) {
    const { plainSecrets = {}, ...rest } = parts;
    const secrets: Record<string, Record<string, string>> = {};
    for (const [name, secret] of Object.entries({ pseudonyms: 'x'.repeat(32), ...plainSecrets })) {
      const jwe = await new CompactEncrypt(utf8(secret))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
        .encrypt(key);
      secrets[name] = { [id]: jwe };
    }
    const own: EdgePolicy = {
      ...EMPTY_POLICY,
      pseudonymKey: 'pseudonyms',
      ...rest,
      secrets,
    };
    const text = JSON.stringify({ v: 1, version: 0, madeAt: clock.now(), shops: { shp_test: own } });
    await publication.publish([{ path: 'snapshot.json', bytes: utf8(text) }]);
    return { note: publication.note() ?? '', bytes: utf8(text) };
  }

  const test: TestEdge = {
    get edge() {
      return edge;
    },
    folder,
    get port() {
      return edge.ports[0] ?? 0;
    },
    get ports() {
      return edge.ports;
    },
    errors,
    snapshot,
    async publish(parts) {
      const { note, bytes } = await snapshot(parts);
      const taken = await edge.take(note, bytes);
      if (!taken.ok) throw new Error(`${taken.why} ${taken.detail}`);
    },
    events: () => spooledEvents(join(folder, 'spool', all.name)),
    async again() {
      edge = await startEdge(all);
      return edge;
    },
    close: () => edge.close(200),
  };
  if (policy !== null) await test.publish(policy);
  return test;
}

async function edgePublicKey(folder: string) {
  const jwk = createPublicKey(createPrivateKey(readFileSync(join(folder, 'edge.key')))).export({
    format: 'jwk',
  });
  const own = { kty: 'OKP', crv: 'X25519', x: jwk.x ?? '' };
  return { key: await importJWK(own, 'ECDH-ES'), id: await calculateJwkThumbprint(own) };
}

/** Everything that lies in a spool, in order. */
function spooledEvents(folder: string): PlaneEvent[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((boot) =>
      readdirSync(join(folder, boot))
        .toSorted()
        .flatMap((file) =>
          readFileSync(join(folder, boot, file), 'utf8')
            .split('\n')
            .slice(0, -1),
        ),
    )
    .map((line) => readEvent(JSON.parse(line)));
}

/** An Ed25519 key pair as JWKs. */
export function ed25519Jwk(): {
  readonly privateJwk: Record<string, unknown>;
  readonly publicJwk: Record<string, unknown>;
} {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateJwk: { ...privateKey.export({ format: 'jwk' }) },
    publicJwk: { ...publicKey.export({ format: 'jwk' }) },
  };
}
