// The process, put together: listeners, policy, counters, spool, line to control.
import { mkdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type Clock, MINUTE_MS, SECOND_MS, systemCode } from '#kernel';
import type { OutboundPolicy } from '#outbound';
import { writeFileDurably } from '#storage';
import type { RulePack } from '#waf';
import type { Line, ServeParts } from './admit.ts';
import { openShadow, type Shadow, draftSource } from './allow/shadow.ts';
import { openChallenges } from './acme/challenges.ts';
import { answerAtDoor, type DoorParts } from './acme/door.ts';
import { acmeFolder, orderedFiles } from './acme/files.ts';
import { type AcmeOptions, openOrders, type Orders } from './acme/orders.ts';
import { openBroker } from './broker/broker.ts';
import { openCanary } from './canary.ts';
import type { Inspector } from './firewall/inspector.ts';
import { openRulePacks } from './firewall/rule-packs.ts';
import { type IssuerKeys, issuerKeys, type KeyPlace } from './callers/issuer-keys.ts';
import type { Counters } from './limits/counters.ts';
import { type Lock, memoryCounters } from './limits/memory.ts';
import { sharedCounters } from './limits/shared.ts';
import { openShedder } from './limits/shedding.ts';
import { trustedProxies } from './message/client.ts';
import { openPolicyStore, type PolicyStore, type TakenSnapshot } from './policy-store.ts';
import { openSlowReaders } from './proxy/slow-readers.ts';
import { openUpstreams } from './proxy/upstream.ts';
import type { ConsolePlace } from './routing/console-route.ts';
import type { LivePolicy } from './routing/live.ts';
import { edgeKey } from './routing/secrets.ts';
import { serve } from './serve.ts';
import { openSpool, type Spool } from './spool/spool.ts';
import { type CertificateFiles, openCertificates } from './tls/certificates.ts';
import {
  certificateOf,
  CONNECTION_BOUNDS,
  type ConnectionBounds,
  type Listener,
  type ListenerPlace,
  openListener,
} from './tls/listener.ts';
import { openUplink, type Uplink } from './uplink.ts';
import { upgrade } from './upgrade.ts';

