// The thread that inspects what would hold up others: an engine of its own, one request after another.
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { dataOf, Firewall } from '#waf';
import type { Inspected, ThreadData, Told } from './inspection-words.ts';
import { judge } from './judge.ts';

// Linux keeps a priority for each thread (setpriority(2), NOTES): whoever waits for a small request comes first.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const { pack }: ThreadData = workerData;
const firewall = new Firewall({ rules: pack.rules, files: dataOf(pack) });

parentPort?.on('message', (request: Inspected) => {
  const told: Told = { judged: judge(firewall, request) };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(told);
});
