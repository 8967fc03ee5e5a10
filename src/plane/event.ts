import { type Json, type Millis } from '#kernel';
import { fieldsOf, type JsonObject } from './shape.ts';

/**
 * Something that happened on an edge. `(edge, boot, seq)` names it for ever: `seq` counts from 0 in each boot, so a
 * missing number is a gap that can be counted, and a repeated one is known.
 */
export interface PlaneEvent {
  readonly v: 1;
  readonly edge: string;
  readonly boot: string;
  readonly seq: number;
  readonly at: Millis;
  readonly shop: string;
  readonly kind: string;
  readonly body: JsonObject;
}

export function eventJson(event: PlaneEvent): JsonObject {
  return { ...event };
}

export function readEvent(value: Json): PlaneEvent {
  const fields = fieldsOf(value);
  fields.only('v', 'edge', 'boot', 'seq', 'at', 'shop', 'kind', 'body');
  if (fields.integer('v') !== 1) fields.oneOf('v', []);
  return {
    v: 1,
    edge: fields.text('edge'),
    boot: fields.text('boot'),
    seq: fields.integer('seq'),
    at: fields.integer('at'),
    shop: fields.text('shop'),
    kind: fields.text('kind'),
    body: fields.object('body'),
  };
}
