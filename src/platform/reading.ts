import type { Clock } from '#kernel';
import type { ItemKind, KnownText } from './item.ts';

/** What a reading is asked for. */
export interface ReadOptions {
  readonly kinds: readonly ItemKind[];
  /** Texts that are known, by the key of their item. */
  readonly known: ReadonlyMap<string, KnownText>;
  /** Read every text anew, whatever the platform's marks say. */
  readonly deep: boolean;
  /** Only the products changed since then; null: all. */
  readonly productsSince: number | null;
  /** The journal is read from here on. */
  readonly since: number;
  /** The shop's own names: a redirect among them does not lead away. */
  readonly ownHosts: readonly string[];
  /** Where the platform is to send its webhooks; null where it cannot reach us. */
  readonly callbackUrl: string | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}
