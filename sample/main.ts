// Starts the sample world and tells its parent where it is. On its own it prints that instead.
import { parseArgs } from 'node:util';
import { keptCredentials } from './shopify/credentials.ts';
import { startWorld } from './world.ts';
import { ALL_WEAKNESSES, isWeakness } from './weaknesses.ts';

const { values } = parseArgs({
  options: {
    /** The first of eight neighbouring ports; 0 takes free ones. */
    'first-port': { type: 'string', default: '7071' },
    /** Weaknesses to leave out, with commas. */
    without: { type: 'string', default: '' },
    /** Where Loupe listens: the sample's platform sends its webhooks there. */
    'deliver-to': { type: 'string' },
    /** Where the app's credentials are kept from one start to the next; made where absent. */
    'app-file': { type: 'string' },
  },
});
const without = new Set(values.without.split(',').filter((name) => name !== ''));
const unknown = [...without].filter((name) => !isWeakness(name));
if (unknown.length > 0) {
  process.stderr.write(`no such weakness: ${unknown.join(', ')}\n`);
  process.exit(2);
}
const world = await startWorld({
  firstPort: Number(values['first-port']),
  deliverTo: () => values['deliver-to'] ?? null,
  ...(values['app-file'] === undefined ? {} : { credentials: keptCredentials(values['app-file']) }),
  weaknesses: new Set([...ALL_WEAKNESSES].filter((name) => !without.has(name))),
});
const end = (): void => {
  void world.close().then(() => process.exit(0));
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.on('disconnect', end);
if (process.send === undefined) process.stdout.write(`${JSON.stringify(world.shops, null, 2)}\n`);
else process.send({ word: 'samples', shops: world.shops });
