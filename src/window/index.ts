export { type LiveOptions, startLive } from './live.ts';
export type { Serving } from './serve.ts';
export { type RunningWindow, startWindow, type WindowOptions } from './window.ts';
