import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig, resolveSecret, secretReference } from './index.ts';

const schema = z.strictObject({
  dataDir: z.string().default('./data'),
  listen: z.strictObject({ port: z.number().int().min(1).max(65_535) }).optional(),
  anchors: z.array(z.strictObject({ file: z.string() })).default([]),
  database: secretReference.optional(),
});

describe('a config', () => {
  it('is read, defaulted and frozen', () => {
    const read = readConfig('listen:\n  port: 7070\n', schema);
    if (!read.ok) throw new Error('not read');
    expect(read.config).toEqual({ dataDir: './data', listen: { port: 7070 }, anchors: [] });
    expect(Object.isFrozen(read.config.listen)).toBe(true);
    expect(readConfig('', schema).ok).toBe(true);
  });

  it.each([
    ['dataDir: ./data\nlisten:\n  prot: 7070\n', 3, 'listen.prot'],
    ['dataDir: ./data\nlisten:\n  port: "7070"\n', 3, 'listen.port'],
    ['dataDir: ./data\nlisten:\n  port: 99999\n', 3, 'listen.port'],
    ['anchors:\n  - file: a\n  - fiel: b\n', 3, 'anchors.1.file'],
    ['dataDir: a\ndataDir: b\n', 2, ''],
    ['dataDir: [\n', 2, ''],
    ['dataDir: &x ./data\nlisten: *x\n', 2, '*x'],
    ['database: postgres://user:password@host/db\n', 1, 'database'],
  ])('that is wrong names line and key: %j', (text, line, key) => {
    const read = readConfig(text, schema);
    expect(read.ok ? [] : read.faults).toContainEqual(expect.objectContaining({ line, key }));
  });

  it('never shows the secret it refused', () => {
    const read = readConfig('database: postgres://user:hunter2@host/db\n', schema);
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });
});

describe('a secret', () => {
  const sources = {
    env: (name: string) => (name === 'THERE' ? 'value\n' : undefined),
    file: (path: string) => (path === '/run/secret' ? '' : undefined),
  };

  it('is fetched by reference and never defaulted', () => {
    expect(resolveSecret('env:THERE', sources)).toBe('value');
    for (const reference of ['env:NOT', 'file:/run/secret', 'file:/none', 'value']) {
      expect(() => resolveSecret(reference, sources)).toThrow(
        expect.objectContaining({ code: 'config/secret-missing' }),
      );
    }
  });
});
