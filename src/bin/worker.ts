import { constants, setPriority } from 'node:os';
import { startWorker } from '#control';
import { steadyClock } from '#kernel';
import { logError, runProcess } from './process.ts';
import { readSettings, socketsOf, USER_AGENT } from './settings.ts';

// Whoever serves shoppers comes first on a busy machine: a load of two million stones takes what is left (setpriority(2)).
setPriority(constants.priority.PRIORITY_LOW);

await runProcess('worker', async () => {
  const settings = readSettings(process.argv[2]);
  const worker = startWorker({
    socketPath: socketsOf(settings).worker,
    clock: steadyClock(),
    browser: { mode: settings.look.browser, executable: settings.look.chromium },
    userAgent: USER_AGENT,
    onError: (error) => logError('worker', error),
  });
  return { close: () => worker.stop() };
});
