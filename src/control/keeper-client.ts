import type { Recipient } from '#crypto';
import { base64Of, canonicalJson, fromBase64, type Json } from '#kernel';
import { type Channel, fieldsOf, type Leaf, leafJson, openChannel, planeError } from '#plane';
import type { BlobKeys } from '#storage';

/** What control asks of the keeper. Control holds no key of its own. */
export interface KeeperClient extends BlobKeys {
  custody(): Promise<{ readonly custody: string; readonly madeAt: number }>;
  ensureLog(id: string, sample: boolean): Promise<LogKey>;
  logs(): Promise<readonly LogKey[]>;
  /** Appends leaves once, however often the same `lastSeq` is sent; returns the number of the first. */
  append(log: string, leaves: readonly Leaf[], lastSeq: number): Promise<number>;
  checkpoint(log: string): Promise<string>;
  prove(log: string, index: number): Promise<string>;
  consistency(log: string, oldSize: number, newSize: number): Promise<readonly Uint8Array[]>;
  sealSecret(secret: string, context: readonly string[]): Promise<string>;
  /** Makes a secret that only edges get to see: 256 random bits, or an Ed25519 key (JWK). */
  makeSecret(kind: 'random' | 'ed25519', context: readonly string[]): Promise<string>;
  openSecret(sealed: string, context: readonly string[]): Promise<string>;
  /** Seals a secret again, to an edge; it passes through here without being seen. */
  sendSecret(sealed: string, context: readonly string[], to: Recipient): Promise<string>;
  signPublication(text: string): Promise<string>;
  publicationKey(): Promise<string>;
  close(): void;
}

export interface LogKey {
  readonly id: string;
  readonly origin: string;
  readonly sample: boolean;
  readonly size: number;
  readonly vkey: string;
}

function text(value: Json): string {
  if (typeof value !== 'string') throw planeError('plane/malformed');
  return value;
}

function bytes(value: Json): Uint8Array {
  const decoded = fromBase64(text(value));
  if (decoded === null) throw planeError('plane/malformed');
  return decoded;
}

function logKey(value: Json): LogKey {
  const fields = fieldsOf(value);
  return {
    id: fields.text('id'),
    origin: fields.text('origin'),
    sample: fields.flag('sample'),
    size: fields.integer('size'),
    vkey: fields.text('vkey'),
  };
}

export function openKeeperClient(socketPath: string): KeeperClient {
  const channel: Channel = openChannel(socketPath);
  return {
    async custody() {
      const fields = fieldsOf(await channel.call('custody', null));
      return { custody: fields.text('custody'), madeAt: fields.integer('madeAt') };
    },
    ensureLog: async (id, sample) => logKey(await channel.call('log.ensure', { id, sample })),
    async logs() {
      const list = await channel.call('log.list', null);
      return Array.isArray(list) ? list.map((log: Json) => logKey(log)) : [];
    },
    async append(log, leaves, lastSeq) {
      const texts = leaves.map((leaf) => canonicalJson(leafJson(leaf)));
      const batch = { source: 'control', lastSeq };
      return fieldsOf(await channel.call('log.append', { log, leaves: texts, batch })).integer('first');
    },
    checkpoint: async (log) => text(await channel.call('log.checkpoint', { log })),
    prove: async (log, index) => text(await channel.call('log.prove', { log, index })),
    async consistency(log, oldSize, newSize) {
      const path = await channel.call('log.consistency', { log, oldSize, newSize });
      return Array.isArray(path) ? path.map((hash: Json) => bytes(hash)) : [];
    },
    sealSecret: async (secret, context) => text(await channel.call('secret.seal', { secret, context })),
    makeSecret: async (kind, context) => text(await channel.call('secret.make', { kind, context })),
    openSecret: async (sealed, context) => text(await channel.call('secret.open', { sealed, context })),
    sendSecret: async (sealed, context, to) =>
      text(await channel.call('secret.send', { sealed, context, recipient: to.id, jwk: { ...to.jwk } })),
    signPublication: async (note) => text(await channel.call('publication.sign', { text: note })),
    publicationKey: async () => text(await channel.call('publication.key', null)),
    async makeKey(context) {
      const fields = fieldsOf(await channel.call('key.make', { context }));
      return { key: bytes(fields.text('key')), wrapped: bytes(fields.text('wrapped')) };
    },
    openKey: async (wrapped, context) =>
      bytes(await channel.call('key.open', { wrapped: base64Of(wrapped), context })),
    close: () => channel.close(),
  };
}
