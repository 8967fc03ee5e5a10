// Checking shapes without a library: the processes that use this room keep their runtime short.
import type { Json } from '#kernel';
import { planeError } from './errors.ts';

export type JsonObject = { readonly [name: string]: Json };

function malformed(name: string): Error {
  return planeError('plane/malformed', { details: { field: name } });
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads named members of one object, each of a declared kind; anything else is `plane/malformed`. */
export function fieldsOf(value: Json | undefined) {
  if (!isObject(value)) throw malformed('(object)');
  return {
    text(name: string): string {
      const member = value[name];
      if (typeof member !== 'string') throw malformed(name);
      return member;
    },
    textOrNull(name: string): string | null {
      const member = value[name];
      if (member !== null && typeof member !== 'string') throw malformed(name);
      return member;
    },
    integerOrNull(name: string): number | null {
      return value[name] === null ? null : fieldsOf(value).integer(name);
    },
    integer(name: string): number {
      const member = value[name];
      if (typeof member !== 'number' || !Number.isSafeInteger(member) || member < 0) throw malformed(name);
      return member;
    },
    flag(name: string): boolean {
      const member = value[name];
      if (typeof member !== 'boolean') throw malformed(name);
      return member;
    },
    texts(name: string): readonly string[] {
      const member = value[name];
      if (!Array.isArray(member)) throw malformed(name);
      return member.map((item: Json) => {
        if (typeof item !== 'string') throw malformed(name);
        return item;
      });
    },
    oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
      const member = value[name];
      const word = words.find((w) => w === member);
      if (word === undefined) throw malformed(name);
      return word;
    },
    object(name: string): JsonObject {
      const member = value[name];
      if (!isObject(member)) throw malformed(name);
      return member;
    },
    json(name: string): Json {
      const member = value[name];
      if (member === undefined) throw malformed(name);
      return member;
    },
    /** Refuses members that were not named: a newer or a foreign shape is not half understood. */
    only(...names: readonly string[]): void {
      const extra = Object.keys(value).find((name) => !names.includes(name));
      if (extra !== undefined) throw malformed(extra);
    },
  };
}
