import { DAY_MS, HOUR_MS } from '#kernel';
import { VENDOR_CHECKS } from '#look';
import { type CheckDefinition, SHOP_KINDS } from '#plane';

/** The register is judged at every change of it and twice a day; two hours of grace. */
const REGISTER_FRESH_MS = 26 * HOUR_MS;
/** What somebody said is asked again within the year. */
export const SAID_FRESH_MS: number = 400 * DAY_MS;

const base = { kinds: SHOP_KINDS, freshForMs: REGISTER_FRESH_MS } as const;

/** Checks of the register as a whole: one observation a shop. */
export const REGISTER_CHECKS: readonly CheckDefinition[] = [
  { ...base, id: 'vendors.registered', question: 'Q2', responsible: 'owner', severity: 'high' },
  { ...base, id: 'vendors.assessed', question: 'Q2', responsible: 'owner', severity: 'high' },
  { ...base, id: 'vendors.gate', question: 'Q2', responsible: 'owner', severity: 'high' },
  { ...base, id: 'vendors.looked', question: 'Q2', responsible: 'owner', severity: 'medium' },
  { ...base, id: 'vendors.criteria', question: 'Q2a', responsible: 'owner', severity: 'medium' },
  { ...base, id: 'vendors.news', question: 'Q2b', responsible: 'owner', severity: 'medium' },
  { ...base, id: 'vendors.attested', question: 'Q9a', responsible: 'owner', severity: 'high' },
  { ...base, id: 'vendors.duties', question: 'Q9a', responsible: 'owner', severity: 'medium' },
];

const ofProvider = { kinds: SHOP_KINDS, responsible: 'provider' } as const;

/** Checks of one provider: what it said, what papers it has shown, and what was seen of its hosts. */
export const PROVIDER_CHECKS: readonly CheckDefinition[] = [
  ...(['P1', 'P2', 'P3'] as const).map(
    (question): CheckDefinition => ({
      ...ofProvider,
      id: `provider.said.${question}`,
      question,
      freshForMs: SAID_FRESH_MS,
      severity: 'medium',
      said: 'needed',
    }),
  ),
  {
    ...ofProvider,
    id: 'provider.terms',
    question: 'P2',
    freshForMs: REGISTER_FRESH_MS,
    severity: 'medium',
  },
  {
    ...ofProvider,
    id: 'provider.report',
    question: 'P3',
    freshForMs: REGISTER_FRESH_MS,
    severity: 'medium',
  },
  ...VENDOR_CHECKS,
];
