import { startWorker } from '#control';
import { steadyClock } from '#kernel';
import { logError, runProcess } from './process.ts';
import { readSettings, socketsOf, USER_AGENT } from './settings.ts';

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
