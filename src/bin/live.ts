import { startLive } from '#window';
import { steadyClock } from '#kernel';
import { logError, runProcess } from './process.ts';
import { readSettings, socketsOf, USER_AGENT } from './settings.ts';

await runProcess('live', async () => {
  const settings = readSettings(process.argv[2]);
  const place = settings.live;
  if (place === null) throw new TypeError('the config has no live');
  const clock = steadyClock();
  const live = await startLive({
    ...place,
    controlSocket: socketsOf(settings).live,
    userAgent: USER_AGENT,
    now: () => clock.now(),
    onError: (error) => logError('live', error),
  });
  return { ready: { port: live.port }, close: () => live.close() };
});
