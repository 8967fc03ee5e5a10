// What a transaction is about. All strings are byte strings.

/** A header as it came. */
export type HeaderLine = readonly [name: string, value: string];

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Connection {
  /** Tells transactions apart; it goes into what rules say. */
  readonly id: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface RequestHead {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  /** As `HTTP/1.1`. */
  readonly protocol: string;
  readonly headers: readonly HeaderLine[];
}

export interface ResponseHead {
  readonly status: number;
  readonly protocol: string;
  readonly headers: readonly HeaderLine[];
}
