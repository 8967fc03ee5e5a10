// Completes package-lock.json. npm leaves out optional platform packages that it could not fetch when the lockfile was written (a
// registry mirror may not carry those of other platforms), and then refuses `npm ci` for want of them. This names them again, by the
// version their parent asks for; npm fetches one only on its own platform.
// Run after every change of dependencies: node tools/lockfile.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
  'windows',
];
const CPU = [
  'arm64',
  'arm',
  'armv7',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64le',
  'ppc64',
  'riscv64',
  's390x',
  'universal',
  'wasm32',
  'x64',
];

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
let added = 0;
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const own = `${place}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    if (lock.packages[own] !== undefined || lock.packages[top] !== undefined) continue;
    const words = name.split(/[/_-]/u);
    const os = OS.find((word) => words.includes(word));
    const cpu = CPU.find((word) => words.some((w) => w === word || w.startsWith(`${word}-`)));
    if (os === undefined && cpu !== 'wasm32') throw new Error(`no platform in the name of ${name}`);
    lock.packages[top] = {
      version,
      ...(os === undefined ? {} : { os: [os === 'windows' ? 'win32' : os] }),
      ...(cpu === undefined ? {} : { cpu: [cpu === 'armv7' ? 'arm' : cpu] }),
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
    };
    added += 1;
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
process.stdout.write(`${added} platform packages named\n`);
