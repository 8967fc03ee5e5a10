// What makes two stones under one certificate the same.

/** Whatever knows a stone by row. */
export interface Specs {
  of(spec: 'shape' | 'color' | 'clarity' | 'growth' | 'caratMilli', row: number): number;
}

export const SAME_CODES = ['shape', 'color', 'clarity', 'growth'] as const;

/** Weight to a hundredth: some say two decimals and some three. */
export function isSameStone(a: Specs, rowA: number, b: Specs, rowB: number): boolean {
  return (
    Math.abs(a.of('caratMilli', rowA) - b.of('caratMilli', rowB)) <= 10 &&
    SAME_CODES.every((column) => a.of(column, rowA) === b.of(column, rowB))
  );
}
