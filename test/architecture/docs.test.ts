import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { routeGiven } from '@loupe/contract';
import { CONFIG_TEMPLATE } from '../../src/bin/init.ts';
import { settingsSchema } from '../../src/bin/settings.ts';
import { readConfig } from '#config';
import { errorsPage } from '../support/error-tables.ts';
import { sourceFiles } from './layers.ts';

/** Every text file of the repository that a reader meets. */
function texts(): { path: string; text: string }[] {
  const found: { path: string; text: string }[] = [];
  const walk = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (['node_modules', 'dist', '.git', 'data', 'coverage'].includes(entry.name)) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/\.(md|ts|tsx|mjs|json|yaml|css|html)$/u.test(entry.name))
        found.push({ path, text: readFileSync(path, 'utf8') });
    }
  };
  walk('.');
  return found;
}

describe('the documents', () => {
  it('list every error code with the words the program uses', () => {
    // LOUPE_WRITE_DOCS=1 writes the page anew; the test then holds by construction, and the diff is there to be read.
    if (process.env['LOUPE_WRITE_DOCS'] !== undefined) writeFileSync('docs/guide/errors.md', errorsPage());
    expect(readFileSync('docs/guide/errors.md', 'utf8')).toBe(errorsPage());
  });

  it('show a config that is in order', () => {
    const read = readConfig(CONFIG_TEMPLATE, settingsSchema);
    expect(read.ok ? [] : read.faults).toEqual([]);
  });

  it('show an edge in the config that is in order, and what is not is said', () => {
    // The example stands there as a comment.
    const [, example = ''] = /^(# edge:\n(?:# {2}.*\n)+)/mu.exec(CONFIG_TEMPLATE) ?? [];
    const edge = example.replace(/^# /gmu, '');
    const faults = (text: string): string[] => {
      const read = readConfig(text, settingsSchema);
      return read.ok ? [] : read.faults.map((fault) => fault.key);
    };
    expect(faults(`publicNames: [loupe.shop.example]\n${edge}`)).toEqual([]);
    expect(faults(edge)).toEqual(['edge.console']);
    expect(faults('edge: { acme: { agreeToTerms: true } }')).toEqual(['edge.acme']);
    expect(faults('edge: { onlyProxies: true }')).toEqual(['edge.onlyProxies']);
    expect(faults('edge: { listeners: [{ redirect: true }] }')).toEqual(['edge.listeners.0.redirect']);
    expect(
      faults(
        'edge: { acme: { agreeToTerms: false }, listeners: [{ port: 80, tls: false, redirect: true }] }',
      ),
    ).toEqual(['edge.acme.agreeToTerms']);
  });

  it('show routes that can be taken as they stand', () => {
    const page = readFileSync('docs/guide/edge-shops.md', 'utf8');
    const blocks = [...page.matchAll(/^ *```json\n([\s\S]*?)^ *```$/gmu)].map(([, text = '']) => text);
    expect(blocks.length).toBeGreaterThan(8);
    for (const block of blocks) expect(routeGiven.safeParse(JSON.parse(block)).error?.issues).toBeUndefined();
  });

  it('name only files that are there', () => {
    const pages = texts().filter(({ path }) => path.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(15);
    const known = new Set(texts().map(({ path }) => path));
    for (const { path, text } of pages) {
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/gu)) {
        expect(known.has(join(path, '..', link)), `${path} → ${link}`).toBe(true);
      }
    }
  });

  it('and the code name no package registry', () => {
    const registry = new RegExp(['registry', 'npmjs', 'org'].join('\\.'), 'u');
    for (const { path, text } of texts()) expect(registry.test(text), path).toBe(false);
  });
});

describe('the code', () => {
  it('reads the environment only in bin', () => {
    const strays = sourceFiles('.').filter(
      ({ path, text }) =>
        path.startsWith('src/') && !path.startsWith('src/bin/') && /process\.env/u.test(text),
    );
    expect(strays.map(({ path }) => path)).toEqual([]);
  });

  it('has a README and one door in every room', () => {
    for (const room of readdirSync('src').filter((name) => name !== 'bin')) {
      expect(readdirSync(join('src', room))).toEqual(expect.arrayContaining(['README.md', 'index.ts']));
    }
  });
});
