// The regression cases of the OWASP Core Rule Set, in the format of its runner go-ftw: a request, and the ids of rules that are expected, or expected not to be, in the log.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { HeaderLine } from '#waf';

/** What is sent, as byte strings. */
export interface CaseRequest {
  readonly method: string;
  readonly target: string;
  readonly protocol: string;
  readonly headers: readonly HeaderLine[];
  readonly body: string;
}

export interface RegressionCase {
  /** As `942100-1`. */
  readonly name: string;
  readonly requests: readonly CaseRequest[];
  /** All of these are expected in the log of the last request. */
  readonly expected: readonly number[];
  readonly unexpected: readonly number[];
  readonly matches: RegExp | null;
  readonly matchesNot: RegExp | null;
  /** What the server itself is expected to answer. */
  readonly status: number | null;
  readonly expectsError: boolean;
}

const Stage = z.object({
  input: z.object({
    method: z.string().optional(),
    uri: z.string().optional(),
    version: z.string().optional(),
    headers: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).optional(),
    data: z.string().optional(),
    encoded_request: z.string().optional(),
    autocomplete_headers: z.boolean().optional(),
  }),
  output: z.object({
    status: z.number().optional(),
    expect_error: z.boolean().optional(),
    log: z
      .object({
        expect_ids: z.array(z.number()).optional(),
        no_expect_ids: z.array(z.number()).optional(),
        match_regex: z.string().optional(),
        no_match_regex: z.string().optional(),
      })
      .optional(),
  }),
});
const File = z.object({
  rule_id: z.number(),
  tests: z.array(z.object({ test_id: z.number(), stages: z.array(Stage) })),
});

/** All cases below a folder, in the order of their files. */
export function readCases(folder: string): readonly RegressionCase[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ya?ml$/u.test(name),
  );
  return files.sort().flatMap((name) => {
    // A file may hold nothing but comments.
    const file = File.nullable().parse(parse(readFileSync(join(folder, name), 'utf8')));
    return (file?.tests ?? []).map((test) => caseOf(`${file?.rule_id}-${test.test_id}`, test.stages));
  });
}

function caseOf(name: string, stages: readonly z.infer<typeof Stage>[]): RegressionCase {
  const { output } = stages.at(-1)!;
  const pattern = (source: string | undefined) => (source === undefined ? null : new RegExp(source));
  return {
    name,
    requests: stages.map(({ input }) =>
      input.encoded_request === undefined ? requestOf(input) : rawRequest(input.encoded_request),
    ),
    expected: output.log?.expect_ids ?? [],
    unexpected: output.log?.no_expect_ids ?? [],
    matches: pattern(output.log?.match_regex),
    matchesNot: pattern(output.log?.no_match_regex),
    status: output.status ?? null,
    expectsError: output.expect_error ?? false,
  };
}

function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** As go-ftw completes what a case leaves out: length, type of a body, and the line ends of a multipart body. */
function requestOf(input: z.infer<typeof Stage>['input']): CaseRequest {
  const headers: HeaderLine[] = Object.entries(input.headers ?? {}).map(([name, value]) => [
    bytes(name),
    bytes(value),
  ]);
  const header = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  let body = bytes(input.data ?? '').replaceAll(
    /\{\{\s*"([^"]*)"\s*\|\s*repeat\s+(\d+)\s*\}\}/gu,
    (_, text: string, times: string) => text.repeat(Number(times)),
  );
  if (header('content-type')?.startsWith('multipart/form-data;') === true)
    body = body.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n');
  if (input.autocomplete_headers !== false) {
    if (header('connection') === undefined) headers.push(['Connection', 'close']);
    if (body !== '' && header('content-type') === undefined)
      headers.push(['Content-Type', 'application/x-www-form-urlencoded']);
    if (body !== '' && header('content-length') === undefined)
      headers.push(['Content-Length', String(body.length)]);
  }
  return {
    method: input.method ?? 'GET',
    target: bytes(input.uri ?? '/'),
    protocol: input.version ?? 'HTTP/1.1',
    headers,
    body,
  };
}

function rawRequest(encoded: string): CaseRequest {
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end < 0 ? undefined : end).split('\r\n');
  const [method = '', target = '', protocol = ''] = first.split(' ');
  const headers = lines.map(
    (line): HeaderLine => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()],
  );
  const body = end < 0 ? '' : text.slice(end + 4);
  const chunked = headers.some(
    ([name, value]) => name.toLowerCase() === 'transfer-encoding' && value === 'chunked',
  );
  return { method, target, protocol, headers, body: chunked ? unchunked(body) : body };
}

function unchunked(body: string): string {
  let rest = body;
  let out = '';
  for (;;) {
    const size = /^([0-9a-f]+)\r\n/iu.exec(rest);
    const length = Number.parseInt(size?.[1] ?? '0', 16);
    if (size === null || length === 0) return out;
    out += rest.slice(size[0].length, size[0].length + length);
    rest = rest.slice(size[0].length + length + 2);
  }
}
