// What a route lets through, by an OpenAPI document (3.0 and 3.1): paths, methods, parameters, body types, members, lengths. What the document does not name does
// not pass. Attackers choose everything that is matched here, and nothing of what it is matched against.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Head } from '../message/head.ts';
import { linearPattern } from './pattern.ts';

/** Why a request does not fit, and where: names of the document, never what was sent. */
export interface Misfit {
  readonly where: string;
  readonly what: string;
}

export interface Operation {
  /** `GET /orders/{id}`: what events and the console call it. */
  readonly name: string;
  readonly readsBody: boolean;
}

export interface OpenapiList {
  /** The operation that a request is, or a misfit. `path` is the route's own, in canonical form. */
  operation(method: string, path: string): (Operation & Checks) | Misfit;
}

interface Checks {
  checkHead(head: Head): Misfit | null;
  checkBody(head: Head, body: Uint8Array): Misfit | null;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;

/** Headers that every client sends and no document lists are not held against a request; those that are listed are checked. */
type Dict = Readonly<Record<string, unknown>>;

function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dictOf(value: unknown): Dict {
  return isDict(value) ? value : {};
}

const DOCUMENT = 'loupe:document';

/** Nothing longer than this many parts is a path of an API. */
const MAX_SEGMENTS = 64;

/**
 * Compiles a document. Throws an Error that names the place where the document cannot be used: an unknown reference, a pattern without a linear way, no paths.
 */
export function compileOpenapi(document: Dict): OpenapiList {
  const version = document['openapi'];
  if (typeof version !== 'string' || !/^3\.[01]\.\d+$/u.test(version))
    throw new Error('openapi: 3.0 or 3.1 is needed');
  const plain = version.startsWith('3.0') ? dictOf(modern(document)) : document;
  const ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    allErrors: false,
    // Query and path values come as text.
    coerceTypes: false,
    unicodeRegExp: false,
    code: { regExp: Object.assign((source: string) => linearPattern(source), { code: 'linearPattern' }) },
  });
  addFormats.default(ajv, { mode: 'fast', keywords: false });
  ajv.addSchema({ $id: DOCUMENT, ...plain });
  const compile = (...pointer: readonly string[]): ValidateFunction => {
    const path = pointer
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    return ajv.compile({ $ref: `${DOCUMENT}#/${path}` });
  };
  const coercing = new Ajv2020({
    strict: false,
    validateSchema: false,
    coerceTypes: 'array',
    unicodeRegExp: false,
    code: { regExp: Object.assign((source: string) => linearPattern(source), { code: 'linearPattern' }) },
  });
  addFormats.default(coercing, { mode: 'fast', keywords: false });
  coercing.addSchema({ $id: DOCUMENT, ...plain });

  const follow = (value: unknown): { readonly value: Dict; readonly at: readonly string[] | null } => {
    const reference = dictOf(value)['$ref'];
    if (typeof reference !== 'string') return { value: dictOf(value), at: null };
    if (!reference.startsWith('#/')) throw new Error(`reference leads outside: ${reference}`);
    const at = reference
      .slice(2)
      .split('/')
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
    let found: unknown = plain;
    for (const part of at) found = dictOf(found)[part];
    if (!isDict(found)) throw new Error(`reference leads nowhere: ${reference}`);
    return { value: found, at };
  };

  interface Parameter {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly repeated: boolean;
    readonly check: (value: string | readonly string[]) => boolean;
  }

  function parameterOf(raw: unknown, at: readonly string[]): Parameter {
    const { value, at: elsewhere } = follow(raw);
    const { name, in: place } = value;
    if (typeof name !== 'string' || typeof place !== 'string')
      throw new Error(`${at.join('/')}: a parameter needs name and in`);
    const pointer = [...(elsewhere ?? at), 'schema'];
    const schema = follow(value['schema']).value;
    const repeated = schema['type'] === 'array';
    const path = pointer
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = isDict(value['schema'])
      ? coercing.compile({ type: 'object', properties: { v: { $ref: `${DOCUMENT}#/${path}` } } })
      : null;
    return {
      name: place === 'header' ? name.toLowerCase() : name,
      in: place,
      required: value['required'] === true || place === 'path',
      repeated,
      check: (given) => validate === null || validate({ v: given }),
    };
  }

  interface Compiled extends Operation, Checks {
    readonly method: string;
    readonly segments: readonly string[];
    readonly pathParameters: readonly Parameter[];
  }

  const compiled: Compiled[] = [];
  for (const [template, rawItem] of Object.entries(dictOf(plain['paths']))) {
    const { value: item, at: itemAt } = follow(rawItem);
    const base = itemAt ?? ['paths', template];
    for (const method of METHODS) {
      if (!isDict(item[method])) continue;
      const operation = dictOf(item[method]);
      const lists: readonly (readonly [unknown, readonly string[]])[] = [
        [item['parameters'], [...base, 'parameters']],
        [operation['parameters'], [...base, method, 'parameters']],
      ];
      // An operation's parameter stands in place of its path's own of the same name.
      const parameters = new Map<string, Parameter>();
      for (const [list, at] of lists)
        for (const [i, raw] of (Array.isArray(list) ? list : []).entries()) {
          const one = parameterOf(raw, [...at, String(i)]);
          parameters.set(`${one.in} ${one.name}`, one);
        }
      compiled.push(operationOf(template, method, operation, [...base, method], [...parameters.values()]));
    }
  }
  if (compiled.length === 0) throw new Error('paths: the document names no operation');

  function operationOf(
    template: string,
    method: string,
    operation: Dict,
    at: readonly string[],
    parameters: readonly Parameter[],
  ): Compiled {
    const query = new Map(parameters.filter((one) => one.in === 'query').map((one) => [one.name, one]));
    const headers = parameters.filter((one) => one.in === 'header');
    const { value: body, at: bodyElsewhere } = follow(operation['requestBody']);
    const bodyAt = bodyElsewhere ?? [...at, 'requestBody'];
    const types = new Map(
      Object.entries(dictOf(body['content'])).map(([type, media]) => [
        type.toLowerCase(),
        isDict(dictOf(media)['schema']) ? compile(...bodyAt, 'content', type, 'schema') : null,
      ]),
    );
    return {
      name: `${method.toUpperCase()} ${template}`,
      method: method.toUpperCase(),
      segments: template.split('/'),
      pathParameters: parameters.filter((one) => one.in === 'path'),
      readsBody: types.size > 0,
      checkHead(head) {
        const sent = new URLSearchParams(head.query);
        for (const name of new Set(sent.keys())) {
          const known = query.get(name) ?? query.get(name.replace(/\[\]$/u, ''));
          if (known === undefined) return { where: 'query', what: 'a parameter that is not listed' };
          const values = sent.getAll(name);
          if (values.length > 1 && !known.repeated) return { where: `query ${known.name}`, what: 'repeated' };
          if (!known.check(known.repeated ? values : (values[0] ?? '')))
            return { where: `query ${known.name}`, what: 'does not fit' };
        }
        const missing = [...query.values()].find((one) => one.required && !sent.has(one.name));
        if (missing !== undefined) return { where: `query ${missing.name}`, what: 'missing' };
        for (const one of headers) {
          const value = head.by.get(one.name);
          if (value === undefined ? one.required : !one.check(value))
            return { where: `header ${one.name}`, what: value === undefined ? 'missing' : 'does not fit' };
        }
        if (types.size === 0) return head.hasBody ? { where: 'body', what: 'none is listed' } : null;
        if (!head.hasBody) return body['required'] === true ? { where: 'body', what: 'missing' } : null;
        return types.has(typeOf(head)) ? null : { where: 'body', what: 'a type that is not listed' };
      },
      checkBody(head, bytes) {
        const type = typeOf(head);
        const validate = types.get(type);
        if (validate === undefined || validate === null) return null;
        const read = readBody(type, bytes);
        if (read === undefined) return { where: 'body', what: 'malformed' };
        if (read === null) return null;
        if (validate(read.value)) return null;
        const [error] = validate.errors ?? [];
        // The schema's own place: the instance's holds names that the client chose.
        return {
          where: `body ${placeOf(error?.schemaPath ?? '')}`.trim(),
          what: KEYWORD[error?.keyword ?? ''] ?? `does not fit (${error?.keyword ?? 'schema'})`,
        };
      },
    };
  }

  // Literal parts before parameters: `/orders/mine` is not an order called `mine` (OpenAPI 3.1, section 4.8.8).
  compiled.sort((a, b) => literals(b.segments) - literals(a.segments));
  const byShape = Map.groupBy(compiled, (one) => one.segments.length);

  return {
    operation(method, path) {
      const parts = path.split('/');
      if (parts.length > MAX_SEGMENTS) return { where: 'path', what: 'not listed' };
      const fitting = (byShape.get(parts.length) ?? []).filter((one) => fits(one.segments, parts));
      if (fitting.length === 0) return { where: 'path', what: 'not listed' };
      const own = fitting.find((one) => one.method === method || (method === 'HEAD' && one.method === 'GET'));
      if (own === undefined)
        return { where: 'method', what: `not listed for ${fitting[0]?.segments.join('/') ?? ''}` };
      for (const one of own.pathParameters) {
        const value = parameterValue(own.segments, parts, one.name);
        if (value !== null && !one.check(value)) return { where: `path ${one.name}`, what: 'does not fit' };
      }
      return own;
    },
  };
}

