export { type Checkpoint, checkpointText, openCheckpoint, parseCheckpointUnverified } from './checkpoint.ts';
export { LEDGER_ERRORS } from './errors.ts';
export { type Ledger, type LogInfo, openLedger, originOf } from './ledger.ts';
export type { Appended, SourceBatch } from './log.ts';
export { leafHash, nodeHash } from './merkle.ts';
export {
  consistencyPath,
  type HashReader,
  inclusionPath,
  verifyConsistency,
  verifyInclusion,
} from './proof.ts';
export {
  type ProofVerdict,
  parseProofFileUnverified,
  verifyProofFile,
  writeProofFile,
} from './proof-file.ts';
export { openLedgerStore } from './store.ts';
export { bundlePath, MAX_LEAF_BYTES, tilePath } from './tile.ts';
export { type LogProblem, type LogVerdict, splitAnchors, verifyLog } from './verify.ts';
