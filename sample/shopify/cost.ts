import { type DocumentNode, Kind, type SelectionSetNode, valueFromASTUntyped } from 'graphql';

/** What an operation costs before it runs, as documented: an object one point, a connection two and its objects, a mutation ten. */
export function requestedCost(document: DocumentNode, variables: Record<string, unknown>): number {
  let cost = 0;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (definition.operation === 'mutation') cost += 10;
    cost += costOf(definition.selectionSet, variables);
  }
  return cost;
}

function costOf(selections: SelectionSetNode, variables: Record<string, unknown>): number {
  let cost = 0;
  for (const selection of selections.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) cost += costOf(selection.selectionSet, variables);
    if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined) continue;
    const first = selection.arguments?.find((argument) => argument.name.value === 'first');
    const inner = costOf(selection.selectionSet, variables);
    if (first === undefined)
      cost += 1 + (['nodes', 'edges', 'node', 'pageInfo'].includes(selection.name.value) ? -1 : 0) + inner;
    else cost += 2 + Number(valueFromASTUntyped(first.value, variables)) * (1 + inner);
  }
  return cost;
}

/** What it cost once it ran: the objects that came back. */
export function actualCost(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + actualCost(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce<number>((sum, item) => sum + actualCost(item), 0);
}

/** The leaky bucket of a shop: `rate` points come back each second, up to `size`. */
export class Bucket {
  readonly size: number;
  readonly rate: number;
  #there: number;
  #at: number;

  constructor(size: number, rate: number) {
    this.size = size;
    this.rate = rate;
    this.#there = size;
    this.#at = performance.now();
  }

  available(): number {
    const now = performance.now();
    this.#there = Math.min(this.size, this.#there + ((now - this.#at) / 1000) * this.rate);
    this.#at = now;
    return this.#there;
  }

  /** Takes points; false where there are too few. */
  take(points: number): boolean {
    if (this.available() < points) return false;
    this.#there -= points;
    return true;
  }

  /** What was asked for and not used comes back at once. */
  refund(points: number): void {
    this.#there = Math.min(this.size, this.#there + Math.max(0, points));
  }
}
