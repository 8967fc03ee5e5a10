import { steadyClock } from '#kernel';
import { startKeeper } from '#keeper';
import { runProcess } from './process.ts';
import { databaseOf, readSettings, socketsOf } from './settings.ts';

await runProcess('keeper', async () => {
  const settings = readSettings(process.argv[2]);
  const keeper = await startKeeper({
    socketPath: socketsOf(settings).keeper,
    rootKeyPath: settings.rootKeyFile,
    ledger: databaseOf(settings, 'ledger'),
    clock: steadyClock(),
  });
  return { ready: { publicationKey: keeper.publicationKey }, close: () => keeper.close() };
});
