// multipart/form-data (RFC 7578, RFC 2046 section 5.1). It reads as generously as applications do, and says everything in which a body is not as it should be, because
// two readers of one body may differ there.
import type { Pair } from './form.ts';

export interface Part {
  readonly name: string;
  /** Null for a field that is no file. */
  readonly fileName: string | null;
  /** Header lines as they came, without line ends. */
  readonly headers: readonly string[];
  readonly content: string;
}

/** In what a body is not as it should be. */
export interface MultipartFaults {
  readonly boundaryQuoted: boolean;
  readonly boundaryWhitespace: boolean;
  readonly dataBefore: boolean;
  readonly dataAfter: boolean;
  readonly headerFolding: boolean;
  readonly lfLine: boolean;
  readonly crlfLine: boolean;
  readonly missingSemicolon: boolean;
  readonly invalidQuoting: boolean;
  readonly invalidFolding: boolean;
  readonly invalidPart: boolean;
  /** A line that begins as a boundary, and is none. */
  readonly unmatchedBoundary: boolean;
}

export interface ReadMultipart {
  readonly parts: readonly Part[];
  readonly faults: MultipartFaults;
  readonly error: string | null;
}

const MAX_HEADERS_PER_PART = 64;
const NO_FAULTS: MultipartFaults = {
  boundaryQuoted: false,
  boundaryWhitespace: false,
  dataBefore: false,
  dataAfter: false,
  headerFolding: false,
  lfLine: false,
  crlfLine: false,
  missingSemicolon: false,
  invalidQuoting: false,
  invalidFolding: false,
  invalidPart: false,
  unmatchedBoundary: false,
};

/** Whether any of the faults is one that makes a body ambiguous. */
export function isStrictFault(faults: MultipartFaults): boolean {
  const { crlfLine, unmatchedBoundary, ...strict } = faults;
  return Object.values(strict).some(Boolean) || (faults.lfLine && crlfLine && unmatchedBoundary);
}

/** Reads a body by the boundary of its content type; parts beyond the limit are an error. */
export function readMultipart(text: string, contentType: string, limit: number): ReadMultipart {
  const found = /;\s*boundary(\s*)=(\s*)(?:"([^"]*)("?)|([^;,]*))/iu.exec(contentType);
  if (found === null) return { parts: [], faults: NO_FAULTS, error: 'no boundary' };
  const boundary = (found[3] ?? found[5] ?? '').trimEnd();
  if (boundary === '' || boundary.length > 256)
    return { parts: [], faults: NO_FAULTS, error: 'an empty or overlong boundary' };
  return new MultipartReader(text, boundary, limit, {
    ...NO_FAULTS,
    boundaryQuoted: found[3] !== undefined,
    boundaryWhitespace: found[1] !== '' || found[2] !== '' || /\s/u.test(found[3] ?? found[5] ?? ''),
  }).read();
}

class MultipartReader {
  readonly #text: string;
  readonly #delimiter: string;
  readonly #limit: number;
  readonly #parts: Part[] = [];
  #faults: MultipartFaults;

  constructor(text: string, boundary: string, limit: number, faults: MultipartFaults) {
    this.#text = text;
    this.#delimiter = `--${boundary}`;
    this.#limit = limit;
    this.#faults = faults;
  }

  #fault(fault: keyof MultipartFaults): void {
    if (!this.#faults[fault]) this.#faults = { ...this.#faults, [fault]: true };
  }

