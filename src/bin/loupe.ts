// The command line. Data on stdout, progress on stderr; exit codes: 0 fine, 1 falls short, 2 wrong usage, 3 broken.
import { Command, CommanderError } from 'commander';
import type { FirewallPacksView, RulePackView } from '@loupe/contract';
import { readAnswers, readFeeds, readRegisters, TEN } from '#control';
import { LoupeError, steadyClock } from '#kernel';
import { examine } from './doctor.ts';
import { feedsInOrder, feedsText, loadFeed, quarantineOf } from './feeds.ts';
import { init } from './init.ts';
import { prove, verdictText, verifyAll, verifyFile } from './ledger.ts';
import { answersText, lookOnce } from './look.ts';
import { asksText, isInOrder, lookAtHosts, registerText, vendorLookText } from './register.ts';
import { ConfigFaults, databaseOf, readSettings } from './settings.ts';
import { start } from './start.ts';
import { choosePack, importPack, installPack, packsOf, packsText } from './waf-packs.ts';
import {
  excludeRequest,
  explainedText,
  explainRequest,
  judgedText,
  judgeRaw,
  loadFirewall,
  readRequest,
  rulesOf,
  rulesText,
} from './waf.ts';

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
    return /^(?:config\/|waf\/|look\/not-an-address$)/u.test(error.code) ? WRONG_USAGE : BROKEN;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return BROKEN;
}

const program = new Command('loupe')
  .description('Asks a jewelry shop the ten security questions, and shows the answers')
  .option('-c, --config <file>', 'the config file (loupe.yaml in this folder where there is one)')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

/** A subcommand's --json is its parent's too. */
function isJson(command: Command): boolean {
  return command.optsWithGlobals<{ json?: boolean }>().json === true;
}

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
    const unreached = result.evidence.web.secure.at(-1)?.failure ?? null;
    if (unreached === 'address-refused')
      say('This address is private. To look there all the same, allow it by name: --allow NETWORK');
    const short = result.findings.some((f) => f.outcome === 'falls-short');
    process.exitCode = short || unreached !== null ? FALLS_SHORT : FINE;
  });

program
  .command('answers')
  .description('the answers of this installation’s shops, as they stand')
  .option('--shop <shop>', 'one shop, by its id or host')
  .option('--json', 'print JSON')
  .action(async (options: { shop?: string; json?: boolean }) => {
    const books = await readAnswers(databaseOf(settings(), 'state'), options.shop, steadyClock());
    const ten = books.map((book) => ({
      ...book,
      answers: book.answers.filter((a) => TEN.some((id) => id === a.id)),
    }));
    if (options.json === true) print(JSON.stringify(books.length === 1 ? books[0] : books, null, 2));
    else for (const book of ten) print(`${book.shop}\n\n${answersText(book.answers)}`);
    if (books.length === 0) say('No shop yet: add one in the console.');
    process.exitCode =
      books.length > 0 && ten.every((book) => book.answers.every((a) => a.state === 'yes'))
        ? FINE
        : FALLS_SHORT;
  });

program
  .command('ask')
  .description('what was asked for this installation’s shops, and how it stands')
  .option('--shop <shop>', 'one shop, by its id or host')
  .option('--json', 'print JSON')
  .action(async (options: { shop?: string; json?: boolean }) => {
    const listings = await readRegisters(databaseOf(settings(), 'state'), options.shop, steadyClock());
    const asked = listings.map(({ shop, host, asks }) => ({ shop, host, asks }));
    print(options.json === true ? JSON.stringify(asked, null, 2) : listings.map(asksText).join('\n'));
    if (listings.length === 0) say('No shop yet: add one in the console.');
    const waiting = listings.some(({ asks }) => asks.some((ask) => ask.state === 'expired'));
    process.exitCode = waiting ? FALLS_SHORT : FINE;
  });

const vendors = program
  .command('vendors')
  .description('the third parties of this installation’s shops, and whether they are let in')
  .option('--shop <shop>', 'one shop, by its id or host')
  .option('--json', 'print JSON')
  .action(async (options: { shop?: string; json?: boolean }) => {
    const listings = await readRegisters(databaseOf(settings(), 'state'), options.shop, steadyClock());
    print(options.json === true ? JSON.stringify(listings, null, 2) : listings.map(registerText).join('\n'));
    if (listings.length === 0) say('No shop yet: add one in the console.');
    process.exitCode = listings.every(isInOrder) ? FINE : FALLS_SHORT;
  });
vendors
  .command('look')
  .description('look at a third party’s hosts from outside, once')
  .argument('[host...]', 'its websites')
  .option('--api <host...>', 'hosts of its API')
  .option('--allow <network...>', 'networks beyond the public internet that this look may reach')
  .option('--json', 'print JSON')
  .action(async (hosts: string[], options: { api?: string[]; allow?: string[]; json?: boolean }) => {
    const apis = options.api ?? [];
    if (hosts.length + apis.length === 0) program.error('name a host, or --api HOST');
    const look = await lookAtHosts(settings(), hosts, apis, options.allow ?? []);
    // A subcommand's --json is its parent's too.
    const json = options.json === true || vendors.opts<{ json?: boolean }>().json === true;
    print(json ? JSON.stringify(look, null, 2) : vendorLookText(look));
    process.exitCode = look.findings.some((one) => one.outcome === 'falls-short') ? FALLS_SHORT : FINE;
  });

