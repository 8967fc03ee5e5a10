import { describe, expect, test } from 'vitest';
import { explain, type InspectionTold } from './explain.ts';

const match = (rule: number, points: number, ...fields: string[]) => ({ rule, points, fields, part: '' });
const told = (more: Partial<InspectionTold>): InspectionTold => ({
  mode: 'block',
  pack: 'loupe 1',
  by: 900_200,
  threshold: 5,
  ...more,
});
const excluded = (inspection: InspectionTold) => explain(inspection, new Map()).exclusions;

describe('the smallest exclusion', () => {
  test('is one rule and one value where that brings the score below its threshold', () => {
    expect(excluded(told({ score: 5, matches: [match(1, 5, 'ARGS:q')] }))).toEqual([
      { rule: 1, field: 'ARGS:q' },
    ]);
    expect(
      excluded(
        told({ score: 7, matches: [match(1, 2, 'ARGS:a'), match(2, 3, 'ARGS:b'), match(3, 2, 'ARGS:c')] }),
      ),
    ).toEqual([{ rule: 2, field: 'ARGS:b' }]);
  });

  test('is of as many as it takes, and of as few as will do', () => {
    const matches = [match(1, 5, 'ARGS:a', 'ARGS:b', 'ARGS:c'), match(2, 3, 'ARGS:a'), match(3, 3, 'ARGS:a')];
    expect(excluded(told({ score: 11, matches }))).toEqual([
      { rule: 1, field: 'ARGS:a' },
      { rule: 1, field: 'ARGS:b' },
      { rule: 1, field: 'ARGS:c' },
      { rule: 2, field: 'ARGS:a' },
    ]);
    expect(excluded(told({ score: 6, matches: matches.slice(1) }))).toHaveLength(1);
  });

  test('is of the value that has most: signs of others do not come on top', () => {
    const at = (value: number, of: ReturnType<typeof match>) => ({ ...of, values: [value] });
    const matches = [
      at(1, match(1, 3, 'ARGS:a')),
      at(2, match(2, 3, 'ARGS:b')),
      at(2, match(3, 3, 'ARGS:b')),
      match(4, 1, 'REQUEST_FILENAME'),
    ];
    expect(excluded(told({ score: 7, matches }))).toEqual([{ rule: 2, field: 'ARGS:b' }]);
    // Taking the path's sign away would leave six of the second value.
    expect(excluded(told({ score: 7, threshold: 7, matches }))).toHaveLength(1);
  });

  test('of a rule that refuses by itself is that rule', () => {
    const { threshold: _, ...alone } = told({
      by: 7,
      matches: [match(7, 0, 'REQUEST_URI'), match(8, 3, 'ARGS:a')],
    });
    expect(excluded(alone)).toEqual([{ rule: 7, field: 'REQUEST_URI' }]);
  });

  test('is none of a rule that found more than is told', () => {
    const untold = { ...match(1, 5, 'ARGS:a'), more: true };
    expect(excluded(told({ score: 5, matches: [untold] }))).toEqual([]);
    expect(excluded(told({ by: 1, matches: [untold] }))).toEqual([]);
  });

  test('is none where nothing was refused, or nothing that matched would help', () => {
    const { by: _, ...noted } = told({ score: 3, matches: [match(1, 3, 'ARGS:q')] });
    expect(excluded(noted)).toEqual([]);
    expect(excluded(told({ score: 30, matches: [match(1, 3, 'ARGS:q')] }))).toEqual([]);
    expect(excluded(told({ matches: [] }))).toEqual([]);
  });
});
