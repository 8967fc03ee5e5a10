// A provider's service, as far as Loupe has to know it: where it lives, what signs in, what its terms allow, how a file or a page is asked for, and what its rows mean. One file each; `index.ts` lists them.
import type { Terms } from '../entitlement/entitlement.ts';
import type { FetchSession } from '../fetch/session.ts';
import type { Asked } from '../publish/query.ts';
import type { FlatRecord } from '../read/record.ts';
import type { CsvAdapter } from './adapter.ts';

export interface CredentialField {
  /** The name that `FetchSession.credentials` has it by. */
  readonly name: string;
  readonly label: string;
}

/** What is known of every service. */
export interface ProviderFacts {
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
}

/** A service that hands out files. */
export interface Provider extends ProviderFacts {
  /** The plain bytes of one file. Throws `feeds/not-fetched`, `feeds/unreadable`. */
  fetch(session: FetchSession): AsyncIterable<Uint8Array>;
}

/** A service that is asked anew for each shopper: its stones are passed through, and kept nowhere. */
export interface LiveProvider extends ProviderFacts {
  /** The fields of a record that are read, all others are dropped; the names that the adapter knows. */
  readonly fields: readonly string[];
  /** How many stones it gives at a time, at most. */
  readonly maxPerPage: number;
  /** Whether it can be asked this; what it cannot be asked is refused with the parameter's name. Null where it can. */
  cannot(asked: Asked): string | null;
  open(session: FetchSession): LiveSearch;
}

/** A conversation with a live service; signs in when it has to. All throw `feeds/not-fetched`. */
export interface LiveSearch {
  /** A page of what is asked for. What comes need not be what was asked for: whoever gets it looks. */
  page(asked: Asked): Promise<LivePage>;
  /** One stone by the provider's own id; none where it has gone. */
  stone(id: string): Promise<readonly FlatRecord[]>;
}

export interface LivePage {
  readonly records: readonly FlatRecord[];
  /** How many there are, as the provider says. */
  readonly total: number;
}

/** Whether a service is asked for each shopper anew. */
export function isLive(provider: ProviderFacts): provider is LiveProvider {
  return 'open' in provider;
}
