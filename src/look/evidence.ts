import type { FailureKind, TlsSeen } from '#outbound';
import type { ShopKind } from '#plane';

// Raw evidence: what was asked and what came back, before anybody judged it. Each piece is stored whole, as canonical
// JSON, under its hash; every observation names the piece it was judged from.

/** One request and what came of it. */
export interface Hop {
  readonly url: string;
  readonly status: number | null;
  readonly headers: readonly (readonly [string, string])[];
  readonly address: string | null;
  readonly failure: FailureKind | null;
  readonly failureCode: string | null;
  readonly bodySha256: string | null;
  readonly bodyBytes: number;
  readonly truncated: boolean;
  readonly ms: number | null;
  /** The body where it is short text that a check reads (security.txt, robots.txt, a policy). */
  readonly text: string | null;
}

export const TLS_VERSIONS = ['SSL 3.0', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

export interface TlsEvidence {
  readonly host: string;
  readonly port: number;
  /** Whether a ClientHello of that version was answered with one; null where the attempt failed otherwise. */
  readonly versions: readonly {
    readonly version: TlsVersion;
    readonly accepted: boolean | null;
    readonly failure: string | null;
  }[];
  /** Suites accepted that nobody should accept, by their IANA names. */
  readonly weakSuites: readonly string[];
  readonly handshake: TlsSeen | null;
  readonly failure: FailureKind | null;
}

export interface WebEvidence {
  /** From http://HOST/, each redirect a hop. */
  readonly plain: readonly Hop[];
  /** From https://HOST/. */
  readonly secure: readonly Hop[];
  readonly robots: Hop | null;
  readonly securityTxt: readonly Hop[];
  /** The shop asks robots to stay away from its pages; they were not looked into. */
  readonly keptOut: boolean;
}

export interface DnsLookup {
  readonly name: string;
  readonly type: string;
  readonly exists: boolean | null;
  readonly records: readonly string[];
  readonly authentic: boolean;
  readonly failure: string | null;
}

export interface DnsEvidence {
  readonly domain: string | null;
  readonly lookups: readonly DnsLookup[];
  readonly mtaSts: Hop | null;
}

export interface ScriptSeen {
  readonly url: string;
  readonly integrity: boolean;
}

export interface FormSeen {
  readonly action: string;
  readonly method: string;
  readonly password: boolean;
  readonly card: boolean;
}

export interface PageSeen {
  readonly url: string;
  readonly title: string;
  readonly generator: string | null;
  readonly scripts: readonly ScriptSeen[];
  readonly inlineScripts: number;
  readonly frames: readonly string[];
  readonly forms: readonly FormSeen[];
  /** Sub-resources over plain http on a page that came over https. */
  readonly mixed: readonly string[];
}

export interface LibrarySeen {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly advisories: readonly {
    readonly id: string;
    readonly severity: string;
    readonly fixedIn: string;
  }[];
}

export interface PageEvidence {
  /** Rendered in a browser, or read from the HTML as it was sent; and why, where a browser was wanted and not used. */
  readonly rendered: boolean;
  readonly notRendered: string | null;
  readonly pages: readonly PageSeen[];
  readonly libraries: readonly LibrarySeen[];
}

export interface PartySeen {
  readonly host: string;
  readonly roles: readonly ('script' | 'frame' | 'form')[];
  /** Who that is, from the table of usual third parties. */
  readonly name: string | null;
  readonly does: string | null;
  readonly protocol: string | null;
  readonly problem: string | null;
  readonly notAfter: number | null;
  readonly failure: FailureKind | null;
}

export interface PartiesEvidence {
  readonly parties: readonly PartySeen[];
  /** More were on the pages than were looked at. */
  readonly left: number;
}

export interface OriginEvidence {
  readonly cdn: string | null;
  readonly candidates: readonly {
    readonly address: string;
    readonly from: string;
    readonly answersAsShop: boolean;
  }[];
}

export interface PlatformEvidence {
  readonly platform: string | null;
  readonly kind: ShopKind | null;
  readonly signs: readonly string[];
}

/** One request to an API's host with a query that means something or nothing. */
export interface ApiTry {
  readonly query: string;
  readonly status: number | null;
  readonly failure: FailureKind | null;
  /** SHA-256 of the body without what it quoted of the query; null where there was none to read. */
  readonly said: string | null;
}

export interface ApiEvidence {
  readonly host: string;
  /** http://HOST/; null where the API has a port of its own. */
  readonly plain: Hop | null;
  readonly neutral: readonly ApiTry[];
  readonly withKey: readonly ApiTry[];
}

export interface LookEvidence {
  readonly tls: TlsEvidence;
  readonly web: WebEvidence;
  readonly dns: DnsEvidence;
  readonly page: PageEvidence;
  readonly parties: PartiesEvidence;
  readonly origin: OriginEvidence;
  readonly platform: PlatformEvidence;
}

export type EvidenceName = keyof LookEvidence;
