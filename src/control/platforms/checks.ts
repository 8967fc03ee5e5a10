import { DAY_MS, HOUR_MS } from '#kernel';
import { type CheckDefinition, SHOP_KINDS, type ShopKind } from '#plane';

/** The platform is judged at every reading, hourly, and twice a day in any case; two hours of grace. */
const FRESH_MS = 26 * HOUR_MS;
/** A reading is due hourly: three missed ones are silence. */
export const READING_FRESH_MS: number = 3 * HOUR_MS;
/** A list kept by hand is good for a quarter. */
export const INVENTORY_MS: number = 90 * DAY_MS;
/** A secret older than this is to be changed. */
export const SECRET_MS: number = 180 * DAY_MS;
/** An alarm that nobody has answered for a day, and any other change of weight after a week. */
export const ALARM_MS: number = DAY_MS;
export const REVIEW_MS: number = 7 * DAY_MS;

const HOSTED: readonly ShopKind[] = ['hosted'];

const linked = { kinds: SHOP_KINDS, freshForMs: FRESH_MS } as const;
const provided = {
  kinds: HOSTED,
  freshForMs: FRESH_MS,
  responsible: 'provider',
  severity: 'medium',
} as const;

/** Checks of the connection to the platform, of what is watched through it, and of what is the platform's own duty. */
export const PLATFORM_CHECKS: readonly CheckDefinition[] = [
  { ...linked, id: 'platform.connected', question: 'Q1', responsible: 'owner', severity: 'medium' },
  { ...linked, id: 'platform.secret', question: 'Q1', responsible: 'developer', severity: 'medium' },
  { ...linked, id: 'platform.tokens', question: 'Q1', responsible: 'loupe', severity: 'medium' },
  { ...linked, id: 'platform.scopes', question: 'Q1', responsible: 'developer', severity: 'medium' },
  { ...linked, id: 'platform.deliveries', question: 'Q1', responsible: 'developer', severity: 'medium' },
  { ...linked, id: 'platform.version', question: 'Q1b', responsible: 'loupe', severity: 'medium' },
  { ...linked, id: 'platform.apps', question: 'Q2', responsible: 'owner', severity: 'high' },
  { ...provided, id: 'platform.at-rest', question: 'Q3' },
  { ...provided, id: 'platform.keys', question: 'Q3a' },
  { ...provided, id: 'platform.terms', question: 'Q3b' },
  { ...linked, id: 'platform.privacy', question: 'Q3b', responsible: 'owner', severity: 'high' },
  { ...provided, id: 'platform.firewall', question: 'Q4' },
  { ...linked, id: 'watch.reading', question: 'Q5', responsible: 'loupe', severity: 'high' },
  // A part that is closed to us is a declared gap: it is said, and the answer does not hang on it.
  { ...linked, id: 'watch.part', question: 'Q5', responsible: 'owner', severity: 'low' },
  { ...linked, id: 'platform.staff', question: 'Q5', responsible: 'owner', severity: 'medium' },
  {
    ...linked,
    kinds: SHOP_KINDS,
    id: 'watch.alarms',
    question: 'Q5a',
    responsible: 'owner',
    severity: 'high',
  },
  {
    ...linked,
    kinds: SHOP_KINDS,
    id: 'watch.reviewed',
    question: 'Q5b',
    responsible: 'owner',
    severity: 'medium',
  },
  { ...provided, id: 'platform.patching', question: 'Q6' },
  { ...provided, id: 'platform.cards', question: 'Q9' },
];
