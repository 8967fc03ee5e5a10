import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeRootKey } from '#crypto';
import { LoupeError } from '#kernel';
import { type FolderLock, lockDataFolder, storageCause, writeFileDurably } from '#storage';
import { startError } from './errors.ts';
import { parseSamples } from './samples.ts';
import { databaseOf, ROOT, samplesFile, type Settings, socketsOf } from './settings.ts';
import { MODEST, WIDE } from './begins.ts';
import { ChildFailed, type ChildSpec, type Supervised, supervise } from './supervisor.ts';

/** Where progress goes: stderr, a line each. */
export type Say = (line: string) => void;

function script(name: string): string {
  return join(ROOT, 'src', 'bin', `${name}.ts`);
}

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the closing zero included. */
const MAX_SOCKET_PATH = 103;

/**
 * Starts everything and keeps it running until a signal. Returns the exit code.
 *
 * Either all of it runs, or nothing does: whatever was started before a failure is stopped again.
 */
export async function start(settings: Settings, say: Say): Promise<number> {
  const began = performance.now();
  const children: Supervised[] = [];
  let lock: FolderLock | undefined;
  const stopAll = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop();
    lock?.release();
  };
  const ended = untilSignal();
  try {
    lock = lockDataFolder(settings.dataDir);
    prepareFolders(settings, say);
    const args = settings.file === null ? [] : [settings.file];
    const begin = (
      name: string,
      path: string,
      more: Partial<Pick<ChildSpec, 'args' | 'readyWord' | 'begins'>> = {},
    ): Supervised => {
      const child = supervise({ name, script: path, args, readyWord: 'ready', essential: true, ...more });
      children.push(child);
      return child;
    };

    if (settings.samples) {
      const world = begin('sample shops', join(ROOT, 'sample', 'main.ts'), {
        readyWord: 'samples',
        args: [
          `--first-port=${settings.sampleFirstPort}`,
          `--app-file=${join(settings.dataDir, 'sample-app.json')}`,
          // A port that is not known before control has taken it cannot be told.
          ...(settings.listen.port === 0 ? [] : [`--deliver-to=http://127.0.0.1:${settings.listen.port}`]),
        ],
      });
      const shops = parseSamples((await world.ready)['shops']);
      writeFileDurably(samplesFile(settings), JSON.stringify(shops));
      say(`sample shops are running: ${shops.map((shop) => `${shop.name} (${shop.visit})`).join(', ')}`);
    }
    const keeper = await begin('keeper', script('keeper')).ready;
    say('keeper is ready: keys and ledger');
    const ready = await begin('control', script('control')).ready;
    await begin('worker', script('worker'), { begins: MODEST }).ready;
    if (settings.window !== null) {
      const key = `--publication-key=${String(keeper['publicationKey'])}`;
      const window = await begin('window', script('window'), { args: [key, ...args] }).ready;
      say(`the shop window is ready: port ${String(window['port'])}`);
    }
    if (settings.live !== null) {
      const live = await begin('live', script('live')).ready;
      say(`live feeds are passed through: port ${String(live['port'])}`);
    }
    const edges = settings.edge?.processes ?? 0;
    for (let n = 1; n <= edges; n++) {
      const name = `edge-${n}`;
      const extra = [
        `--name=${name}`,
        `--publication-key=${String(keeper['publicationKey'])}`,
        `--control-port=${String(ready['port'])}`,
        // One of them orders certificates; the others find them in the folder that all share.
        ...(n === 1 ? ['--orders'] : []),
        ...args,
      ];
      const edge = await begin(name, script('edge'), { args: extra, begins: WIDE }).ready;
      say(`${name} is ready: ports ${String(edge['ports'])}`);
    }
    const address = `http://${settings.listen.host === '0.0.0.0' ? '127.0.0.1' : settings.listen.host}:${String(ready['port'])}`;
    say(`control and worker are ready, ${((performance.now() - began) / 1000).toFixed(1)} s after the start`);
    say('');
    const [name] = settings.publicNames;
    const shown = settings.edge?.console === true && name !== undefined ? `https://${name}` : address;
    if (typeof ready['setupToken'] === 'string') {
      const where = shown === address ? ', on this machine' : '';
      say(`Open this link to begin. It works once, for 30 minutes${where}:`);
      say('');
      say(`    ${shown}/claim#${ready['setupToken']}`);
      if (shown !== address) say(`    on this machine also ${address}/claim#${ready['setupToken']}`);
    } else {
      say(`Loupe is at ${shown}${shown === address ? '' : `, on this machine at ${address}`}`);
    }
    say('');
    say('Ctrl-C stops it.');
    await ended;
    say('stopping');
    await stopAll();
    return 0;
  } catch (error) {
    await stopAll();
    throw error instanceof ChildFailed ? causeOf(error) : storageCause(error);
  }
}

function prepareFolders(settings: Settings, say: Say): void {
  const sockets = socketsOf(settings);
  if (Buffer.byteLength(sockets.keeper) > MAX_SOCKET_PATH) {
    throw startError('start/path-too-long', { details: { path: sockets.keeper } });
  }
  rmSync(sockets.folder, { recursive: true, force: true });
  mkdirSync(sockets.folder, { recursive: true, mode: 0o700 });
  if (existsSync(settings.rootKeyFile)) return;
  const ledger = databaseOf(settings, 'ledger');
  // Without its key existing data cannot be read, and a new key would hide that.
  if (ledger.engine === 'sqlite' && existsSync(ledger.path)) {
    throw startError('start/key-gone', { details: { path: settings.rootKeyFile } });
  }
  makeRootKey(settings.rootKeyFile);
  say(`made a root key: ${settings.rootKeyFile} (keep a copy elsewhere; without it nothing can be read)`);
}

function causeOf(failed: ChildFailed): Error {
  const { word } = failed;
  if (word === undefined) return failed;
  return new LoupeError(String(word['code']), { says: String(word['says']), hint: String(word['hint']) });
}

async function untilSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