export interface EdgeOptions {
  /** Names this edge for ever; one process at a time. */
  readonly name: string;
  /** The edges' folder on this machine: key and snapshot shared by them, a spool of each. */
  readonly folder: string;
  readonly listeners: readonly ListenerPlace[];
  readonly certificates: readonly CertificateFiles[];
  /** Certificates that are ordered for the hosts of routes; null: none are. */
  readonly acme: AcmeOptions | null;
  /** Loupe's own pages at a public name, or null. */
  readonly console: ConsolePlace | null;
  readonly trustedProxies: readonly string[];
  /** Refuses, on shops' routes, whoever does not come through one of them. */
  readonly onlyProxies: boolean;
  /** The rules that requests are inspected by. */
  readonly firewall: RulePack;
  /** Where the shop's software calls third parties from: a loopback listener; null: nowhere. */
  readonly broker: { readonly host: string; readonly port: number; readonly shared: boolean } | null;
  readonly bounds?: Partial<ConnectionBounds>;
  /** Valkey or Redis for counts shared by all edges; null: each counts alone. */
  readonly countersUrl: string | null;
  /** Control's socket for edges; null: the snapshot on disk is all there is. */
  readonly controlSocket: string | null;
  /** Verifies the publication's pointers. */
  readonly publicationKey: string;
  /** How issuers' keys are fetched. */
  readonly outbound: OutboundPolicy;
  readonly maxSpoolBytes: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

export interface Edge {
  readonly ports: readonly number[];
  readonly brokerPort: number | null;
  /** Where self-tests come in, on loopback. */
  readonly selfPort: number;
  /** The version of policy in force; 0: none. */
  version(): number;
  /** Takes a snapshot that came by another way than the line to control. */
  take(note: string, bytes: Uint8Array): Promise<TakenSnapshot>;
  connections(): number;
  /** Ends what is under way, at most `graceMs`, and stops. */
  close(graceMs?: number): Promise<void>;
}

/** Where self-tests come in: this machine alone, on a port that changes. */
const SELF_LISTENER: ListenerPlace = {
  host: '127.0.0.1',
  port: 0,
  tls: false,
  clientCertificates: false,
  redirect: false,
  shared: false,
};

const GRACE_MS = 8 * SECOND_MS;
const LOCKS_MS = SECOND_MS;
/** How soon a certificate that another edge ordered is used here. */
const CERTIFICATES_MS = 5 * SECOND_MS;

/** Starts an edge. Throws `edge/busy-port`, `edge/bad-certificate`; a policy that is missing or bad is no reason not to start. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { clock, onError, folder } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = await edgeKey(folder);
  const spool = openSpool({
    folder: join(folder, 'spool', options.name),
    edge: options.name,
    clock,
    maxBytes: options.maxSpoolBytes,
    onError,
  });
  const memory = memoryCounters();
  const shared =
    options.countersUrl === null
      ? null
      : sharedCounters({
          url: options.countersUrl,
          onState: (now) => spool.record('', 'counters', { shared: now }),
        });
  const counters: Counters = shared ?? memory;
  const locks = keptLocks(join(folder, `locks-${options.name}.json`), memory, clock, onError);
  const upstreams = openUpstreams();
  const canary = await openCanary();
  const shedder = openShedder();
  const readers = openSlowReaders();
  const packs = openRulePacks({
    own: options.firewall,
    folder: join(folder, `packs-${options.name}`),
    async fetch(id) {
      // An edge that opens its policy from disk has no line yet, and asks again when it has one.
      if (uplink === null && options.controlSocket !== null) throw new Error('no line to control yet');
      return uplink === null ? null : await uplink.pack(id);
    },
    onError,
  });
  const proxies = trustedProxies(options.trustedProxies);
  const keySets = new Map<string, IssuerKeys>();
  const shadows = new Map<string, Shadow>();
  const lifted = new Map<string, number>();

  let authorities: readonly string[] = [];
  let orders: Orders | null = null;
  let uplink: Uplink | null = null;
  const ordered = options.acme === null ? null : acmeFolder(folder, options.acme.directory);
  const certificates = openCertificates(
    {
      given: options.certificates,
      found: () => (ordered === null ? [] : orderedFiles(ordered).map((path) => ({ cert: path, key: path }))),
      ca: () => authorities,
    },
    onError,
  );

  const store: PolicyStore = await openPolicyStore(
    join(folder, `policy-${options.name}`),
    options.publicationKey,
    {
      key,
      counters,
      upstreams,
      canaryOrigin: canary.origin,
      console: options.console,
      known: new Map(),
      inspectorOf: (pack) => packs.of(pack),
      shadowOf: (shop, route) => remembered(shadows, `${shop}/${route}`, openShadow),
      issuerKeys: (place: KeyPlace) =>
        remembered(keySets, `${place.from} ${place.url}`, () => issuerKeys(place, options.outbound, clock)),
    },
    (policy) => {
      authorities = authoritiesOf(policy);
      certificates.refresh();
      liftLocks(policy, lifted, counters);
      orders?.wake();
      packs.keepOnly(inspectorsOf(policy));
      for (const { shop, route, why } of policy.held) spool.record(shop, 'route-held', { route, why });
    },
  );
  if (options.acme?.orders === true && ordered !== null)
    orders = openOrders({
      ...options.acme,
      folder: ordered,
      clock,
      names: () => (store.current()?.hosts() ?? []).filter((name) => !certificates.given(name)),
      onOrdered(name) {
        certificates.refresh();
        spool.record('', 'certificate-ordered', { name });
      },
      onFailed: (name, problem) => spool.record('', 'certificate-failed', { name, problem }),
      onError,
    });
  const door: DoorParts = {
    challenges: ordered === null ? null : openChallenges(ordered.challenges),
    knows: (host) => store.current()?.hosts().includes(host) === true,
    port: options.listeners.find((place) => place.tls && !place.clientCertificates)?.port ?? 443,
  };
  const parts: ServeParts = {
    clock,
    proxies,
    onlyProxies: options.onlyProxies,
    counters,
    shedder,
    readers,
    spool,
    policy: () => store.current(),
  };
  await shared?.ready();
  const listeners: Listener[] = [];
  try {
    for (const place of [...options.listeners, SELF_LISTENER])
      listeners.push(
        await openListener(
          place,
          certificates,
          {
            request: (request, response) =>
              place.redirect
                ? answerAtDoor({ request, response }, door)
                : void serve({ request, response }, lineOf(request.socket, place), parts),
            upgrade: (request, socket, early) =>
              place.redirect
                ? socket.destroy()
                : void upgrade(request, socket, early, lineOf(request.socket, place), parts),
            malformed: (code) => spool.record('', 'malformed', { code: code.slice(0, 60) }),
            trusts: (peer) => proxies.trusts(peer),
          },
          { ...CONNECTION_BOUNDS, ...options.bounds },
        ),
      );
  } catch (error) {
    for (const listener of listeners) await listener.drain(0);
    throw error;
  }

  const selfListener = listeners.at(-1);
  const broker =
    options.broker === null
      ? null
      : await openBroker({
          ...options.broker,
          clock,
          counters,
          spool,
          userAgent: options.outbound.userAgent,
          policy: () => store.current(),
        });

  const connections = (): number => listeners.reduce((sum, listener) => sum + listener.connections(), 0);
  uplink =
    options.controlSocket === null
      ? null
      : openUplink({
          socketPath: options.controlSocket,
          edge: options.name,
          key,
          spool,
          version: () => store.current()?.version ?? 0,
          state: () => ({
            connections: connections(),
            selfPort: selfListener?.port ?? 0,
            listeners: options.listeners.map(({ host, tls, redirect }) => ({ host, tls, redirect })),
            proxies: options.trustedProxies.length === 0 ? 'none' : options.onlyProxies ? 'only' : 'listed',
            counters: shared === null ? 'memory' : shared.shared() ? 'shared' : 'lost',
            certificates: certificates
              .list()
              .map((one) => ({ names: [...one.names], notAfter: one.notAfter })),
            held: (store.current()?.held ?? []).slice(0, 20).map((one) => ({ ...one })),
            unordered: (orders?.unordered() ?? []).slice(0, 20).map((one) => ({ ...one })),
          }),
          take: (note, bytes) => store.take(note, bytes),
          onError,
        });

  const timers = [
    setInterval(() => certificates.refresh(), CERTIFICATES_MS),
    setInterval(() => tellShadows(shadows, spool), MINUTE_MS),
    setInterval(() => locks.keep(), LOCKS_MS),
  ];
  for (const timer of timers) timer.unref();
  spool.record('', 'started', { version: store.current()?.version ?? 0 });

  return {
    ports: listeners.filter((listener) => listener !== selfListener).map((listener) => listener.port),
    selfPort: selfListener?.port ?? 0,
    brokerPort: broker?.port ?? null,
    version: () => store.current()?.version ?? 0,
    take: (note, bytes) => store.take(note, bytes),
    connections,
    async close(graceMs = GRACE_MS) {
      for (const timer of timers) clearInterval(timer);
      await orders?.close();
      await Promise.all([...listeners.map((listener) => listener.drain(graceMs)), broker?.close()]);
      shedder.close();
      readers.close();
      await packs.close();
      locks.keep();
      tellShadows(shadows, spool);
      await spool.close();
      await uplink?.close();
      await upstreams.close();
      await canary.close();
      await counters.close();
    },
  };
}

/** What inspects any shop's requests. */
function inspectorsOf(policy: LivePolicy): ReadonlySet<Inspector> {
  return new Set(
    policy.routes.flatMap(({ inspectors: { enforced, candidate } }) =>
      candidate === null ? [enforced] : [enforced, candidate],
    ),
  );
}

/** The authorities of client certificates that any route knows. */
function authoritiesOf(policy: LivePolicy): readonly string[] {
  const proofs = policy.routes.flatMap((route) => route.rule.proofs);
  return [...new Set(proofs.flatMap((proof) => (proof.kind === 'client-certificate' ? [proof.ca] : [])))];
}

function lineOf(socket: Socket, place: ListenerPlace): Line {
  return {
    self: place === SELF_LISTENER,
    secure: place.tls,
    peer: socket.remoteAddress ?? '',
    certificate: place.clientCertificates ? certificateOf(socket) : null,
  };
}

function remembered<T>(table: Map<string, T>, key: string, make: () => T): T {
  const found = table.get(key) ?? make();
  table.set(key, found);
  return found;
}

/** A person's word that ends a lock; each counts once. */
function liftLocks(policy: LivePolicy, lifted: Map<string, number>, counters: Counters): void {
  for (const { policy: own } of policy.shops)
    for (const [lock, at] of Object.entries(own.lifted)) {
      if ((lifted.get(lock) ?? 0) >= at) continue;
      lifted.set(lock, at);
      void counters.lift(lock);
    }
}

/** What routes in learning have seen, once a minute. */
function tellShadows(shadows: ReadonlyMap<string, Shadow>, spool: Spool): void {
  for (const [place, shadow] of shadows) {
    const [shop = '', route = ''] = place.split('/');
    for (const one of shadow.take()) {
      const source = draftSource(one);
      spool.record(shop, 'shape', {
        route,
        method: source.method,
        path: source.path,
        count: source.count,
        types: [...source.types],
        query: source.query.map((value) => ({ ...value, kinds: [...value.kinds] })),
        members: source.members.map((value) => ({ ...value, kinds: [...value.kinds] })),
      });
    }
  }
}

/** Locks on disk, so that a restart lifts none. */
function keptLocks(
  path: string,
  memory: ReturnType<typeof memoryCounters>,
  clock: Clock,
  onError: (error: unknown) => void,
): { keep(): void } {
  let written = '[]';
  try {
    written = readFileSync(path, 'utf8');
    const locks: Lock[] = JSON.parse(written);
    memory.restore(locks.filter((lock) => lock.untilMs > clock.now()));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') onError(error);
  }
  return {
    keep() {
      const text = JSON.stringify(memory.locks(clock.now()));
      if (text === written) return;
      try {
        writeFileDurably(path, text);
        written = text;
      } catch (error) {
        onError(error);
      }
    },
  };
}
