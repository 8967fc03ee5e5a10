// The keeper holds the keys. It reads nothing that a stranger sent: only requests of Loupe's own processes, over a
// socket of their account. A control process that is taken over can ask it to sign and to open while it runs, but cannot
// take a key away, nor change a leaf that was appended.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readRootKey, seal, sealTo, unseal, writeNote } from '#crypto';
import { base64Of, type Clock, fromBase64, type Json, utf8 } from '#kernel';
import { openLedger, type SourceBatch } from '#ledger';
import {
  type ChannelServer,
  decodeLeaf,
  fieldsOf,
  isObject,
  type JsonObject,
  type Methods,
  planeError,
  serveChannel,
} from '#plane';
import type { DatabasePlace } from '#storage';
import { keyRing } from './keys.ts';

export interface KeeperOptions {
  readonly socketPath: string;
  readonly rootKeyPath: string;
  readonly ledger: DatabasePlace;
  readonly clock: Clock;
}

export interface Keeper {
  /** Verifies what is published; edges are given it when they start. */
  readonly publicationKey: string;
  close(): Promise<void>;
}

function bytesFrom(base64: string, field: string): Uint8Array {
  const bytes = fromBase64(base64);
  if (bytes === null) throw planeError('plane/malformed', { details: { field } });
  return bytes;
}

/** Opens the ledger with the keys below the root key and serves both on the socket. */
export async function startKeeper(options: KeeperOptions): Promise<Keeper> {
  const root = readRootKey(options.rootKeyPath);
  const keys = keyRing(root);
  const ledger = await openLedger({
    place: options.ledger,
    clock: options.clock,
    signerOf: (log) => keys.logSigner(log),
  });
  const publication = keys.publicationSigner();

  const methods: Methods = {
    custody: () => ({ custody: root.custody, madeAt: root.madeAt }),

    'log.ensure': async (params) => {
      const fields = fieldsOf(params);
      return { ...(await ledger.ensureLog(fields.text('id'), fields.flag('sample'))) };
    },
    'log.list': () => ledger.logs().map((log) => ({ ...log })),
    'log.append': async (params) => {
      const fields = fieldsOf(params);
      const leaves = fields.texts('leaves').map((leaf) => utf8(leaf));
      for (const leaf of leaves) decodeLeaf(leaf);
      return { ...(await ledger.append(fields.text('log'), leaves, batchOf(fields.json('batch')))) };
    },
    'log.checkpoint': async (params) => await ledger.checkpoint(fieldsOf(params).text('log')),
    'log.leaf': async (params) => {
      const fields = fieldsOf(params);
      return Buffer.from(await ledger.leaf(fields.text('log'), fields.integer('index'))).toString('utf8');
    },
    'log.prove': async (params) => {
      const fields = fieldsOf(params);
      return await ledger.prove(fields.text('log'), fields.integer('index'));
    },
    'log.consistency': async (params) => {
      const fields = fieldsOf(params);
      const path = await ledger.consistency(
        fields.text('log'),
        fields.integer('oldSize'),
        fields.integer('newSize'),
      );
      return path.map((hash) => base64Of(hash));
    },

    'key.make': (params) => {
      const context = fieldsOf(params).texts('context');
      const key = randomBytes(32);
      return { key: base64Of(key), wrapped: base64Of(seal(keys.wrapKey, key, ['data-key', ...context])) };
    },
    'key.open': (params) => {
      const fields = fieldsOf(params);
      const wrapped = bytesFrom(fields.text('wrapped'), 'wrapped');
      return base64Of(unseal(keys.wrapKey, wrapped, ['data-key', ...fields.texts('context')]));
    },
    'secret.seal': (params) => {
      const fields = fieldsOf(params);
      return base64Of(
        seal(keys.wrapKey, utf8(fields.text('secret')), ['secret', ...fields.texts('context')]),
      );
    },
    'secret.open': (params) => {
      const fields = fieldsOf(params);
      const sealed = bytesFrom(fields.text('sealed'), 'sealed');
      return Buffer.from(unseal(keys.wrapKey, sealed, ['secret', ...fields.texts('context')])).toString(
        'utf8',
      );
    },
    'secret.make': (params) => {
      const fields = fieldsOf(params);
      const kind = fields.oneOf('kind', ['random', 'ed25519']);
      const secret =
        kind === 'random'
          ? randomBytes(32).toString('base64url')
          : JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
      return base64Of(seal(keys.wrapKey, utf8(secret), ['secret', ...fields.texts('context')]));
    },
    'secret.send': async (params) => {
      const fields = fieldsOf(params);
      const sealed = bytesFrom(fields.text('sealed'), 'sealed');
      const plain = unseal(keys.wrapKey, sealed, ['secret', ...fields.texts('context')]);
      // From here to its recipient the secret is sealed again: whoever passes it on does not see it.
      const { kty, crv, x } = keyOf(fields.object('jwk'));
      return await sealTo({ id: fields.text('recipient'), jwk: { kty, crv, x } }, plain);
    },
    'publication.sign': (params) => {
      const text = fieldsOf(params).text('text');
      if (!text.startsWith('loupe-pointer-v1\n'))
        throw planeError('plane/malformed', { details: { field: 'text' } });
      return writeNote(text, [publication.sign(text)]);
    },
    'publication.key': () => publication.verifier.vkey,
  };

  const server: ChannelServer = await serveChannel(options.socketPath, methods);
  return {
    publicationKey: publication.verifier.vkey,
    async close() {
      await server.close();
      await ledger.close();
    },
  };
}

function keyOf(jwk: JsonObject): { readonly kty: string; readonly crv: string; readonly x: string } {
  const fields = fieldsOf(jwk);
  return { kty: fields.oneOf('kty', ['OKP']), crv: fields.oneOf('crv', ['X25519']), x: fields.text('x') };
}

function batchOf(value: Json): SourceBatch | undefined {
  if (!isObject(value)) return undefined;
  const fields = fieldsOf(value);
  return { source: fields.text('source'), lastSeq: fields.integer('lastSeq') };
}
