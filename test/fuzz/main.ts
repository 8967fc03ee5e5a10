// npm run fuzz -- [TARGET] [--seconds N] [--seed N]: a campaign. A flaw is written into a file beside this one's working folder, and stays in the repository as a test once it is mended.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FEED_TARGETS } from './feeds.ts';
import { fuzz } from './fuzz.ts';
import { WAF_TARGETS } from './waf.ts';

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const [name] = positionals;
const all = [...FEED_TARGETS, ...WAF_TARGETS];
const targets = all.filter((target) => name === undefined || target.name === name);
if (targets.length === 0) {
  process.stderr.write(`targets: ${all.map((target) => target.name).join(', ')}\n`);
  process.exitCode = 2;
}
for (const target of targets) {
  const bounds = { inputs: Infinity, ms: Number(values.seconds) * 1_000, seed: Number(values.seed) };
  const { inputs, kept, flaw } = await fuzz(target, bounds);
  process.stdout.write(
    `${target.name.padEnd(16)} ${inputs} inputs, ${kept} kept${flaw === null ? '' : ', A FLAW'}\n`,
  );
  if (flaw === null) continue;
  mkdirSync('fuzz-found', { recursive: true });
  const path = `fuzz-found/${target.name}-${Date.now()}`;
  writeFileSync(path, flaw.input);
  process.stdout.write(
    `${path}: ${flaw.error instanceof Error ? (flaw.error.stack ?? '') : String(flaw.error)}\n`,
  );
  process.exitCode = 1;
}