function typeOf(head: Head): string {
  return head.by.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** A body as a value; null: not a kind that a schema speaks of; undefined: malformed. */
function readBody(type: string, bytes: Uint8Array): { readonly value: unknown } | null | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  if (type === 'application/json' || type.endsWith('+json')) {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return undefined; // not JSON: the caller refuses
    }
  }
  if (type !== 'application/x-www-form-urlencoded') return null;
  const form: Record<string, string | string[]> = Object.create(null);
  const sent = new URLSearchParams(text);
  for (const name of new Set(sent.keys())) {
    const values = sent.getAll(name);
    form[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return { value: form };
}

/** The member that a schema's path leads to: `lines.sku`. */
function placeOf(schemaPath: string): string {
  const parts = schemaPath.split('/');
  return parts.filter((_, i) => parts[i - 1] === 'properties').join('.');
}

const KEYWORD: Readonly<Record<string, string>> = {
  additionalProperties: 'a member that is not listed',
  required: 'a member is missing',
};

const PARAMETER = /\{([^}]+)\}/u;

function literals(segments: readonly string[]): number {
  return segments.filter((segment) => !PARAMETER.test(segment)).length;
}

function fits(segments: readonly string[], parts: readonly string[]): boolean {
  return segments.every((segment, i) => (PARAMETER.test(segment) ? parts[i] !== '' : segment === parts[i]));
}

function parameterValue(segments: readonly string[], parts: readonly string[], name: string): string | null {
  const at = segments.findIndex((segment) => segment === `{${name}}`);
  const part = at === -1 ? undefined : parts[at];
  return part === undefined ? null : decodeURIComponent(part);
}

/** OpenAPI 3.0 writes two things otherwise than JSON Schema 2020-12: `nullable`, and exclusive bounds as flags. */
function modern(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => modern(item));
  if (!isDict(value)) return value;
  const changed: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) changed[key] = modern(member);
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof changed[flag] !== 'boolean') continue;
    if (changed[flag] && bound in changed) {
      changed[flag] = changed[bound];
      delete changed[bound];
    } else delete changed[flag];
  }
  if (changed['nullable'] === true && typeof changed['type'] === 'string') {
    changed['type'] = [changed['type'], 'null'];
    if (Array.isArray(changed['enum'])) changed['enum'] = [...changed['enum'], null];
  }
  delete changed['nullable'];
  return changed;
}
