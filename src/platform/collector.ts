import { sha256Hex, utf8 } from '#kernel';
import {
  type Gap,
  type GapCause,
  type Item,
  type ItemKind,
  MAX_TEXT_BYTES,
  MAX_TEXTS_BYTES,
} from './item.ts';

/** What a reading gathers as it goes: items, gaps and new texts, within the limits of a reading. */
export interface Collector {
  readonly items: Item[];
  readonly gaps: Gap[];
  readonly covered: Set<ItemKind>;
  readonly texts: Record<string, string>;
  /** Keeps a text and gives its hash; null where it, or all of them together, are too large. */
  keep(text: string): string | null;
  gap(kind: ItemKind, why: GapCause, scope?: string): void;
}

export function newCollector(): Collector {
  let bytes = 0;
  const texts: Record<string, string> = {};
  const gaps: Gap[] = [];
  return {
    items: [],
    gaps,
    covered: new Set(),
    texts,
    keep(text) {
      const size = utf8(text).byteLength;
      const hash = sha256Hex(text);
      if (texts[hash] !== undefined) return hash;
      if (size > MAX_TEXT_BYTES || bytes + size > MAX_TEXTS_BYTES) return null;
      bytes += size;
      texts[hash] = text;
      return hash;
    },
    gap: (kind, why, scope) => void gaps.push({ kind, why, scope: scope ?? null }),
  };
}
