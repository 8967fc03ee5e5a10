import { type Json, type Millis } from '#kernel';
import { fieldsOf, type JsonObject } from './shape.ts';

/**
 * The policy an edge works from. Published signed (see storage's publication); an edge takes only a version higher
 * than any it has had.
 */
export interface Snapshot {
  readonly v: 1;
  readonly version: number;
  readonly madeAt: Millis;
  /** Policy by shop id; each room that an edge runs defines its own part. */
  readonly shops: JsonObject;
}

export function snapshotJson(snapshot: Snapshot): JsonObject {
  return { ...snapshot };
}

export function readSnapshot(value: Json): Snapshot {
  const fields = fieldsOf(value);
  fields.only('v', 'version', 'madeAt', 'shops');
  if (fields.integer('v') !== 1) fields.oneOf('v', []);
  return {
    v: 1,
    version: fields.integer('version'),
    madeAt: fields.integer('madeAt'),
    shops: fields.object('shops'),
  };
}
