import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgedText, judgeRaw, loadFirewall, rulesOf, rulesText } from './waf.ts';

const own = loadFirewall(undefined);
const judge = (text: string) => judgeRaw(own, Buffer.from(text, 'latin1'));

describe('the firewall at the command line', () => {
  it('judges a request whose lines end in either way, with its body', () => {
    const attack =
      'POST /search HTTP/1.1\nHost: shop.example\nContent-Type: application/x-www-form-urlencoded\n\nq=1%27+or+%271%27=%271';
    for (const text of [attack, attack.replaceAll('\n', '\r\n')]) {
      const judged = judge(text);
      expect(judged).toMatchObject({ outcome: { kind: 'refuse', status: 403 } });
      expect(judgedText(judged!)).toContain("ARGS:q = 1' or '1'='1");
    }
    expect(judgedText(judge('GET /rings HTTP/1.1\r\nHost: shop.example\r\n\r\n')!)).toBe(
      'The request passes.',
    );
  });

  it('shows nothing that a terminal would carry out', () => {
    const judged = judge('GET /?q=%1b[2J%e2%80%ae../../etc/passwd HTTP/1.1\r\n\r\n');
    expect(judgedText(judged!)).toMatch(/^[\n\x20-\x7e’]+$/u);
  });

  it.each(['', 'nonsense', 'GET', '\n\n'])('says of %j that it is no request', (text) => {
    expect(judge(text)).toBeNull();
  });

  it('reads another rule set, its data beside it and nowhere else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'loupe-crs-'));
    mkdirSync(join(folder, 'rules'));
    writeFileSync(join(folder, 'secret.data'), 'x\n');
    writeFileSync(join(folder, 'rules/words.data'), 'bad\n');
    writeFileSync(
      join(folder, 'rules/a.conf'),
      'SecRule ARGS "@pmFromFile words.data" "id:1,phase:2,deny,msg:\'A word\'"\nSecAuditEngine On\n',
    );
    const firewall = loadFirewall(folder);
    expect(judgeRaw(firewall, Buffer.from('GET /?a=bad HTTP/1.1\n\n'))).toMatchObject({
      outcome: { kind: 'refuse', ruleId: 1 },
    });
    expect(rulesText(rulesOf(firewall, folder))).toContain('a.conf:2: SecAuditEngine has no effect here');
    writeFileSync(
      join(folder, 'rules/a.conf'),
      'SecRule ARGS "@pmFromFile ../secret.data" "id:1,phase:2,deny"\n',
    );
    expect(() => loadFirewall(folder)).toThrow('not there');
    expect(() => loadFirewall(join(folder, 'gone'))).toThrow('not there');
  });
});
