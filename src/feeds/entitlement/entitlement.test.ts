import { expect, test } from 'vitest';
import { barsOf, type Entitlement, type Terms } from './entitlement.ts';

const TERMS: Terms = { store: 'by-contract', maxKeepDays: 30, says: '', source: '' };
const ALLOWED: Entitlement = {
  store: true,
  keepDays: 30,
  replay: true,
  prices: 'own',
  show: [],
  paper: 'contract of 2026-03-01',
};

test.each<[string, Partial<Terms>, Partial<Entitlement>, readonly string[]]>([
  ['a contract that allows it', {}, {}, []],
  ['terms that forbid storing, whatever a person says', { store: 'never' }, {}, ['terms-forbid-storing']],
  ['terms that let stones be passed through', { store: 'never' }, { store: false }, []],
  ['a contract that forbids it', {}, { store: false }, ['contract-forbids-storing']],
  ['longer than the terms allow', {}, { keepDays: 31 }, ['kept-too-long']],
  ['any time where the terms say none', { maxKeepDays: null }, { keepDays: 400 }, []],
  ['no paper', {}, { paper: '  ' }, ['no-paper']],
  [
    'all of it',
    { store: 'never' },
    { keepDays: 31, paper: '' },
    ['terms-forbid-storing', 'kept-too-long', 'no-paper'],
  ],
])('a feed under %s', (_, terms, entitlement, expected) => {
  expect(barsOf({ ...TERMS, ...terms }, { ...ALLOWED, ...entitlement })).toEqual(expected);
});
