import { expect, test } from 'vitest';
import { Firewall } from '#waf';
import { noteOf } from './note.ts';

test('the score that is told is that of the value with most, however many others have signs', () => {
  const firewall = new Firewall({
    rules: [
      {
        path: 'a.conf',
        text: `
SecRuleEngine On
SecRule ARGS "@rx ^a" "id:1,phase:2,pass,log,score:3"
SecRule ARGS "@rx b$" "id:2,phase:2,pass,log,score:3"
SecRule TX:score "@ge 5" "id:3,phase:2,deny,log"`,
      },
    ],
    files: { read: () => null },
  });
  const transaction = firewall.begin({
    id: 'x',
    at: 0,
    client: { address: '203.0.113.7', port: 1 },
    server: { address: '127.0.0.1', port: 443 },
  });
  const target = `/?${Array.from({ length: 20 }, (_, i) => `q=a${i}`).join('&')}&q=ab`;
  transaction.request({ method: 'GET', target, protocol: 'HTTP/1.1', headers: [] });
  const outcome = transaction.body(Buffer.alloc(0), false);
  const note = noteOf(
    { outcome, matches: transaction.matches, score: transaction.score('score'), limits: [], beyond: false },
    null,
    'block',
    'p 1',
  );
  expect(note).toMatchObject({ score: 6, threshold: 5, by: 3 });
  expect(note?.['matches']).toMatchObject([
    { rule: 1, points: 3, values: [1, 2, 3, 4, 5, 6, 7, 8], more: true },
    { rule: 2, points: 3, values: [21] },
  ]);
});
