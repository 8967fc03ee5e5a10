// A load's figures as another process tells them: every one a number, and none out of its range.
import type { Json } from '#kernel';
import { fieldsOf, planeError } from '#plane';
import type { Comparison } from './compare.ts';
import type { Loaded } from './decide.ts';

/** Reads what a worker says that a load came to. Throws `plane/malformed`. */
export function readLoaded(value: Json): Loaded {
  const fields = fieldsOf(value);
  const sha256 = fields.text('sha256');
  if (!/^[0-9a-f]{64}$/u.test(sha256)) throw malformed('sha256');
  return {
    comparison: readComparison(fields.json('comparison')),
    errors: fields.integer('errors'),
    read: fields.integer('read'),
    sha256,
  };
}

function readComparison(value: Json): Comparison {
  const fields = fieldsOf(value);
  const three = (name: string): readonly [number, number, number] => {
    const list = fields.json(name);
    if (!Array.isArray(list) || list.length !== 3) throw malformed(name);
    const [low, median, high] = list.map((one: Json) => {
      if (typeof one !== 'number' || !Number.isFinite(one) || one <= 0) throw malformed(name);
      return one;
    });
    return [low ?? 1, median ?? 1, high ?? 1];
  };
  return {
    rows: fields.integer('rows'),
    before: fields.integer('before'),
    added: fields.integer('added'),
    removed: fields.integer('removed'),
    repriced: fields.integer('repriced'),
    changed: fields.integer('changed'),
    quarantined: fields.integer('quarantined'),
    value: fields.integer('value'),
    valueBefore: fields.integer('valueBefore'),
    moved: three('moved'),
    leapt: fields.integer('leapt'),
    placed: three('placed'),
  };
}

function malformed(field: string): Error {
  return planeError('plane/malformed', { details: { field } });
}
