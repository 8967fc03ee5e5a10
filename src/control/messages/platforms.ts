// The platform and its changes, in plain words.
import type { Gap, ItemFacts, ItemKind, PlatformName, ReadFailure } from '#platform';

import type { ChangeRow } from '../platforms/changes.ts';

/** One of them, and several. */
const KIND_TEXT: Readonly<Record<ItemKind | 'script', readonly [one: string, many: string]>> = {
  setting: ['the shop’s settings', 'settings'],
  theme: ['theme', 'themes'],
  'theme-file': ['theme file', 'theme files'],
  product: ['product', 'products'],
  discount: ['discount', 'discounts'],
  redirect: ['redirect', 'redirects'],
  policy: ['policy', 'policies'],
  page: ['page', 'pages'],
  payment: ['payment method', 'payment methods'],
  app: ['app', 'apps'],
  staff: ['staff account', 'staff accounts'],
  pixel: ['pixel', 'pixels'],
  'checkout-extension': ['checkout extension', 'checkout extensions'],
  script: ['script host', 'script hosts'],
};

/** So many of a kind, in words. */
export function countText(kind: ItemKind, count: number): string {
  const [one, many] = KIND_TEXT[kind];
  return `${count} ${count === 1 ? one : many}`;
}

export function partText(kind: ItemKind): string {
  const text = KIND_TEXT[kind][1];
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

const ACTION_TEXT = { added: 'added', changed: 'changed', removed: 'removed' } as const;

interface ChangedFacts {
  readonly before: ItemFacts;
  readonly after: ItemFacts;
}

/** What happened, in one sentence. */
export function changeSentence(row: ChangeRow): string {
  const [one, many] = KIND_TEXT[row.kind];
  const facts: ChangedFacts = JSON.parse(row.facts);
  if (row.kind === 'script') {
    const does: Readonly<Record<string, string>> = {
      'seen-script': 'runs scripts in your pages',
      'seen-frame': 'shows a frame in your pages',
      'seen-form': 'receives a form of your pages',
    };
    return `${row.name} now ${does[row.why] ?? 'is part of your pages'}.`;
  }
  if (row.kind === 'setting' && row.count === 1) return `The shop’s settings were changed${listed(facts)}.`;
  if (row.count > 1) {
    const what = `${row.count} ${many} were ${ACTION_TEXT[row.action]}`;
    return `${what}, among them “${row.name}”.`;
  }
  const head = `${one.charAt(0).toUpperCase()}${one.slice(1)} “${row.name}” was ${ACTION_TEXT[row.action]}`;
  if (row.kind === 'product' && row.action === 'changed' && 'priceFrom' in facts.after)
    return `${head}: price from ${String(facts.before['priceFrom'])} to ${String(facts.after['priceFrom'])}.`;
  if (row.kind === 'redirect' && row.action !== 'removed')
    return `${head}: it leads to ${String(facts.after['target'] ?? '…')}.`;
  if (row.kind === 'discount' && typeof facts.after['percent'] === 'number')
    return `${head}: ${facts.after['percent']} % off.`;
  if (row.kind === 'theme' && facts.after['role'] === 'MAIN') return `Theme “${row.name}” was published.`;
  return `${head}.`;
}

function listed({ after }: ChangedFacts): string {
  const names = Object.keys(after).map((name) => FACT_TEXT[name] ?? name);
  return names.length === 0 ? '' : `: ${names.join(', ')}`;
}

/** Why a change weighs what it weighs. */
const WHY_TEXT: Readonly<Record<string, string>> = {
  'new-host': 'It loads from a host that it did not load from before. This is how card skimmers come in.',
  free: 'A price fell to nothing.',
  steep: 'It is less than half of what it was.',
  'bulk-price': 'Many prices at once: a sale of yours, or somebody’s attack.',
  'bulk-removed': 'Many products went at once.',
  'gives-away': 'It takes off everything.',
  'leads-away': 'It leads your customers to somebody else’s site.',
  'money-text': 'It says where money goes. Compare the account number with your own.',
  wider: 'The app may do more than before.',
  published: 'What all customers see was exchanged.',
  'seen-script': 'Whoever runs scripts in your pages can read what is typed there.',
  'seen-form': 'What customers type goes there.',
};

export function whyText(why: string): string | null {
  return WHY_TEXT[why] ?? null;
}

const FACT_TEXT: Readonly<Record<string, string>> = {
  hosts: 'loads from (what is new, or gone)',
  md5: 'checksum',
  version: 'version',
  size: 'bytes',
  role: 'role',
  status: 'state',
  handle: 'address',
  vendor: 'brand',
  variants: 'variants',
  priceFrom: 'lowest price',
  priceTo: 'highest price',
  prices: 'prices of variants',
  percent: 'percent off',
  amount: 'amount off',
  codes: 'codes',
  type: 'kind',
  target: 'leads to',
  host: 'leads to host',
  money: 'where money goes',
  published: 'published',
  domain: 'domain',
  currency: 'currency',
  plan: 'plan',
  maker: 'maker',
  scopes: 'may',
  active: 'active',
  owner: 'owner',
  name: 'name',
};

function valueText(value: ItemFacts[string] | undefined): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === undefined ? '–' : String(value);
}