const waf = program.command('waf').description('the firewall’s rules, and what they say of a request');
waf
  .command('test')
  .description('judge a raw request: a request line, headers, an empty line, a body')
  .argument('<file>', 'a file, or - for standard input')
  .option('--crs <folder>', 'a copy of the OWASP Core Rule Set in place of Loupe’s own rules')
  .option('--json', 'print JSON')
  .action((file: string, options: { crs?: string; json?: boolean }) => {
    const judged = judgeRaw(loadFirewall(options.crs), readRequest(file));
    if (judged === null) {
      say('That is no request: it begins with a line such as GET / HTTP/1.1.');
      process.exitCode = WRONG_USAGE;
      return;
    }
    print(options.json === true ? JSON.stringify(judged, null, 2) : judgedText(judged));
    process.exitCode = judged.outcome.kind === 'pass' ? FINE : FALLS_SHORT;
  });
const rules = waf
  .command('rules')
  .description('the rules, and what of them has no effect here')
  .option('--crs <folder>', 'a copy of the OWASP Core Rule Set in place of Loupe’s own rules')
  .option('--json', 'print JSON')
  .action((options: { crs?: string; json?: boolean }) => {
    const told = rulesOf(loadFirewall(options.crs), options.crs);
    print(options.json === true ? JSON.stringify(told, null, 2) : rulesText(told));
  });
const showPack = (pack: RulePackView, command: Command): void =>
  print(
    isJson(command)
      ? JSON.stringify(pack, null, 2)
      : `${pack.name} ${pack.version}, ${pack.rules} rules: ${pack.id.slice(0, 12)}`,
  );
rules
  .command('import')
  .description('take in a copy of the OWASP Core Rule Set; it inspects nothing until it is tried')
  .argument('<folder>', 'a folder with rules/ and crs-setup.conf')
  .option('--json', 'print JSON')
  .action(async (folder: string, _: object, command: Command) => {
    showPack(await importPack(settings(), folder), command);
  });
rules
  .command('install')
  .description('fetch a release of the OWASP Core Rule Set, check its signature, and take it in')
  .argument('<release>', 'crs@VERSION, as crs@4.20.0')
  .option('--json', 'print JSON')
  .action(async (release: string, _: object, command: Command) => {
    showPack(await installPack(settings(), release), command);
  });
interface PacksOptions {
  readonly shop?: string;
}
const showPacks = (told: FirewallPacksView, command: Command): void =>
  print(isJson(command) ? JSON.stringify(told, null, 2) : packsText(told));
rules
  .command('packs')
  .description(
    'the rule packs there are, which inspects a shop’s requests, and how one that is tried compares',
  )
  .option('--shop <shop>', 'one shop, by its id or host')
  .option('--json', 'print JSON')
  .action(async ({ shop }: PacksOptions, command: Command) =>
    showPacks(await packsOf(settings(), shop), command),
  );
rules
  .command('shadow')
  .description('try a pack beside the one in force: it refuses nothing, and what it would have done is told')
  .argument('[pack]', 'its id, the beginning of it, or name@version; none ends the trial')
  .option('--shop <shop>', 'one shop, by its id or host')
  .option('--json', 'print JSON')
  .action(async (pack: string | undefined, { shop }: PacksOptions, command: Command) =>
    showPacks(await choosePack(settings(), shop, 'try', pack ?? null), command),
  );
for (const [step, says] of [
  ['enforce', 'put the pack that is tried in force'],
  ['back', 'go back to the pack that was in force before'],
] as const)
  rules
    .command(step)
    .description(says)
    .option('--shop <shop>', 'one shop, by its id or host')
    .option('--json', 'print JSON')
    .action(async ({ shop }: PacksOptions, command: Command) =>
      showPacks(await choosePack(settings(), shop, step, null), command),
    );

waf
  .command('explain')
  .description('why the firewall did what it did with a request, and the least that would let it pass')
  .argument('<reference>', 'what the page that was shown names the request by')
  .option('--json', 'print JSON')
  .action(async (reference: string, options: { json?: boolean }) => {
    const told = await explainRequest(settings(), reference);
    print(options.json === true ? JSON.stringify(told, null, 2) : explainedText(told));
    process.exitCode = told.refused ? FALLS_SHORT : FINE;
  });
