import type { ByteSet } from './byte-set.ts';

/** What holds between two bytes. `last`: at the end, or before a newline that is the last byte. */
export type Assertion = 'start' | 'end' | 'last' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge';

/** A pattern, read. */
export type Node =
  | { readonly kind: 'empty' }
  /** One byte out of a set. */
  | { readonly kind: 'byte'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  /** Tried in order. */
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | {
      readonly kind: 'repeat';
      readonly item: Node;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    }
  /** A capturing group, counted from 1. */
  | { readonly kind: 'group'; readonly index: number; readonly item: Node }
  | { readonly kind: 'assertion'; readonly what: Assertion }
  | { readonly kind: 'look'; readonly ahead: boolean; readonly negative: boolean; readonly item: Node }
  /** Once matched, never entered again to try otherwise; possessive quantifiers are these. */
  | { readonly kind: 'atomic'; readonly item: Node }
  | { readonly kind: 'backreference'; readonly index: number; readonly caseless: boolean };

export interface Pattern {
  readonly root: Node;
  /** Number of capturing groups. */
  readonly groups: number;
}

export const EMPTY: Node = { kind: 'empty' };

export function sequence(items: readonly Node[]): Node {
  const flat = items.flatMap((item) =>
    item.kind === 'sequence' ? item.items : item.kind === 'empty' ? [] : [item],
  );
  const [only] = flat;
  if (only === undefined) return EMPTY;
  return flat.length === 1 ? only : { kind: 'sequence', items: flat };
}

/** Whether an automaton alone can tell: look-around, atomic groups, back-references, and an end that looks two bytes ahead are beyond it. */
export function isRegular(node: Node): boolean {
  switch (node.kind) {
    case 'look':
    case 'atomic':
    case 'backreference':
      return false;
    case 'sequence':
      return node.items.every(isRegular);
    case 'choice':
      return node.options.every(isRegular);
    case 'repeat':
    case 'group':
      return isRegular(node.item);
    case 'assertion':
      return node.what !== 'last';
    case 'empty':
    case 'byte':
      return true;
  }
}

/**
 * A regular pattern that matches wherever this one does, and perhaps elsewhere: look-around is taken as met, a back-reference as anything. What it does not find,
 * the pattern does not find.
 */
export function relaxed(node: Node, anything: ByteSet): Node {
  switch (node.kind) {
    case 'look':
      return EMPTY;
    case 'atomic':
      return relaxed(node.item, anything);
    case 'backreference':
      return { kind: 'repeat', item: { kind: 'byte', set: anything }, min: 0, max: Infinity, greedy: true };
    case 'sequence':
      return sequence(node.items.map((item) => relaxed(item, anything)));
    case 'choice':
      return { kind: 'choice', options: node.options.map((option) => relaxed(option, anything)) };
    case 'repeat':
    case 'group':
      return { ...node, item: relaxed(node.item, anything) };
    case 'assertion':
      return node.what === 'last' ? EMPTY : node;
    case 'empty':
    case 'byte':
      return node;
  }
}
