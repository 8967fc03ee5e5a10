export { type Edge, type EdgeOptions, startEdge } from './edge.ts';
export type { ConsolePlace } from './routing/console-route.ts';
export { EDGE_ERRORS } from './errors.ts';
export { signOrderLink } from './callers/order-link.ts';
