// Requests made up from a seed: ordinary shopping, attacks of every kind that the rules know, and mixtures.
import type { HeaderLine } from '#waf';
import { randomFrom } from '../../support/random.ts';
import type { CaseRequest } from './cases.ts';

const HONEST = [
  'rose gold',
  'size 7',
  "men's wedding band",
  'Grüße',
  '1.5 ct, VS1 & up',
  '49.99',
  "O'Connor",
  "12 Rue de l'Église",
  'no. 5 (engraved)',
  'A+M = ♥',
  'true',
  'https://shop.example/rings?id=3',
  'GIA 2141438171',
  '',
  'price:asc',
  '2026-11-27',
  'a@b.example',
  '½ carat',
  '50% off',
  'new;old',
];
const ATTACKS = [
  "1' or '1'='1",
  '1 union select 1,2',
  '<script>alert(1)</script>',
  '" onload=alert(1) x="',
  '../../etc/passwd',
  '..\\..\\windows\\win.ini',
  ';cat /etc/passwd',
  '$(id)',
  '`id`',
  '| ping -c 1 x',
  '<?php phpinfo(); ?>',
  '${jndi:ldap://x/a}',
  'http://127.0.0.1/x.php?',
  'sleep(5)',
  'javascript:alert(1)',
  '%0d%0aSet-Cookie: a=1',
  'a\0b',
  '{{7*7}}',
  '() { :;}; echo x',
  'Runtime.getRuntime().exec("x")',
  'select * from information_schema.tables',
  'php://input',
  '/**/or/**/1=1',
  "';exec master..xp_cmdshell 'dir'--",
  '<svg/onload=x>',
  'O:8:"stdClass":0:{}',
  '__proto__',
  'eval(base64_decode(x))',
  '&lt;script&gt;',
  '%253Cscript%253E',
];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36',
  'curl/8.5',
  'sqlmap/1.7',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)',
  '() { :; }; /bin/id',
];
const PATHS = [
  '/',
  '/rings',
  '/products/halo-ring',
  '/cart/add',
  '/.git/config',
  '/admin/../etc/passwd',
  '/wp-login.php',
  '/api/v1/items/3',
  '/a%2e%2e/b',
];

const encode = (text: string) =>
  Array.from(Buffer.from(text, 'utf8'), (byte) =>
    /[A-Za-z0-9._-]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).padStart(2, '0')}`,
  ).join('');

/** As many requests as asked for, the same for the same seed. */
export function generateRequests(count: number, seed: number): readonly CaseRequest[] {
  const below = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const value = () => (below(3) === 0 ? pick(ATTACKS) : pick(HONEST)) + (below(8) === 0 ? pick(ATTACKS) : '');
  const name = () => pick(['q', 'id', 'size', 'note', 'email', 'redirect', 'items[]', 'a.b', 'file']);
  const pairs = () => Array.from({ length: below(4) }, () => `${name()}=${encode(value())}`).join('&');
  const body = (): readonly [string, string] => {
    switch (below(4)) {
      case 0:
        return ['application/x-www-form-urlencoded', pairs()];
      case 1:
        return [
          'application/json',
          Buffer.from(
            JSON.stringify({ [name()]: value(), list: [value(), { [name()]: below(100) }] }),
            'utf8',
          ).toString('latin1'),
        ];
      case 2:
        return [
          'text/xml',
          Buffer.from(
            `<order note="${value().replaceAll(/[<&"\0]/gu, '')}"><item>${value().replaceAll(/[<&\0]/gu, '')}</item></order>`,
            'utf8',
          ).toString('latin1'),
        ];
      default:
        return [
          'multipart/form-data; boundary=loupe',
          Buffer.from(
            `--loupe\r\nContent-Disposition: form-data; name="${name()}"\r\n\r\n${value()}\r\n--loupe\r\nContent-Disposition: form-data; name="file"; filename="${pick(['ring.jpg', 'x.php', '../a.png'])}"\r\nContent-Type: image/jpeg\r\n\r\nJFIF\r\n--loupe--\r\n`,
            'utf8',
          ).toString('latin1'),
        ];
    }
  };
  return Array.from({ length: count }, () => {
    const post = below(2) === 0;
    const query = pairs();
    const headers: HeaderLine[] = [
      ['Host', 'shop.example'],
      ['User-Agent', pick(AGENTS)],
      ['Accept', '*/*'],
      ['Cookie', `session=${below(1e9).toString(36)}; seen=${encode(value())}`],
      ['Referer', `https://shop.example/${encode(value())}`],
    ];
    const [type, text] = post ? body() : ['', ''];
    if (post) headers.push(['Content-Type', type], ['Content-Length', String(text.length)]);
    headers.push(['Connection', 'close']);
    return {
      method: post ? 'POST' : 'GET',
      target: pick(PATHS) + (query === '' ? '' : `?${query}`),
      protocol: 'HTTP/1.1',
      headers,
      body: text,
    };
  });
}
