import type { RulePack } from '#waf';
import { filesIn, ruleFile } from '../../src/bin/rule-packs.ts';

/** A copy of the Core Rule Set under the limits that ModSecurity has beside it. */
export function benchPack(rulesFolder: string, setupFile: string): RulePack {
  const engine = {
    path: 'engine.conf',
    text: 'SecRuleEngine On\nSecRequestBodyLimit 13107200\nSecRequestBodyNoFilesLimit 131072\n',
  };
  const { rules, data } = filesIn(rulesFolder);
  return {
    name: 'bench',
    version: '1',
    madeOn: '2026-01-01',
    rules: [engine, ruleFile(setupFile), ...rules],
    data,
  };
}
