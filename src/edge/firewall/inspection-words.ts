// What the edge and the thread that inspects say to each other.
import type { Exclusion, Judged, RequestHead, RulePack } from '#waf';

/** A request that is to be judged. */
export interface Inspected {
  readonly reference: string;
  /** The client's address. */
  readonly client: string;
  readonly at: number;
  readonly head: RequestHead;
  /** As much of the body as is inspected, without its content coding. */
  readonly body: Uint8Array;
  readonly beyond: boolean;
  readonly exclusions: readonly Exclusion[];
}

/** What the thread begins with. */
export interface ThreadData {
  readonly pack: RulePack;
}

export interface Told {
  readonly judged: Judged;
}
