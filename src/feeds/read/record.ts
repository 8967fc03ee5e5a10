// A record of a structured file (JSON, XML), made flat: what an adapter may look at is the text of its scalars, as they were written. No object is ever made of what a stranger sent.

/** One record. */
export interface FlatRecord {
  /** The text of each scalar by its path (`certificate.lab`, `media.0.url`); numbers as they were written, null as an empty text. Null where the record cannot be read in one way only. */
  readonly texts: ReadonlyMap<string, string> | null;
  /** How the record begins, for people who look at what could not be read. */
  readonly begins: string;
}

export interface RecordBounds {
  readonly maxRecordBytes: number;
  readonly maxDepth: number;
  /** Scalars of one record. */
  readonly maxScalars: number;
}

export const RECORD_BOUNDS: RecordBounds = { maxRecordBytes: 128 * 1024, maxDepth: 16, maxScalars: 1_000 };

/** How much of a record is kept for people. */
export const MAX_BEGIN = 600;
