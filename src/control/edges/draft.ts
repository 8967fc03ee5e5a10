// An OpenAPI document from what a route saw: a beginning that a person reads and corrects, never a rule by itself.
import type { EventRow } from './events.ts';

interface SeenName {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly longest: number;
  readonly always: boolean;
}

interface SeenShape {
  readonly method: string;
  readonly path: string;
  readonly count: number;
  readonly types: readonly string[];
  readonly query: readonly SeenName[];
  readonly members: readonly SeenName[];
}

interface Merged {
  count: number;
  readonly types: Set<string>;
  readonly query: Map<string, SeenName>;
  readonly members: Map<string, SeenName>;
}

/** Lengths are doubled and rounded up: what was seen is not the longest there is. */
function roomFor(longest: number): number {
  return Math.max(16, 2 ** Math.ceil(Math.log2(longest * 2 + 1)));
}

function schemaOf(seen: SeenName): Readonly<Record<string, unknown>> {
  const kinds = seen.kinds.filter((kind) => kind !== 'null');
  const [kind = 'string'] = kinds;
  const type =
    kinds.length > 1
      ? kinds.every((one) => one === 'integer' || one === 'number')
        ? 'number'
        : undefined
      : kind;
  const bound = kinds.includes('string') ? { maxLength: roomFor(seen.longest) } : {};
  if (type === undefined) return bound;
  return { type: seen.kinds.includes('null') ? [type, 'null'] : type, ...bound };
}

function merge(into: Map<string, SeenName>, names: readonly SeenName[], first: boolean): void {
  for (const one of names) {
    const before = into.get(one.name);
    into.set(one.name, {
      name: one.name,
      kinds: [...new Set([...(before?.kinds ?? []), ...one.kinds])],
      longest: Math.max(before?.longest ?? 0, one.longest),
      always: one.always && (before?.always ?? first),
    });
  }
  for (const [name, before] of into)
    if (!names.some((one) => one.name === name)) into.set(name, { ...before, always: false });
}

export interface Draft {
  readonly document: Readonly<Record<string, unknown>>;
  readonly operations: number;
  readonly requests: number;
}

/** Drafts a document from `shape` events of one route. */
export function draftDocument(name: string, rows: readonly Pick<EventRow, 'body'>[]): Draft {
  const seen = new Map<string, Merged>();
  let requests = 0;
  for (const row of rows) {
    const shape: SeenShape = JSON.parse(row.body);
    const key = `${shape.method.toLowerCase()} ${shape.path}`;
    const known = seen.get(key);
    const merged = known ?? { count: 0, types: new Set(), query: new Map(), members: new Map() };
    merge(merged.query, shape.query, known === undefined);
    merge(merged.members, shape.members, known === undefined);
    for (const type of shape.types) merged.types.add(type);
    merged.count += shape.count;
    requests += shape.count;
    seen.set(key, merged);
  }
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [key, merged] of [...seen].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [method = '', shape = ''] = key.split(' ');
    const { template, parameters } = templateOf(shape);
    const item = (paths[template] ??= {});
    item[method] = {
      parameters: [
        ...parameters,
        ...[...merged.query.values()].map((one) => ({
          name: one.name,
          in: 'query',
          required: one.always,
          schema: schemaOf(one),
        })),
      ],
      ...(merged.types.size === 0 ? {} : { requestBody: { required: true, content: contentOf(merged) } }),
    };
  }
  return {
    document: { openapi: '3.1.0', info: { title: name, version: 'draft' }, paths },
    operations: seen.size,
    requests,
  };
}

function contentOf(merged: Merged): Readonly<Record<string, unknown>> {
  const members = [...merged.members.values()];
  const schema = {
    type: 'object',
    properties: Object.fromEntries(members.map((one) => [one.name, schemaOf(one)])),
    required: members.filter((one) => one.always).map((one) => one.name),
    additionalProperties: false,
  };
  const readable = /^application\/(?:x-www-form-urlencoded|json)$/u;
  return Object.fromEntries(
    [...merged.types]
      .toSorted()
      .map((type) => [type, readable.test(type) && members.length > 0 ? { schema } : {}]),
  );
}

/** `/orders/{id}/items/{id}` with names that differ. */
function templateOf(shape: string): { readonly template: string; readonly parameters: readonly object[] } {
  const parameters: object[] = [];
  const template = shape.replaceAll('{id}', () => {
    const name = parameters.length === 0 ? 'id' : `id${parameters.length + 1}`;
    parameters.push({ name, in: 'path', required: true, schema: { type: 'string', maxLength: 64 } });
    return `{${name}}`;
  });
  return { template, parameters };
}
