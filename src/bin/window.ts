import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startWindow } from '#window';
import { logError, runProcess } from './process.ts';
import { readSettings } from './settings.ts';

await runProcess('window', async () => {
  const { values, positionals } = parseArgs({
    options: { 'publication-key': { type: 'string' } },
    allowPositionals: true,
  });
  const settings = readSettings(positionals[0]);
  const place = settings.window;
  if (place === null) throw new TypeError('the config has no window');
  const window = await startWindow({
    ...place,
    folder: join(settings.dataDir, 'windows'),
    publicationKey: values['publication-key'] ?? '',
    onError: (error) => logError('window', error),
  });
  return { ready: { port: window.port }, close: () => window.close() };
});
