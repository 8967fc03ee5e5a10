// The thread in which a stranger's file is read: it gets one task, answers, and is gone.
import { parentPort, workerData } from 'node:worker_threads';
import { doTask } from './task.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(await doTask(workerData));
