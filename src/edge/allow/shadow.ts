// The shadow: what a route sees, as shapes, so that a person can make an allowlist of it. It keeps names, types and lengths; values never.
import type { Head } from '../message/head.ts';

/** One operation as it was seen. Member and parameter names are bounded, so that an attacker cannot fill the memory with them. */
export interface SeenOperation {
  readonly method: string;
  readonly path: string;
  count: number;
  readonly query: Map<string, SeenValue>;
  readonly types: Set<string>;
  readonly members: Map<string, SeenValue>;
}

export interface SeenValue {
  count: number;
  longest: number;
  readonly kinds: Set<string>;
}

export interface Shadow {
  /** Notes a request that was answered with success: refused ones teach nothing. */
  note(head: Head, body: Uint8Array | null): void;
  /** What was seen since the last time, and forgets it. */
  take(): readonly SeenOperation[];
}

const MAX_OPERATIONS = 500;
const MAX_NAMES = 100;
const NAME = /^[A-Za-z_][\w.[\]-]{0,63}$/u;

/** A part of a path that names a thing: a number, an id, a long word with digits. */
const THING = /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|(?=.*\d)[\w-]{12,})$/iu;

function pathShape(path: string): string {
  return path
    .split('/')
    .map((part) => (THING.test(part) ? '{id}' : part))
    .join('/');
}

export function openShadow(): Shadow {
  let seen = new Map<string, SeenOperation>();

  return {
    note(head, body) {
      const path = pathShape(head.path);
      const key = `${head.method} ${path}`;
      let operation = seen.get(key);
      if (operation === undefined) {
        if (seen.size >= MAX_OPERATIONS) return;
        operation = {
          method: head.method,
          path,
          count: 0,
          query: new Map(),
          types: new Set(),
          members: new Map(),
        };
        seen.set(key, operation);
      }
      operation.count++;
      for (const [name, value] of new URLSearchParams(head.query))
        see(operation.query, name, textKind(value));
      const type = head.by.get('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (!head.hasBody || type === undefined || !/^[a-z]+\/[a-z0-9.+-]{1,60}$/u.test(type)) return;
      if (operation.types.size < 8) operation.types.add(type);
      for (const [name, value] of membersOf(type, body)) see(operation.members, name, value);
    },
    take() {
      const taken = [...seen.values()];
      seen = new Map();
      return taken;
    },
  };
}

function see(table: Map<string, SeenValue>, name: string, value: unknown): void {
  if (!NAME.test(name)) return;
  const found = table.get(name) ?? { count: 0, longest: 0, kinds: new Set<string>() };
  if (found.count === 0 && table.size >= MAX_NAMES) return;
  found.count++;
  found.longest = Math.max(found.longest, typeof value === 'string' ? value.length : 0);
  found.kinds.add(kindOf(value));
  table.set(name, found);
}

function membersOf(type: string, body: Uint8Array | null): readonly (readonly [string, unknown])[] {
  if (body === null) return [];
  const text = Buffer.from(body).toString('utf8');
  if (type === 'application/x-www-form-urlencoded') return [...new URLSearchParams(text)];
  if (type !== 'application/json') return [];
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  } catch {
    return []; // not JSON: nothing to learn from
  }
}

function textKind(text: string): unknown {
  return /^-?\d{1,15}$/u.test(text)
    ? Number(text)
    : text === 'true' || text === 'false'
      ? text === 'true'
      : text;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** The shape of a body member for the draft. */
export interface DraftSource {
  readonly method: string;
  readonly path: string;
  readonly count: number;
  readonly query: readonly {
    readonly name: string;
    readonly kinds: readonly string[];
    readonly longest: number;
    readonly always: boolean;
  }[];
  readonly types: readonly string[];
  readonly members: readonly {
    readonly name: string;
    readonly kinds: readonly string[];
    readonly longest: number;
    readonly always: boolean;
  }[];
}

/** What was seen, as plain JSON for an event. */
export function draftSource(one: SeenOperation): DraftSource {
  const list = (table: Map<string, SeenValue>) =>
    [...table].map(([name, value]) => ({
      name,
      kinds: [...value.kinds].toSorted(),
      longest: value.longest,
      always: value.count >= one.count,
    }));
  return {
    method: one.method,
    path: one.path,
    count: one.count,
    query: list(one.query),
    types: [...one.types].toSorted(),
    members: list(one.members),
  };
}
