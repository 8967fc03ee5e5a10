import { join } from 'node:path';
import { PUBLIC_REACH, startControl } from '#control';
import { steadyClock } from '#kernel';
import { logError, runProcess } from './process.ts';
import { ownPack } from './rule-packs.ts';
import { readSamples } from './samples.ts';
import { databaseOf, mailOf, readSettings, ROOT, samplesFile, socketsOf, USER_AGENT } from './settings.ts';

await runProcess('control', async () => {
  const settings = readSettings(process.argv[2]);
  const sockets = socketsOf(settings);
  const control = await startControl({
    state: databaseOf(settings, 'state'),
    evidenceFolder: join(settings.dataDir, 'evidence'),
    keeperSocket: sockets.keeper,
    workerSocket: sockets.worker,
    liveSocket: sockets.live,
    operatorSocket: sockets.operator,
    edgeSocket: sockets.edge,
    events: databaseOf(settings, 'events'),
    policyFolder: join(settings.dataDir, 'policy'),
    feedFolder: join(settings.dataDir, 'feeds'),
    windowFolder: join(settings.dataDir, 'windows'),
    firewallPack: ownPack(),
    consoleFolder: join(ROOT, 'console', 'dist'),
    host: settings.listen.host,
    port: settings.listen.port,
    publicNames: settings.publicNames,
    reach: settings.reach,
    samples: readSamples(samplesFile(settings)),
    anchors: settings.anchors,
    anchorReach: settings.reach['anchors'] ?? PUBLIC_REACH,
    mail: mailOf(settings),
    userAgent: USER_AGENT,
    clock: steadyClock(),
    onError: (error) => logError('control', error),
  });
  const setup = (await control.people.claimed()) ? {} : { setupToken: await control.people.newSetupToken() };
  return { ready: { port: control.port, ...setup }, close: () => control.close() };
});
