// The engine alone, held to a core: loads rules, judges requests of a kind, and says what that cost.
import { dataOf, Firewall } from '#waf';
import { median } from '../harness.ts';
import { type Kind, requestsOf } from './requests.ts';
import { benchPack } from './rules.ts';
import { generateWords } from './words.ts';

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
const pack = benchPack(rulesFolder, setupFile);
const firewall = new Firewall({ rules: pack.rules, files: dataOf(pack) });
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

const SIZE = 4096;

/** What inspecting a query of 4 KB took, ms per KB. */
function inspect(query: string): number {
  const target = `/?${query}`;
  const begin = performance.now();
  const transaction = firewall.begin(connection);
  transaction.request({ method: 'GET', target, protocol: 'HTTP/1.1', headers: [['Host', 'shop.example']] });
  transaction.body(Buffer.alloc(0), false);
  return (performance.now() - begin) / (SIZE / 1024);
}

/** A byte of each class that rules tell apart (`src/waf/byte-class.ts`). */
const CLASSES = 'aA0 \t\0\'"`<>()=;|&${}\\/.-:%#*@+\xe9\x01';

/**
 * Values made of what each pattern itself is made of, and of single bytes, and many short ones, each of other classes of bytes than those before. Of each kind three, no two the same, so that nothing is remembered; the middle one of three
 * counts, since these machines are shared. All rules look at each value. The worst kind is the figure.
 */
function worst(seed: number): Cost {
  const { below, pick } = generateWords(seed);
  const kinds: (() => string)[] = Array.from(
    '<>\'"(a 1=;/-.`&|\\%',
    (char) => () => char.repeat(SIZE - 8) + String(below(1e7)),
  );
  for (const { operator } of firewall.rules) {
    const source = /^!?@rx (.*)$/su.exec(operator)?.[1];
    if (source === undefined || source.length < 4) continue;
    const words = source.match(/[a-z0-9 <>='"(]{2,}/giu) ?? ['a'];
    const chars = Array.from(source.replaceAll(/\\[a-zA-Z]/gu, ' a1'));
    for (const pieces of [words, chars]) {
      kinds.push(() => {
        let value = '';
        while (value.length < SIZE) value += pick(pieces);
        return value.slice(0, SIZE);
      });
    }
  }
  const queries = kinds.map((make) => () => `q=${encodeURIComponent(make())}`);
  queries.push(() => {
    let query = '';
    for (let bytes = 0; bytes < SIZE; ) {
      const value = Array.from(CLASSES, (char) => (below(3) === 0 ? char : '')).join('');
      query += `v${below(1e4)}=${encodeURIComponent(value)}&`;
      bytes += value.length + 6;
    }
    return query;
  });
  for (const make of queries) inspect(make());
  const costs = queries.map((make) => median([inspect(make()), inspect(make()), inspect(make())]));
  return { cost: Math.max(...costs), refused: queries.length };
}

process.on('message', ({ kind, count, seed }: Order) => {
  process.send?.(kind === 'redos' ? worst(seed) : judge({ kind, count, seed }));
});
for (const kind of ['get', 'json', 'attack'] as const) judge({ kind, count: 200, seed: 1 });
globalThis.gc?.();
const megabytes = (process.memoryUsage().rss - before) / 1e6;
// V8 needs some seconds of load before it has compiled what matters.
for (const kind of ['get', 'json', 'attack'] as const) judge({ kind, count: 6000, seed: 1 });
process.send?.({ megabytes });
