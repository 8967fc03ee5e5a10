import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The layer of each room: imports flow downward only. */
export const LAYER: Readonly<Record<string, number>> = {
  kernel: 0,
  crypto: 1,
  storage: 1,
  config: 1,
  outbound: 1,
  plane: 1,
  ledger: 2,
  waf: 2,
  feeds: 2,
  vault: 2,
  look: 2,
  intake: 2,
  platform: 2,
  edge: 3,
  keeper: 3,
  control: 3,
  window: 3,
  bin: 4,
};

/** Pairs of rooms of one layer that may meet, from → to; the same list stands in ARCHITECTURE.md. */
export const SAME_LAYER: readonly (readonly [string, string])[] = [
  ['storage', 'crypto'],
  ['vault', 'ledger'],
  ['feeds', 'intake'],
];

export interface SourceFile {
  /** Relative to the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly file: string;
  readonly imports: string;
  readonly why: string;
}

/** Every import, export-from and dynamic import of a file, as written. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//gu, '').replace(/^\s*\/\/.*$/gmu, '');
  const found = code.matchAll(
    /(?:^|[;\s])(?:import|export)\b[^;'"`]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/gu,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? '');
}

function roomOf(path: string): string {
  const [top, second] = path.split('/');
  return top === 'src' ? (second ?? '') : (top ?? '');
}

const builtin = new Set(builtinModules);

/** Judges every import of the given files against the layer table. */
export function judge(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    const from = roomOf(file.path);
    const isTest = file.path.endsWith('.test.ts') || file.path.includes('/testing/');
    for (const specifier of importsOf(file.text)) {
      const say = (why: string) => violations.push({ file: file.path, imports: specifier, why });
      if (specifier.startsWith('node:') || builtin.has(specifier)) {
        if (from === 'contract' || from === 'console') say('no Node in contract or console');
        continue;
      }
      if (specifier.startsWith('.')) {
        const target = relative('.', resolve(dirname(file.path), specifier))
          .split(sep)
          .join('/');
        const to = roomOf(target);
        if (to === from) continue;
        if (isTest && (to === 'test' || to === 'sample')) continue;
        // bin has no door: nothing but tests and benches looks into it.
        if (['test', 'bench'].includes(from) && to === 'bin') continue;
        if (['test', 'bench'].includes(from) && ['test', 'bench', 'sample'].includes(to)) continue;
        say('another room is entered through its door (#room), not by a path');
        continue;
      }
      if (!specifier.startsWith('#')) {
        if (
          specifier.startsWith('@loupe/contract') &&
          !['control', 'console', 'contract', 'test', 'bin'].includes(from)
        ) {
          say('only control, bin and console use the contract');
        }
        continue;
      }
      const to = specifier.slice(1);
      if (!(to in LAYER)) say('no such room');
      else if (from === 'sample' || from === 'contract' || from === 'console')
        say(`${from} stands apart from src`);
      else if (from in LAYER && !mayImport(from, to))
        say(`layer ${LAYER[from]} may not import layer ${LAYER[to]}`);
    }
  }
  return violations;
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const [above, below] = [LAYER[from] ?? -1, LAYER[to] ?? 99];
  return above > below || SAME_LAYER.some(([a, b]) => a === from && b === to);
}

/** All TypeScript of the repository but what is built or installed. */
export function sourceFiles(root: string): SourceFile[] {
  const files: SourceFile[] = [];
  const walk = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (['node_modules', 'dist', '.git', 'data'].includes(entry.name)) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/\.tsx?$/u.test(entry.name)) {
        files.push({ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') });
      }
    }
  };
  for (const top of ['src', 'contract', 'console', 'sample', 'test', 'bench']) {
    walk(join(root, top));
  }
  return files;
}
