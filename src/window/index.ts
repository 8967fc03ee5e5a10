export { type RunningWindow, startWindow, type WindowOptions } from './window.ts';
