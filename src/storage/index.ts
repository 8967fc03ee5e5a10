export { type BlobKeys, type BlobStore, openBlobStore } from './blobs.ts';
export { type FolderLock, lockDataFolder, writeFileDurably } from './data-folder.ts';
export {
  bytesType,
  type Database,
  type DatabasePlace,
  type Engine,
  type Migration,
  openDatabase,
} from './database.ts';
export { STORAGE_ERRORS, storageCause, storageError } from './errors.ts';
export {
  type Claim,
  createJobTables,
  type Job,
  type Jobs,
  type JobState,
  type JobTables,
  MAX_ATTEMPTS,
  type NewJob,
  openJobs,
} from './jobs.ts';
export { type HashedFile, writeHashedFile } from './hashed-file.ts';
export {
  createOutboxTable,
  openRelay,
  type OutboxMessage,
  type OutboxTables,
  post,
  type Relay,
} from './outbox.ts';
export {
  openPublication,
  type Pointer,
  type Publication,
  readPointer,
  type SignNote,
} from './publication.ts';
export { sealedFiles, type SealedFiles, type SealedReader, type SealedWriter } from './sealed-file.ts';
export { openSealing } from './sealing.ts';
