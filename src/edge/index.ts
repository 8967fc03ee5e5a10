export { type Edge, type EdgeOptions, startEdge } from './edge.ts';
export { EDGE_ERRORS } from './errors.ts';
export { signOrderLink } from './callers/order-link.ts';
