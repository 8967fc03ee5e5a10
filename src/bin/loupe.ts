// The command line. Data on stdout, progress on stderr; exit codes: 0 fine, 1 falls short, 2 wrong usage, 3 broken.
import { Command, CommanderError } from 'commander';
import { LoupeError } from '#kernel';
import { answersText, lookOnce } from './look.ts';
import { ConfigFaults, readSettings } from './settings.ts';
import { start } from './start.ts';

const FINE = 0;
const FALLS_SHORT = 1;
const WRONG_USAGE = 2;
const BROKEN = 3;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

function report(error: unknown): number {
  if (error instanceof ConfigFaults) {
    for (const fault of error.faults) {
      say(`${error.file}:${fault.line}: ${fault.key === '' ? '' : `${fault.key}: `}${fault.expected}`);
    }
    say('Nothing was started.');
    return WRONG_USAGE;
  }
  if (error instanceof LoupeError) {
    say(`${error.message} ${error.hint} [${error.code}]`);
    return error.code.startsWith('config/') || error.code === 'look/not-an-address' ? WRONG_USAGE : BROKEN;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return BROKEN;
}

const program = new Command('loupe')
  .description('Asks a jewelry shop the ten security questions, and shows the answers')
  .option('-c, --config <file>', 'the config file (loupe.yaml in this folder where there is one)')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

const settings = () => readSettings(program.opts<{ config?: string }>().config);

program
  .command('start')
  .description('start Loupe and keep it running')
  .action(async () => {
    process.exitCode = await start(settings(), say);
  });

program
  .command('look')
  .description('look at a shop from outside and answer the ten questions from that alone')
  .argument('<address>', 'the shop’s address')
  .option('--allow <network...>', 'networks beyond the public internet that this look may reach')
  .option('--json', 'print the whole result as JSON')
  .action(async (address: string, options: { allow?: string[]; json?: boolean }) => {
    const { result, answers } = await lookOnce(settings(), address, options.allow ?? [], say);
    print(options.json === true ? JSON.stringify({ look: result, answers }, null, 2) : answersText(answers));
    process.exitCode = result.findings.some((f) => f.outcome === 'falls-short') ? FALLS_SHORT : FINE;
  });

const config = program.command('config').description('the config file');
config
  .command('check')
  .description('read the config and say what is wrong with it; starts nothing')
  .action(() => {
    const read = settings();
    print(`${read.file ?? 'no config file: the defaults of a first try'}: in order`);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? FINE : WRONG_USAGE;
  else process.exitCode = report(error);
}
