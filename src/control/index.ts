export type { AnchorTarget } from './anchors/anchors.ts';
export { type Control, type ControlOptions, type Sample, startControl } from './control.ts';
export { CONTROL_ERRORS } from './errors.ts';
export { PUBLIC_REACH, type Reach } from './looks/looks.ts';
export { answerOf, STATE_WORD, WHO } from './messages/answers.ts';
export { ALL_CHECKS } from './questions/answers.ts';
export { gapOf, TEN } from './questions/catalogue.ts';
export { compose } from './questions/compose.ts';
export { startWorker, type Worker, type WorkerOptions } from './worker.ts';
