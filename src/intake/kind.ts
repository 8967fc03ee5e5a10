/** What is accepted, and how it may be named. */
export const FILE_KINDS = ['pdf', 'png', 'jpeg', 'text', 'xlsx'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

const EXTENSIONS: Readonly<Record<FileKind, readonly string[]>> = {
  pdf: ['pdf'],
  png: ['png'],
  jpeg: ['jpg', 'jpeg'],
  text: ['txt', 'csv', 'md', 'log'],
  xlsx: ['xlsx'],
};

/** Why a file is refused. */
export const REFUSALS = [
  'empty',
  'too-large',
  /** Not one of the accepted kinds. */
  'unknown-kind',
  /** The name promises another kind than the bytes are. */
  'name-lies',
  'macros',
  'scripts',
  'embedded-file',
  'encrypted',
  /** Valid as two kinds at once, or something follows its end. */
  'two-files',
  /** Unpacks to more than it may. */
  'bomb',
  'broken',
  'too-many-pages',
  /** Took longer, or more memory, than a file may. */
  'too-slow',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Thrown inside this room alone; a refusal leaves it as a value. */
export class Refused extends Error {
  readonly why: Refusal;

  constructor(why: Refusal) {
    super(why);
    this.why = why;
  }
}

export const MAX_FILE_BYTES: number = 10 * 1024 * 1024;

export function nameFits(name: string, kind: FileKind): boolean {
  const extension = /\.([A-Za-z0-9]+)$/u.exec(name)?.[1]?.toLowerCase();
  return extension !== undefined && EXTENSIONS[kind].includes(extension);
}
