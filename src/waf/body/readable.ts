// What can be read of a body that nothing reads. Pictures, compressed texts and messages of programs hold every short run of bytes sooner or later, so that whatever looks for
// signs in them finds some: three of four random bodies of 200 KB had signs enough to be refused.

/** More control characters than one in so many bytes are in no text of any encoding; compressed bytes have one in nine. */
const CONTROLS = 32;
/** Shorter runs of ASCII are chance. In a short body there is less of it. */
const LONG_BODY = 8192;
const LONG_RUNS = /[\t\n\r\x20-\x7e]{12,}/gu;
const SHORT_RUNS = /[\t\n\r\x20-\x7e]{6,}/gu;
/** The kind of a file, and of an object that was written down, is told by its first bytes. */
const BEGINNING = 32;

/** Between them; a line end would join commands. */
const BETWEEN = '\x01';

/** A text as it is; of other bytes their beginning and what looks like text. Byte strings. */
export function readable(body: string): string {
  if (!isBinary(body)) return body;
  const runs = body.match(body.length < LONG_BODY ? SHORT_RUNS : LONG_RUNS) ?? [];
  return [body.slice(0, BEGINNING), ...runs].join(BETWEEN);
}

/** Whether bytes are no text of any encoding. */
export function isBinary(body: string): boolean {
  let controls = 0;
  for (let at = 0; at < body.length; at += 1) {
    const code = body.charCodeAt(at);
    // NUL is every other byte of some encodings; ESC begins the shifts of others.
    if (code < 0x20 && code !== 0 && (code < 0x09 || code > 0x0d) && code !== 0x1b) controls += 1;
  }
  return controls * CONTROLS > body.length;
}
