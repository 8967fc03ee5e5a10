import type { LoupeError } from '#kernel';
import { wafError } from '../errors.ts';

/** Where a directive stands. */
export interface Place {
  readonly file: string;
  /** Counted from 1; the line on which the directive begins. */
  readonly line: number;
}

/** A refusal that says where and why. Reasons quote at most 200 characters of what stands there. */
export function refusal(place: Place, reason: string): LoupeError {
  return wafError('waf/rule-refused', {
    details: { file: place.file, line: place.line, reason: reason.slice(0, 400) },
  });
}

export function quoted(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/gu, '?');
  return `"${printable.length > 200 ? `${printable.slice(0, 200)}…` : printable}"`;
}
