// What is sent: seeded and varied, so that what an engine remembers earns only what it would earn in real traffic. A few browsers, many visitors, many words.
import { generateWords } from './words.ts';

export interface BenchRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

export const KINDS = ['get', 'json', 'attack', 'upload'] as const;
export type Kind = (typeof KINDS)[number];

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
];
const ATTACKS = [
  '1%27+union+select+password+from+users--',
  '%3Cscript%3Ealert(1)%3C%2Fscript%3E',
  '..%2F..%2F..%2Fetc%2Fpasswd',
  '%3Bcat+%2Fetc%2Fpasswd',
];

/** As many requests of a kind as asked for, the same for the same seed. */
export function requestsOf(kind: Kind, count: number, seed: number): readonly BenchRequest[] {
  const { below, pick, word, phrase } = generateWords(seed);
  const browser = (more: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] => [
    ['Host', 'shop.example'],
    ['Connection', 'keep-alive'],
    ['User-Agent', pick(AGENTS)],
    ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'],
    ['Accept-Language', pick(['en-US,en;q=0.9', 'de-DE,de;q=0.9,en;q=0.5', 'fr;q=0.8'])],
    ['Accept-Encoding', 'gzip, deflate, br, zstd'],
    ['Referer', `https://shop.example/collections/${word()}`],
    [
      'Cookie',
      `session=${below(2 ** 31).toString(36)}${below(2 ** 31).toString(36)}; cart=${below(1e6)}; _ga=GA1.2.${below(1e9)}.17${below(1e8)}`,
    ],
    ['Upgrade-Insecure-Requests', '1'],
    ['Sec-Fetch-Dest', 'document'],
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Site', 'same-origin'],
    ...more,
  ];
  const posted = (target: string, type: string, body: Buffer): BenchRequest => ({
    method: 'POST',
    target,
    headers: browser([
      ['Content-Type', type],
      ['Content-Length', String(body.length)],
    ]),
    body,
  });
  const make: Readonly<Record<Kind, () => BenchRequest>> = {
    get: () => ({
      method: 'GET',
      target: `/collections/${word()}?metal=${word()}&size=${below(20)}&page=${below(90)}&q=${word()}%20${word()}`,
      headers: browser([]),
      body: Buffer.alloc(0),
    }),
    json: () => {
      const items = Array.from({ length: 21 }, () => ({
        sku: `R-${below(1e6)}`,
        title: phrase(3),
        price: below(1e6) / 100,
        quantity: below(5),
      }));
      return posted(
        '/api/cart',
        'application/json',
        Buffer.from(JSON.stringify({ items, note: phrase(6), currency: 'USD', gift: false })),
      );
    },
    attack: () =>
      posted(
        '/search',
        'application/x-www-form-urlencoded',
        Buffer.from(`name=${word()}&q=${pick(ATTACKS)}&page=${below(50)}`),
      ),
    upload: () => {
      const picture = Buffer.alloc(100 * 1024);
      for (let at = 0; at < picture.length; at += 4) picture.writeUInt32LE(below(2 ** 32), at);
      return posted(
        '/engraving',
        'multipart/form-data; boundary=----WebKitFormBoundaryloupe',
        Buffer.concat([
          Buffer.from(
            `------WebKitFormBoundaryloupe\r\nContent-Disposition: form-data; name="text"\r\n\r\n${phrase(4)}\r\n`,
          ),
          Buffer.from(
            `------WebKitFormBoundaryloupe\r\nContent-Disposition: form-data; name="picture"; filename="${word()}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`,
          ),
          picture,
          Buffer.from('\r\n------WebKitFormBoundaryloupe--\r\n'),
        ]),
      );
    },
  };
  return Array.from({ length: count }, make[kind]);
}

/** A request as it goes over the wire. */
export function wire({ method, target, headers, body }: BenchRequest): Buffer {
  return Buffer.concat([
    Buffer.from(
      `${method} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    ),
    body,
  ]);
}
