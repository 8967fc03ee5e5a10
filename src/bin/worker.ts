import { startWorker } from '#control';
import { steadyClock } from '#kernel';
import { runInBackground } from './background.ts';
import { logError, runProcess } from './process.ts';
import { readSettings, socketsOf, USER_AGENT } from './settings.ts';

// A load of two million stones takes what is left.
runInBackground();

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
