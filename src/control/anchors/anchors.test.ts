import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosigner, openNote, readVerifier } from '#crypto';
import { fromBase64 } from '#kernel';
import { openCheckpoint, parseCheckpointUnverified, splitAnchors, verifyConsistency } from '#ledger';
import { testAuthority } from '../../../test/support/certificates.ts';
import { httpsServer, type Running } from '../../../test/support/servers.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { eventually } from '../../../test/support/installation.ts';
import { PUBLIC_REACH } from '../looks/reach.ts';

const authority = await testAuthority();
const witness = cosigner('witness.example/one', new Uint8Array(32).fill(9), () =>
  Math.floor(Date.now() / 1000),
);

/**
 * A witness as C2SP tlog-witness describes it: it signs a checkpoint only with a proof that it extends the last one it
 * signed, and answers 409 with its own size where the caller remembers another.
 */
function witnessServer(pem: { key: string; cert: string }): Promise<Running> {
  const known = new Map<string, { size: number; root: Uint8Array }>();
  return httpsServer(pem, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const [head = '', ...rest] = body.split('\n\n');
      const note = rest.join('\n\n');
      const [old = '', ...proof] = head.split('\n');
      const checkpoint = parseCheckpointUnverified(note);
      if (checkpoint === null) {
        response.writeHead(400).end();
        return;
      }
      const last = known.get(checkpoint.origin) ?? { size: 0, root: new Uint8Array(32) };
      if (Number(old.replace('old ', '')) !== last.size) {
        response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${last.size}\n`);
        return;
      }
      const path = proof.map((line) => Buffer.from(fromBase64(line)!));
      if (!verifyConsistency(last.size, last.root, checkpoint.size, checkpoint.root, path)) {
        response.writeHead(422).end();
        return;
      }
      known.set(checkpoint.origin, checkpoint);
      response.end(witness.sign(note.slice(0, note.indexOf('\n\n') + 1)));
    });
  });
}

describe('checkpoints that leave the machine', () => {
  let t: TestControl;
  let witnessing: Running;
  let hook: Running;
  const hooked: string[] = [];
  let file = '';

  beforeAll(async () => {
    const pem = await authority.issue(['witness.test', 'hook.test']);
    witnessing = await witnessServer(pem);
    hook = await httpsServer(pem, (request, response) => {
      request.on('data', (chunk: Buffer) => hooked.push(chunk.toString()));
      request.on('end', () => response.writeHead(204).end());
    });
    file = join((await import('node:fs')).mkdtempSync('/tmp/lc-anchor-'), 'checkpoints');
    t = await startTestControl({
      anchors: [
        { kind: 'file', name: 'share', path: file },
        { kind: 'webhook', name: 'hook', url: `https://hook.test:${hook.port}/` },
        {
          kind: 'witness',
          name: 'one',
          url: `https://witness.test:${witnessing.port}/add-checkpoint`,
          vkey: witness.verifier.vkey,
        },
        { kind: 'webhook', name: 'away', url: 'https://away.test/' },
      ],
      anchorReach: {
        ...PUBLIC_REACH,
        allowNetworks: ['127.0.0.1'],
        extraCa: [authority.ca],
        connectTo: {
          [`hook.test:${hook.port}`]: `127.0.0.1:${hook.port}`,
          [`witness.test:${witnessing.port}`]: `127.0.0.1:${witnessing.port}`,
          'away.test:443': '127.0.0.1:1',
        },
      },
    });
  });
  afterAll(async () => {
    await t.close();
    await witnessing.close();
    await hook.close();
  });

  it('reach a file, a webhook and a witness, and one that is away holds up no other', async () => {
    await t.owner();
    const notes = await eventually(async () => {
      await t.control.anchorNow();
      return existsSync(file) && hooked.length > 0 ? splitAnchors(readFileSync(file, 'utf8')) : null;
    });
    expect(parseCheckpointUnverified(notes.at(-1)!)?.origin).toBe('loupe/installation');
    expect(parseCheckpointUnverified(hooked.at(-1)!)?.origin).toBe('loupe/installation');
    const failed = await t.control.anchorNow();
    expect(failed.map((f) => f.name)).toEqual(['away']);
    const reached = await t.control.anchorsOf('installation');
    expect(reached.map((a) => a.name)).toEqual(['hook', 'one', 'share']);
  });

  it('are cosigned by the witness as they grow, and its signature verifies', async () => {
    const owner = await t.owner();
    await owner.call('PUT', '/api/v1/me/credentials', {
      name: 'A',
      email: 'a@one.example',
      password: 'seven stones in a ring',
    });
    const grown = await eventually(async () => {
      await t.control.anchorNow();
      const reached = await t.control.anchorsOf('installation');
      const one = reached.find((a) => a.name === 'one');
      return one !== undefined && one.size >= 2 ? one : null;
    });
    const opened = openNote(grown.note, [readVerifier(witness.verifier.vkey)]);
    expect(opened?.signers[0]?.name).toBe('witness.example/one');
    expect(
      openCheckpoint(grown.note, readVerifier(await t.control.logKey('installation')))?.checkpoint.size,
    ).toBe(grown.size);
  });
});
