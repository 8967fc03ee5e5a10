// npm run bench -- NAME [--json]: runs one bench; the figures stand in its README or in docs/.
import { machineLine, say } from './harness.ts';
import { answersBench } from './answers.ts';
import { connectBench } from './connect.ts';
import { edgeBench } from './edge/edge.ts';
import { soakBench } from './edge/soak.ts';
import { feedsBench } from './feeds/feeds.ts';
import { ledgerBench } from './ledger.ts';
import { wafBench } from './waf/waf.ts';

const BENCHES: Readonly<Record<string, () => Promise<Record<string, number>>>> = {
  answers: answersBench,
  connect: connectBench,
  edge: edgeBench,
  feeds: feedsBench,
  ledger: ledgerBench,
  soak: soakBench,
  waf: wafBench,
};

const [name, ...flags] = process.argv.slice(2);
const bench = name === undefined ? undefined : BENCHES[name];
if (bench === undefined) {
  say(`usage: npm run bench -- NAME [--json]; NAME is one of: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  say(machineLine());
  const figures = await bench();
  for (const [figure, value] of Object.entries(figures)) say(`${figure.padEnd(20)} ${value}`);
  if (flags.includes('--json')) process.stdout.write(`${JSON.stringify(figures)}\n`);
}
