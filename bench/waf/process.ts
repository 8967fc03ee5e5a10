// The engine alone, held to a core: loads rules, judges requests of a kind, and says what that cost.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Firewall } from '#waf';
import { type Kind, requestsOf } from './requests.ts';

export interface Order {
  readonly kind: Kind | 'redos';
  readonly count: number;
  readonly seed: number;
}

export interface Cost {
  /** Processor time of one request, µs; for `redos` the worst, ms per KB. */
  readonly cost: number;
  readonly refused: number;
}

const [rulesFolder = '', setupFile = ''] = process.argv.slice(2);
const before = process.memoryUsage().rss;
const firewall = new Firewall({
  rules: [
    {
      path: 'engine.conf',
      text: 'SecRuleEngine On\nSecRequestBodyLimit 13107200\nSecRequestBodyNoFilesLimit 131072\n',
    },
    { path: 'crs-setup.conf', text: readFileSync(setupFile, 'latin1') },
    ...readdirSync(rulesFolder)
      .filter((name) => name.endsWith('.conf'))
      .sort()
      .map((name) => ({ path: name, text: readFileSync(join(rulesFolder, name), 'latin1') })),
  ],
  files: {
    read: (name) =>
      existsSync(join(rulesFolder, name)) ? readFileSync(join(rulesFolder, name), 'latin1') : null,
  },
});
const connection = {
  id: 'bench',
  at: Date.now(),
  client: { address: '203.0.113.9', port: 40_000 },
  server: { address: '127.0.0.1', port: 443 },
};

function judge({ kind, count, seed }: { kind: Kind; count: number; seed: number }): Cost {
  const requests = requestsOf(kind, count, seed).map((request) => ({ ...request, protocol: 'HTTP/1.1' }));
  let refused = 0;
  const begin = process.cpuUsage();
  for (const request of requests) {
    const transaction = firewall.begin(connection);
    let outcome = transaction.request(request);
    if (outcome.kind === 'pass') outcome = transaction.body(request.body, false);
    transaction.finish();
    if (outcome.kind !== 'pass') refused += 1;
  }
  const used = process.cpuUsage(begin);
  return { cost: (used.user + used.system) / count, refused };
}

/** Values of 4 KB made of what each pattern itself is made of, and of single bytes: the worst time that inspecting one took, per KB. */
function worst(seed: number): Cost {
  let state = seed;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % bound;
  };
  const SIZE = 4096;
  const values = Array.from('<>\'"(a 1=;/-.`&|\\%', (char) => char.repeat(SIZE));
  for (const { operator } of firewall.rules) {
    const source = /^!?@rx (.*)$/su.exec(operator)?.[1];
    if (source === undefined || source.length < 4) continue;
    const words = source.match(/[a-z0-9 <>='"(]{2,}/giu) ?? ['a'];
    const chars = source.replaceAll(/\\[a-zA-Z]/gu, ' a1');
    for (const pieces of [words, Array.from(chars)]) {
      let value = '';
      while (value.length < SIZE) value += pieces[below(pieces.length)];
      values.push(value.slice(0, SIZE));
    }
  }
  let most = 0;
  for (const value of values) {
    const request = {
      method: 'GET',
      target: `/?q=${encodeURIComponent(value)}`,
      protocol: 'HTTP/1.1',
      headers: [['Host', 'shop.example'] as const],
    };
    const begin = performance.now();
    const transaction = firewall.begin(connection);
    transaction.request(request);
    transaction.body(Buffer.alloc(0), false);
    most = Math.max(most, (performance.now() - begin) / (SIZE / 1024));
  }
  return { cost: most, refused: values.length };
}

process.on('message', ({ kind, count, seed }: Order) => {
  process.send?.(kind === 'redos' ? worst(seed) : judge({ kind, count, seed }));
});
for (const kind of ['get', 'json', 'attack'] as const) judge({ kind, count: 200, seed: 1 });
globalThis.gc?.();
process.send?.({ megabytes: (process.memoryUsage().rss - before) / 1e6 });
