import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { readRootKey } from '#crypto';
import { LoupeError } from '#kernel';
import { openChannel } from '#plane';
import { findBrowser } from '#look';
import { type Settings, socketsOf } from './settings.ts';

export interface Examined {
  readonly what: string;
  /** `fine`, `note` (works, could be better) or `wrong`. */
  readonly state: 'fine' | 'note' | 'wrong';
  readonly says: string;
}

const LEAST_FREE_BYTES = 1024 ** 3;

/** Examines what Loupe needs, and changes nothing. */
export async function examine(settings: Settings): Promise<readonly Examined[]> {
  return [
    { what: 'config', state: 'fine', says: settings.file ?? 'none: the defaults of a first try' },
    { what: 'runtime', state: 'fine', says: `Node ${process.versions.node}` },
    dataFolder(settings),
    rootKey(settings),
    browser(settings),
    anchors(settings),
    await keeper(settings),
  ];
}

function dataFolder({ dataDir }: Settings): Examined {
  const what = 'data folder';
  const folder = existsSync(dataDir) ? dataDir : dirname(dataDir);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return { what, state: 'wrong', says: `${folder} cannot be written by this account` };
  }
  const free = statfsSync(folder);
  const bytes = free.bavail * free.bsize;
  const gib = `${(bytes / 1024 ** 3).toFixed(1)} GiB free`;
  return bytes < LEAST_FREE_BYTES
    ? { what, state: 'note', says: `${dataDir}, ${gib}: soon full` }
    : { what, state: 'fine', says: `${dataDir}, ${gib}` };
}

function rootKey({ rootKeyFile }: Settings): Examined {
  const what = 'root key';
  if (!existsSync(rootKeyFile))
    return { what, state: 'note', says: `none yet: the first start makes ${rootKeyFile}` };
  try {
    readRootKey(rootKeyFile);
  } catch (error) {
    return {
      what,
      state: 'wrong',
      says: error instanceof LoupeError ? `${error.message} ${error.hint}` : 'cannot be read',
    };
  }
  return {
    what,
    state: 'note',
    says: `${rootKeyFile}: a bare file is weak custody; keep a copy away from this machine`,
  };
}

function browser({ look }: Settings): Examined {
  const found = findBrowser({ mode: look.browser, executable: look.chromium });
  if (typeof found === 'string') return { what: 'browser', state: 'fine', says: found };
  const why = {
    off: 'switched off: pages are read as sent',
    'not-found': 'no Chromium found: pages are read as sent, without their scripts',
    root: 'not used as root, since it would have no sandbox: pages are read as sent',
    failed: 'failed',
    timeout: 'failed',
  } as const;
  return { what: 'browser', state: 'note', says: why[found.why] };
}

function anchors(settings: Settings): Examined {
  const what = 'anchors';
  if (settings.anchors.length > 0)
    return { what, state: 'fine', says: settings.anchors.map((a) => `${a.name} (${a.kind})`).join(', ') };
  return { what, state: 'note', says: 'none: whoever runs this machine could rewrite the ledger unseen' };
}

async function keeper(settings: Settings): Promise<Examined> {
  const channel = openChannel(socketsOf(settings).keeper);
  try {
    await channel.call('custody', null, 2_000);
    return { what: 'keeper', state: 'fine', says: 'running' };
  } catch {
    return { what: 'keeper', state: 'note', says: 'not running' };
  } finally {
    channel.close();
  }
}
