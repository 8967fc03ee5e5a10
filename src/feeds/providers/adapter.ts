// What every adapter of a file feed gives: it knows a provider's names and units, and nothing about who reads or checks.
import type { CsvRow } from '../read/csv.ts';
import type { Ware } from '../goods/kinds.ts';
import type { Figures } from '../stone/figures.ts';
import type { ShownFigure, ShownStone } from '../stone/shown.ts';

/** Why a record is no stone: the column, and what was wrong with it. Never the text itself, which is the sender's to choose. */
export interface RowError {
  readonly column: string;
  readonly what: 'ragged' | 'word' | 'number' | 'missing' | 'row';
}

/** What of a stone is text, cleaned. */
export interface Texts {
  /** The provider's own id of the offer; with the provider's name it is the offer's key. */
  readonly offerId: string;
  /** The supplier's stock number; never shown to shoppers. */
  readonly supplierStockRef: string;
  readonly certificate: string;
  readonly certificateUrl: string | null;
  readonly imageUrl: string | null;
  readonly videoUrl: string | null;
  readonly comment: string;
  /** Of goods: what its kind has texts for, by name; what was not told is left out. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Reads rows of one file whose head is known. */
export interface RowReader {
  /** The cells of the offer's id and of the certificate number; −1 where there is none. */
  readonly offerId: number;
  readonly certificate: number;
  /** Fills in the figures of a row; null where it is a stone, else why it is none. */
  figures(row: CsvRow, into: Figures): RowError | null;
  /** The texts of a row that is a stone. */
  texts(row: CsvRow): Texts;
}

/** An adapter of CSV files. */
export interface CsvAdapter {
  readonly of: Ware;
  readonly provider: string;
  /** ISO 4217; the provider's prices are all in it. */
  readonly currency: string;
  /** The byte between cells. */
  readonly separator: number;
  /** What one row must satisfy by itself: findings, as bits. */
  check(figures: Figures): number;
  /** A row's figures as people read them. */
  shown(of: (figure: ShownFigure) => number): ShownStone;
  /** Binds to a head. Throws `feeds/missing-columns`. */
  bind(head: readonly string[]): RowReader;
}
