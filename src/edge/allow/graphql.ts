// GraphQL in one request can ask for the whole shop. Depth, cost, aliases and introspection are bounded before anything is asked of the upstream
// (OWASP GraphQL cheat sheet). Cost: one a field, times what its lists ask for.
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import type { GraphqlRules } from '#plane';

/** Longer documents are not read. */
const MAX_TOKENS = 4_000;
const MAX_OPERATIONS_A_REQUEST = 10;
/** What a list counts for where nothing says how long it may be. */
const DEFAULT_LIST = 10;
const LIST_ARGUMENTS: ReadonlySet<string> = new Set([
  'first',
  'last',
  'limit',
  'pagesize',
  'per_page',
  'take',
]);

/** A word for what is too much, or null where the request is within its bounds. */
export function judgeGraphql(
  rules: GraphqlRules,
  method: string,
  query: string,
  body: Uint8Array,
): string | null {
  const requests = method === 'GET' ? fromQuery(query) : fromBody(body);
  if (requests === null) return 'malformed';
  if (requests.length > MAX_OPERATIONS_A_REQUEST) return 'too many in one';
  let cost = 0;
  for (const request of requests) {
    let document: DocumentNode;
    try {
      document = parse(request.query, { maxTokens: MAX_TOKENS, noLocation: true });
    } catch {
      return 'malformed'; // or too long: the parser says no more than that it stopped
    }
    const judged = judgeDocument(rules, document, request.variables);
    if (typeof judged === 'string') return judged;
    cost += judged;
    if (
      method === 'GET' &&
      document.definitions.some((one) => one.kind === Kind.OPERATION_DEFINITION && one.operation !== 'query')
    )
      return 'mutation by GET';
  }
  return cost > rules.maxCost ? 'cost' : null;
}

interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

function requestOf(value: unknown): GraphqlRequest | null {
  if (typeof value !== 'object' || value === null) return null;
  const query = 'query' in value ? value.query : undefined;
  const variables = 'variables' in value ? value.variables : undefined;
  if (typeof query !== 'string') return null;
  return {
    query,
    variables:
      typeof variables === 'object' && variables !== null && !Array.isArray(variables)
        ? { ...variables }
        : {},
  };
}

function fromBody(body: Uint8Array): GraphqlRequest[] | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null; // not JSON: GraphQL over HTTP is
  }
  const list = (Array.isArray(value) ? value : [value]).map((one) => requestOf(one));
  return list.every((one) => one !== null) && list.length > 0 ? list : null;
}

function fromQuery(query: string): GraphqlRequest[] | null {
  const sent = new URLSearchParams(query);
  let variables: unknown = {};
  try {
    variables = JSON.parse(sent.get('variables') ?? '{}');
  } catch {
    return null; // as above
  }
  const one = requestOf({ query: sent.get('query'), variables });
  return one === null ? null : [one];
}

/** The cost of a document, or a word for what is too much. */
function judgeDocument(
  rules: GraphqlRules,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): number | string {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else return 'a definition that is no query';
  }
  let aliases = 0;
  let visited = 0;
  let total = 0;

  /** Walks one selection; fragments are walked where they are used, and the work is bounded as the cost is. */
  function walk(
    set: SelectionSetNode,
    depth: number,
    times: number,
    within: readonly string[],
  ): string | null {
    if (depth > rules.maxDepth) return 'depth';
    for (const selection of set.selections) {
      if (++visited > MAX_TOKENS * 4) return 'cost';
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        if (!rules.introspection && (name === '__schema' || name === '__type')) return 'introspection';
        if (selection.alias !== undefined && ++aliases > rules.maxAliases) return 'aliases';
        total += times;
        if (total > rules.maxCost) return 'cost';
        if (selection.selectionSet === undefined) continue;
        const list = selection.arguments?.find((one) => LIST_ARGUMENTS.has(one.name.value.toLowerCase()));
        const inner = times * (list === undefined ? 1 : lengthOf(list.value, variables));
        const found = walk(selection.selectionSet, depth + 1, inner, within);
        if (found !== null) return found;
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const found = walk(selection.selectionSet, depth, times, within);
        if (found !== null) return found;
      } else {
        const name = selection.name.value;
        if (within.includes(name)) return 'a fragment within itself';
        const fragment = fragments.get(name);
        const found =
          fragment === undefined ? null : walk(fragment.selectionSet, depth, times, [...within, name]);
        if (found !== null) return found;
      }
    }
    return null;
  }

  for (const operation of operations) {
    const found = walk(operation.selectionSet, 1, 1, []);
    if (found !== null) return found;
  }
  return operations.length === 0 ? 'malformed' : total;
}

function lengthOf(value: ValueNode, variables: Readonly<Record<string, unknown>>): number {
  const given =
    value.kind === Kind.INT
      ? Number(value.value)
      : value.kind === Kind.VARIABLE
        ? variables[value.name.value]
        : DEFAULT_LIST;
  return typeof given === 'number' && given > 0 ? Math.max(1, Math.min(given, 1_000_000)) : DEFAULT_LIST;
}
