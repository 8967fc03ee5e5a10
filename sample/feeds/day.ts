// What the providers offer today, as an attack has it.
import type { Attack } from './attacks.ts';
import { rapnetValues } from './rapnet-file.ts';
import type { SampleStone } from './stones.ts';
import type { Listed } from './supplier-lists.ts';

export interface Day {
  /** What all of them offer. */
  stones: readonly SampleStone[];
  attack: Attack | null;
}

export interface DayRow {
  readonly stone: SampleStone;
  /** Other texts in its row, by column. */
  readonly more: Readonly<Record<string, string>>;
}

/** The rows of the day. */
export function rowsOf({ stones, attack }: Day): readonly DayRow[] {
  return stones.flatMap((stone, place) => {
    const twisted = attack?.row?.(stone, place);
    if (twisted === null) return [];
    return [{ stone: twisted?.stone ?? stone, more: twisted?.more ?? {} }];
  });
}

/** The same as a supplier lists them. */
export function listedOf(day: Day): readonly Listed[] {
  return rowsOf(day).map(({ stone, more }) => ({ ...rapnetValues(stone), ...more }));
}