  read(): ReadMultipart {
    const error = this.#read();
    return { parts: this.#parts, faults: this.#faults, error };
  }

  #read(): string | null {
    let at = this.#nextDelimiter(0);
    if (at === null) return 'no part';
    if (this.#text.slice(0, at.start).trim() !== '') this.#fault('dataBefore');
    for (;;) {
      if (at.last) {
        if (this.#text.slice(at.end).trim() !== '') this.#fault('dataAfter');
        return null;
      }
      const next = this.#nextDelimiter(at.end);
      if (this.#parts.length >= this.#limit) return `more than ${this.#limit} parts`;
      const error = this.#part(this.#text.slice(at.end, next?.start));
      if (error !== null) return error;
      if (next === null) return 'no end';
      at = next;
    }
  }

  /** The next delimiter line at or after a place: where the line end before it begins, and where what comes after it begins. */
  #nextDelimiter(
    from: number,
  ): { readonly start: number; readonly end: number; readonly last: boolean } | null {
    for (let at = this.#text.indexOf('--', from); at >= 0; at = this.#text.indexOf('--', at + 1)) {
      if (at > 0 && this.#text[at - 1] !== '\n') continue;
      if (!this.#text.startsWith(this.#delimiter, at)) {
        // Dashes at the beginning of a line are ordinary text, but where they begin as the boundary does somebody may mean one.
        if (this.#text.startsWith(this.#delimiter.slice(0, Math.max(4, this.#delimiter.length - 4)), at))
          this.#fault('unmatchedBoundary');
        continue;
      }
      const after = at + this.#delimiter.length;
      const tail = /^(--)?[\t ]*(\r\n|\n|$)/u.exec(this.#text.slice(after, after + 64));
      if (tail === null) {
        this.#fault('unmatchedBoundary');
        continue;
      }
      this.#noteLineEnd(tail[2] ?? '');
      const start = this.#text[at - 2] === '\r' ? at - 2 : Math.max(0, at - 1);
      return { start: Math.max(from, start), end: after + tail[0].length, last: tail[1] !== undefined };
    }
    return null;
  }

  #noteLineEnd(end: string): void {
    if (end === '\n') this.#fault('lfLine');
    if (end === '\r\n') this.#fault('crlfLine');
  }

  #part(text: string): string | null {
    const headers: string[] = [];
    let at = 0;
    for (;;) {
      const found = text.indexOf('\n', at);
      const lineEnd = found < 0 ? text.length : found;
      const crlf = found > at && text[found - 1] === '\r';
      if (found >= 0) this.#noteLineEnd(crlf ? '\r\n' : '\n');
      const line = text.slice(at, crlf ? lineEnd - 1 : lineEnd);
      at = found < 0 ? text.length : found + 1;
      if (line === '') break;
      if (/^[\t ]/u.test(line)) this.#folded(headers, line);
      else headers.push(line);
      if (headers.length > MAX_HEADERS_PER_PART) return `more than ${MAX_HEADERS_PER_PART} headers in a part`;
      if (found < 0) break;
    }
    return this.#keep(headers, text.slice(at));
  }

  #folded(headers: string[], line: string): void {
    this.#fault('headerFolding');
    const last = headers.pop();
    if (last === undefined) this.#fault('invalidFolding');
    headers.push(`${last ?? ''} ${line.trim()}`);
  }

  #keep(headers: readonly string[], content: string): string | null {
    const disposition = headers.find((line) => /^content-disposition\s*:/iu.test(line));
    const parameters =
      disposition === undefined ? null : this.#disposition(disposition.slice(disposition.indexOf(':') + 1));
    if (parameters === null || headers.some((line) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*:/u.test(line)))
      this.#fault('invalidPart');
    this.#parts.push({
      name: parameters?.name ?? '',
      fileName: parameters?.fileName ?? null,
      headers,
      content,
    });
    return null;
  }

  /** Name and file name of a part (RFC 6266, RFC 7578 section 4.2), read as generously as browsers and applications do. */
  #disposition(text: string): { readonly name: string; readonly fileName: string | null } | null {
    let name: string | null = null;
    let fileName: string | null = null;
    const type = /^\s*([\w-]+)\s*(;?)/u.exec(text);
    if (type === null || type[1]?.toLowerCase() !== 'form-data') this.#fault('invalidPart');
    const rest = text.slice(type?.[0].length ?? 0);
    if (type?.[2] === '' && rest.trim() !== '') this.#fault('missingSemicolon');
    let first = true;
    let at = 0;
    while (at < rest.length) {
      PARAMETER.lastIndex = at;
      const found = PARAMETER.exec(rest);
      if (found === null) {
        // What is no parameter is passed over to the next separator.
        const next = rest.slice(at + 1).search(/[;,]/u);
        if (next < 0) break;
        at += next + 1;
        continue;
      }
      at = PARAMETER.lastIndex;
      const [, separator, key = '', quoted, close, single, bare] = found;
      if (!first && separator !== ';') this.#fault('missingSemicolon');
      first = false;
      if ((quoted !== undefined && close === '') || single !== undefined || bare !== undefined)
        this.#fault('invalidQuoting');
      const value = quoted?.replaceAll(/\\(["\\])/gu, '$1') ?? single ?? (bare ?? '').trim();
      const lower = key.toLowerCase();
      if (lower === 'name') {
        if (name !== null) this.#fault('invalidPart');
        name = value;
      } else if (lower === 'filename' || lower === 'filename*') {
        if (fileName !== null) this.#fault('invalidPart');
        fileName = fileName === null ? value : `${fileName} ${value}`;
      }
    }
    return name === null && fileName === null ? null : { name: name ?? '', fileName };
  }
}

/** One parameter of a disposition, from where it begins. */
const PARAMETER = /\s*([;,]?)\s*([\w*-]{1,64})\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)("?)|'([^']*)'|([^;"]*))/uy;

/** Fields of a form that are no files. */
export function fieldsOf(parts: readonly Part[]): readonly Pair[] {
  return parts.filter((part) => part.fileName === null).map((part) => [part.name, part.content]);
}