/** Facts that are lists of words: of these only the words that came or went are shown. */
const LISTS: ReadonlySet<string> = new Set(['hosts', 'scopes', 'codes']);

function wordsOf(value: ItemFacts[string] | undefined): readonly string[] {
  return typeof value === 'string' ? value.split(' ').filter((word) => word !== '') : [];
}

/** Each fact that differs, in words; a digest says only that. */
export function factsText(
  before: ItemFacts,
  after: ItemFacts,
): { what: string; before: string; after: string }[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((name) => {
    const digest = name === 'prices' || name === 'md5';
    if (LISTS.has(name)) {
      const [had, has] = [wordsOf(before[name]), wordsOf(after[name])];
      return {
        what: FACT_TEXT[name] ?? name,
        before: had.filter((word) => !has.includes(word)).join(', '),
        after: has.filter((word) => !had.includes(word)).join(', '),
      };
    }
    return {
      what: FACT_TEXT[name] ?? name,
      before: digest ? 'as it was' : valueText(before[name]),
      after: digest ? 'changed' : valueText(after[name]),
    };
  });
}

export function doneByText(by: string | null): string | null {
  if (by === null) return null;
  return by === 'staff' ? 'somebody with a staff account' : `the app ${by}`;
}

/** Why a part is not seen, and what would open it. */
export function gapText({ kind, why, scope }: Gap): string {
  switch (why) {
    case 'scope':
      return `Not granted. Give the app ${scope ?? 'the scope'} to have it watched.`;
    case 'closed':
      return kind === 'app' || kind === 'staff'
        ? `Closed to apps on this plan${scope === null ? '' : ` (${scope})`}. Keep the list by hand.`
        : 'Not open to this access.';
    case 'own-only':
      return 'Shopify shows an app only its own. Looks see what your pages load; what runs in the checkout nobody but Shopify sees.';
    case 'too-many':
      return 'More than Loupe reads at once.';
    case 'failed':
      return 'The platform’s answer could not be read.';
  }
}

export const PROBLEM_TEXT: Readonly<Record<ReadFailure, string>> = {
  refused:
    'The platform does not accept our credentials any more. Was the app uninstalled, or its secret changed?',
  unreachable: 'The platform did not answer.',
  'retired-version': 'The platform does not serve the version that Loupe asks for any more.',
  throttled: 'Other apps use up the shop’s allowance of requests.',
  'bad-answer': 'The platform’s answer could not be read.',
  'not-allowed': 'The platform does not let this app read anything.',
};

export const PRIVACY_TEXT: Readonly<Record<string, string>> = {
  CUSTOMERS_DATA_REQUEST: 'A customer asks for a copy of their data',
  CUSTOMERS_REDACT: 'A customer’s data are to be erased',
  SHOP_REDACT: 'The shop’s data are to be erased: the app was uninstalled',
};

export const REFUSED_TEXT: Readonly<Record<string, string>> = {
  'bad-signature': 'not signed by the platform',
  'bad-headers': 'incomplete',
  'other-shop': 'about another shop',
  stale: 'older than five hours',
  future: 'from the future',
  'unknown-topic': 'about something not asked for',
};

export const PLATFORM_TEXT: Readonly<Record<PlatformName, string>> = {
  shopify: 'Shopify',
  woocommerce: 'WooCommerce',
  magento: 'Magento',
};
