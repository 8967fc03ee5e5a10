export * from './bytes.ts';
export * from './canonical-json.ts';
export * from './clock.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './text-table.ts';
