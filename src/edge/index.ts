export { type Edge, type EdgeOptions, startEdge } from './edge.ts';
export type { ConsolePlace } from './routing/console-route.ts';
export { EDGE_ERRORS } from './errors.ts';
// For benches, which measure it alone.
export { jwtProver } from './callers/jwt.ts';
export { readHead } from './message/head.ts';
export { signOrderLink } from './callers/order-link.ts';
