// Starts the sample world and tells its parent where it is. On its own it prints that instead.
import { startWorld } from './world.ts';
import { ALL_WEAKNESSES, isWeakness } from './weaknesses.ts';

const FIRST_PORT = 7071;

const without = new Set(
  process.argv.slice(2).flatMap((arg) => (arg.startsWith('--without=') ? arg.slice(10).split(',') : [])),
);
const unknown = [...without].filter((name) => !isWeakness(name));
if (unknown.length > 0) {
  process.stderr.write(`no such weakness: ${unknown.join(', ')}\n`);
  process.exit(2);
}
const world = await startWorld({
  firstPort: process.argv.includes('--free-ports') ? 0 : FIRST_PORT,
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