waf
  .command('exclude')
  .description(
    'let such a request pass on its route: the smallest exclusion, in the ledger, and undone by --undo',
  )
  .argument('<reference>', 'what the page that was shown names the request by')
  .option('--undo', 'take the exclusion away again')
  .option('--json', 'print JSON')
  .action(async (reference: string, options: { undo?: boolean; json?: boolean }) => {
    const done = await excludeRequest(settings(), reference, options.undo === true);
    const says = done.exclusions.map(
      ({ rule, field }) =>
        `On “${done.route}” rule ${rule} ${options.undo === true ? 'looks at' : 'leaves'} ${field} ${options.undo === true ? 'again' : 'alone'}.`,
    );
    print(options.json === true ? JSON.stringify(done, null, 2) : says.join('\n'));
  });

const feeds = program
  .command('feeds')
  .description('the feeds of this installation’s shops and their newest loads')
  .option('--shop <shop>', 'one shop, by its id or host')
  .option('--json', 'print JSON')
  .action(listFeeds);
feeds
  .command('list')
  .description('the feeds and their newest loads')
  .option('--shop <shop>', 'one shop, by its id or host')
  .option('--json', 'print JSON')
  .action((options: FeedsOptions) => listFeeds({ ...feeds.opts<FeedsOptions>(), ...options }));
feeds
  .command('load')
  .description('have a feed loaded now, by the Loupe that runs here')
  .argument('<feed>', 'its id')
  .argument('[file]', 'the list, for a feed whose lists are handed in')
  .action(async (feed: string, file: string | undefined) => {
    await loadFeed(settings(), feed, file);
    say('It will be loaded. `loupe feeds` says how it went.');
  });
feeds
  .command('quarantine')
  .description('every stone that a kept load keeps out of the window, as CSV')
  .argument('<load>', 'its id')
  .option('--json', 'print JSON')
  .action(async (load: string, options: FeedsOptions) => {
    const found = await quarantineOf(settings(), load);
    if (!found.ok) {
      say(found.says);
      process.exitCode = BROKEN;
      return;
    }
    const json = options.json === true || feeds.opts<FeedsOptions>().json === true;
    print(json ? JSON.stringify({ csv: found.csv, stones: found.stones, of: found.of }) : found.csv);
    say(`${found.stones} of ${found.of} stones.`);
    process.exitCode = found.of === 0 ? FINE : FALLS_SHORT;
  });

interface FeedsOptions {
  readonly shop?: string;
  readonly json?: boolean;
}

async function listFeeds(options: FeedsOptions): Promise<void> {
  const listings = await readFeeds(databaseOf(settings(), 'state'), options.shop, steadyClock());
  print(options.json === true ? JSON.stringify(listings, null, 2) : listings.map(feedsText).join('\n'));
  if (listings.length === 0) say('No shop yet: add one in the console.');
  process.exitCode = listings.every(feedsInOrder) ? FINE : FALLS_SHORT;
}

const ledger = program.command('ledger').description('the tamper-evident log');
ledger
  .command('verify')
  .description('re-read every log whole; or check one proof file, offline')
  .argument('[proof]', 'a proof file')
  .option('--key <vkey>', 'the log’s key, for a proof file')
  .option('--anchor <file...>', 'files of checkpoints that were kept elsewhere')
  .option('--json', 'print JSON')
  .action(async (proof: string | undefined, options: { key?: string; anchor?: string[]; json?: boolean }) => {
    if (proof !== undefined) {
      if (options.key === undefined) {
        say('A proof file is checked against the log’s key: --key NAME+HASH+KEY');
        process.exitCode = WRONG_USAGE;
        return;
      }
      const verdict = verifyFile(proof, options.key);
      print(options.json === true ? JSON.stringify(verdict.json, null, 2) : verdict.lines.join('\n'));
      process.exitCode = verdict.ok ? FINE : FALLS_SHORT;
      return;
    }
    const verdicts = await verifyAll(settings(), options.anchor ?? []);
    print(options.json === true ? JSON.stringify(verdicts, null, 2) : verdicts.map(verdictText).join('\n'));
    process.exitCode = verdicts.every((verdict) => verdict.problems.length === 0) ? FINE : FALLS_SHORT;
  });
ledger
  .command('prove')
  .description('a proof file for one record, from the running Loupe')
  .argument('<log>', 'the log: a shop’s id, or "installation"')
  .argument('<record>', 'the record’s number')
  .action(async (log: string, record: string) => {
    if (!/^\d{1,15}$/u.test(record)) program.error('the record is a number');
    print(await prove(settings(), log, Number(record)));
  });

program
  .command('init')
  .description('write a config file with every default')
  .argument('[file]', 'where', 'loupe.yaml')
  .action((file: string) => {
    init(file);
    say(`wrote ${file}`);
  });

program
  .command('doctor')
  .description('examine what Loupe needs; changes nothing')
  .option('--json', 'print JSON')
  .action(async (options: { json?: boolean }) => {
    const examined = await examine(settings());
    const sign = { fine: '✓', note: '!', wrong: '✕' } as const;
    print(
      options.json === true
        ? JSON.stringify(examined, null, 2)
        : examined.map((one) => `${sign[one.state]} ${one.what.padEnd(12)} ${one.says}`).join('\n'),
    );
    process.exitCode = examined.some((one) => one.state === 'wrong') ? FALLS_SHORT : FINE;
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
