import { createHmac } from 'node:crypto';
import { TextTable } from '#kernel';

/**
 * Names for people and addresses that say nothing about them, but are the same each time: HMAC-SHA256 under a key of the shop's own, 128 bits. Who
 * has the key and a guess can check the guess; who has neither cannot.
 */
export interface Pseudonyms {
  of(...parts: readonly string[]): string;
}

const KEPT = 32_768;

export function pseudonyms(key: string): Pseudonyms {
  const kept = new TextTable<string>(KEPT);
  return {
    of(...parts) {
      const text = parts.join('\n');
      const found = kept.get(text);
      if (found !== undefined) return found;
      const name = createHmac('sha256', key).update(text).digest('hex').slice(0, 32);
      kept.set(text, name);
      return name;
    },
  };
}
