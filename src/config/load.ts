import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { z } from 'zod';

/** One thing wrong with a config file: where, which key, and what was expected. */
export interface ConfigFault {
  readonly line: number;
  readonly key: string;
  readonly expected: string;
}

export type ConfigResult<T> =
  | { readonly ok: true; readonly config: T }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

const MAX_CHARS = 1_000_000;

/**
 * Reads a YAML config against a schema. Unknown keys, duplicate keys and aliases are faults; every fault names its line.
 */
export function readConfig<T>(text: string, schema: z.ZodType<T>): ConfigResult<T> {
  if (text.length > MAX_CHARS)
    return { ok: false, faults: [{ line: 1, key: '', expected: 'a file under 1 MB' }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true, merge: false });
  if (document.errors.length > 0) {
    return {
      ok: false,
      faults: document.errors.map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        key: '',
        expected: error.message.split('\n')[0] ?? 'valid YAML',
      })),
    };
  }
  const aliases: ConfigFault[] = [];
  visit(document, {
    Alias(_, alias) {
      const line = lines.linePos(alias.range?.[0] ?? 0).line;
      aliases.push({
        line,
        key: `*${alias.source}`,
        expected: 'a value written out: aliases are not allowed',
      });
    },
  });
  if (aliases.length > 0) return { ok: false, faults: aliases };
  const value: unknown = document.toJS() ?? {};
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, config: deepFreeze(parsed.data) };
  return {
    ok: false,
    faults: parsed.error.issues.flatMap((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      return keys.map((extra) => {
        const path = extra === undefined ? issue.path : [...issue.path, extra];
        return {
          line: lineOf(document.contents, path, lines),
          key: path.join('.'),
          expected: extra === undefined ? issue.message : 'no such key here',
        };
      });
    }),
  };
}

/** The line of the deepest part of a path that is there. */
function lineOf(root: Node | null, path: readonly PropertyKey[], lines: LineCounter): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === part);
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (isScalar(node) || isMap(node) || isSeq(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}
