// A provider's service, as far as Loupe has to know it: where it lives, what signs in, what its terms allow, how a file is asked for, and what its rows mean. One file each; `index.ts` lists them.
import type { Terms } from '../entitlement/entitlement.ts';
import type { FetchSession } from '../fetch/session.ts';
import type { CsvAdapter } from './adapter.ts';

export interface CredentialField {
  /** The name that `FetchSession.credentials` has it by. */
  readonly name: string;
  readonly label: string;
}

export interface Provider {
  /** For ever: it stands in keys, leaves and configuration. */
  readonly id: string;
  readonly name: string;
  readonly terms: Terms;
  /** The hosts that are spoken to, and no others. */
  readonly hosts: readonly string[];
  readonly credentials: readonly CredentialField[];
  /** Where what signs in goes: into headers or a body; into the address, where logs of others may keep it; nobody signs in; or a person hands the file in, and signs in here. */
  readonly signsInBy: 'request' | 'address' | 'nothing' | 'person';
  /** The provider's newer interface, where there is one that this one was replaced by. */
  readonly replacedBy: string | null;
  /** Whether a person may take it upon them that it is asked without TLS: for providers that offer none. */
  readonly mayBePlain: boolean;
  /** How often the provider has something new, at most. */
  readonly everyMs: number;
  /** The least time from one question to the next. */
  readonly gapMs: number;
  readonly adapter: CsvAdapter;
  /** The plain bytes of one file. Throws `feeds/not-fetched`, `feeds/unreadable`. */
  fetch(session: FetchSession): AsyncIterable<Uint8Array>;
}
