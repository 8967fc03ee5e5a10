// A few of many, spread evenly over shape, weight, colour and clarity. Pure; millions are gone through without being put into lists.
import { perCarat } from '../load/cells.ts';
import type { LoadTable } from '../load/table.ts';

/** Weight in bands of a fifth of a carat is near enough to spread over. */
const BAND_MILLI = 200;

/** The most that a cell gives: stones whose carat costs less, and so many of those that cost just that. */
interface Limit {
  readonly below: number;
  atThat: number;
}

/** `most` places of `rows`, of which there are more, in their order: in turns, the next cheapest by the carat of each cell, and of equal ones the first. */
export function spread(table: LoadTable, rows: Uint32Array, most: number): Uint32Array<ArrayBuffer> {
  const { cells, counts } = cellsOf(table, rows);
  const ends = new Uint32Array(counts.length);
  for (let cell = 0, end = 0; cell < counts.length; cell++) ends[cell] = end += counts[cell] ?? 0;
  // What a carat costs, cell by cell.
  const costs = new Float64Array(rows.length);
  const next = Uint32Array.from(counts, (count, cell) => (ends[cell] ?? 0) - count);
  for (let place = 0; place < rows.length; place++) {
    const cell = cells[place] ?? 0;
    const at = next[cell] ?? 0;
    costs[at] = perCarat(table, rows[place] ?? 0);
    next[cell] = at + 1;
  }
  const limits = quotas(counts, most).map((quota, cell): Limit => {
    if (quota === 0) return { below: -1, atThat: 0 };
    const own = costs.subarray((ends[cell] ?? 0) - (counts[cell] ?? 0), ends[cell]).sort();
    const below = own[quota - 1] ?? 0;
    return { below, atThat: quota - own.indexOf(below) };
  });
  const kept = new Uint32Array(most);
  let count = 0;
  for (let place = 0; place < rows.length; place++) {
    const limit = limits[cells[place] ?? 0];
    const cost = perCarat(table, rows[place] ?? 0);
    if (limit === undefined || cost > limit.below || (cost === limit.below && limit.atThat-- <= 0)) continue;
    kept[count++] = place;
  }
  return kept;
}

/** Each place's cell, and how many each cell has; numbered as they come. */
function cellsOf(
  table: LoadTable,
  rows: Uint32Array,
): { readonly cells: Uint32Array; readonly counts: number[] } {
  const numbers = new Map<number, number>();
  const cells = new Uint32Array(rows.length);
  const counts: number[] = [];
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] ?? 0;
    const band = Math.floor(table.of('caratMilli', row) / BAND_MILLI);
    const words = (table.of('shape', row) * 32 + table.of('color', row)) * 32 + table.of('clarity', row);
    const name = band * 32 ** 3 + words;
    const number = numbers.get(name) ?? counts.length;
    if (number === counts.length) numbers.set(name, number);
    cells[place] = number;
    counts[number] = (counts[number] ?? 0) + 1;
  }
  return { cells, counts };
}

/** How many each cell gives, where each gives one a turn until there are `most`. */
function quotas(counts: readonly number[], most: number): readonly number[] {
  let left = most;
  let turns = 0;
  // Whole turns: from the smallest cell on, as many as all that are left can give.
  const sizes = Uint32Array.from(counts).sort();
  for (let i = 0; i < sizes.length; i++) {
    const giving = sizes.length - i;
    const more = Math.min((sizes[i] ?? 0) - turns, Math.floor(left / giving));
    turns += more;
    left -= more * giving;
    if (turns < (sizes[i] ?? 0)) break;
  }
  return counts.map((count) => (count > turns && left-- > 0 ? turns + 1 : Math.min(count, turns)));
}
