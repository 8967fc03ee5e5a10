import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge, LAYER, SAME_LAYER, sourceFiles } from './layers.ts';

describe('the layers', () => {
  const files = sourceFiles('.');

  it('hold in every file', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(judge(files)).toEqual([]);
  });

  it.each([
    ['src/ledger/planted.ts', `import { x } from '#control';`],
    ['src/ledger/planted.ts', `import { x } from '#look';`],
    ['src/keeper/planted.ts', `import type { x } from '#control';`],
    ['src/ledger/planted.ts', `export * from '../vault/secret.ts';`],
    ['src/kernel/planted.ts', `const x = await import('#storage');`],
    ['src/look/planted.ts', `import {\n  x,\n} from '../control/api.ts';`],
    ['src/control/planted.ts', `import '../../sample/shop.ts';`],
    ['src/ledger/planted.ts', `import { x } from '@loupe/contract';`],
    ['sample/planted.ts', `import { x } from '#kernel';`],
    ['contract/planted.ts', `import { x } from 'node:fs';`],
    ['console/planted.tsx', `import { x } from '#kernel';`],
    ['src/look/planted.ts', `import { x } from '#nowhere';`],
  ])('are seen to be broken by a planted %s: %s', (path, text) => {
    expect(judge([{ path, text }])).toHaveLength(1);
  });

  it('let through what they allow', () => {
    expect(
      judge([{ path: 'src/vault/a.ts', text: `import { x } from '#ledger'; import y from './b.ts';` }]),
    ).toEqual([]);
  });

  it('stand in ARCHITECTURE.md as they are tested', () => {
    const page = readFileSync('ARCHITECTURE.md', 'utf8');
    for (const room of Object.keys(LAYER)) expect(page).toContain(`\`${room}\``);
    for (const [from, to] of SAME_LAYER) expect(page).toContain(`\`${from}\` → \`${to}\``);
  });
});
