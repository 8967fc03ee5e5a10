// How much a change weighs. The rules are few, each has its case in the test beside, and none depends on who looks.
import type { ItemChange } from './change.ts';
import type { ItemFacts } from './item.ts';

/** `notice`: for the record. `warn`: somebody should know it was meant. `alarm`: this is how shops are robbed. */
export type Weight = 'notice' | 'warn' | 'alarm';

const ORDER: readonly Weight[] = ['notice', 'warn', 'alarm'];

/** A price that falls to less than half of what it was. */
const STEEP = 0.5;
/** So many prices at once are somebody's sale, or somebody's attack. */
const BULK = 10;

export interface Weighed {
  readonly weight: Weight;
  /** Why, as a word that the message catalogue knows. */
  readonly why: string;
}

/** Weighs one change by itself. */
export function weighChange(change: ItemChange): Weighed {
  const { action, before, after } = change;
  switch (change.kind) {
    case 'theme-file': {
      const added = addedWords(before, after, 'hosts', action === 'added');
      return added === '' ? warn('edited') : alarm('new-host');
    }
    case 'theme':
      return after['role'] === 'MAIN' || before['role'] === 'MAIN' ? warn('published') : notice('edited');
    case 'product':
      return weighProduct(change);
    case 'discount': {
      // A discount that begins or ends at its date is nobody's doing.
      const byDate = Object.keys(after).every((name) => name === 'status') && action === 'changed';
      if (action === 'removed' || byDate) return notice('ended');
      const off = Number(after['percent'] ?? 0);
      if (off >= 100) return alarm('gives-away');
      if (action === 'added') return off >= 100 * STEEP ? alarm('steep') : warn('new');
      return off >= 100 * STEEP ? alarm('steep') : warn('edited');
    }
    case 'redirect': {
      if (action === 'removed') return notice('ended');
      const elsewhere = typeof after['host'] === 'string' && after['host'] !== '';
      return elsewhere ? alarm('leads-away') : notice('edited');
    }
    case 'policy':
    case 'page':
      if (action === 'changed' && ('money' in before || 'money' in after)) return alarm('money-text');
      if (action === 'added' && typeof after['money'] === 'string' && after['money'] !== '')
        return warn('money-text');
      return change.kind === 'policy' ? warn('edited') : notice('edited');
    case 'payment':
      if (action === 'changed' && change.textBefore !== change.textAfter) return alarm('money-text');
      return warn(action === 'changed' ? 'edited' : action);
    case 'app':
      if (action === 'changed' && addedWords(before, after, 'scopes', false) !== '') return alarm('wider');
      // A new version is what one hopes for.
      if (action === 'changed' && Object.keys(after).every((name) => name === 'version'))
        return notice('edited');
      return action === 'removed' ? notice('removed') : warn(action === 'added' ? 'new' : 'edited');
    case 'staff':
      return action === 'removed' ? notice('removed') : warn(action === 'added' ? 'new' : 'edited');
    case 'pixel':
    case 'checkout-extension':
    case 'setting':
      return warn('edited');
  }
}

function weighProduct({ action, before, after }: ItemChange): Weighed {
  if (action !== 'changed') return notice(action === 'added' ? 'new' : 'removed');
  const was = Number(before['priceFrom']);
  const is = Number(after['priceFrom']);
  if (is === 0 && was > 0) return alarm('free');
  if (was > 0 && is < was * STEEP) return alarm('steep');
  if ('priceFrom' in after || 'priceTo' in after || 'prices' in after) return warn('price');
  return notice('edited');
}

/** Weighs changes of one kind that were found together. */
export function weighGroup(changes: readonly ItemChange[]): Weighed {
  const weighed = changes.map(weighChange);
  const worst = weighed.reduce(
    (a, b) => (ORDER.indexOf(b.weight) > ORDER.indexOf(a.weight) ? b : a),
    notice('edited'),
  );
  const prices = weighed.filter(({ why }) => ['price', 'steep', 'free'].includes(why)).length;
  if (prices >= BULK && worst.weight !== 'alarm') return warn('bulk-price');
  const gone = changes.filter(({ action, kind }) => action === 'removed' && kind === 'product').length;
  if (gone >= BULK && worst.weight === 'notice') return warn('bulk-removed');
  return worst;
}

/** The words of a list in `after` that `before` did not have, joined; empty where none. A fact that is absent on both sides did not change. */
function addedWords(before: ItemFacts, after: ItemFacts, name: string, all: boolean): string {
  const now = after[name];
  if (typeof now !== 'string' || now === '') return '';
  const then = all ? '' : before[name];
  const had = new Set(typeof then === 'string' ? then.split(' ') : []);
  return now
    .split(' ')
    .filter((word) => !had.has(word))
    .join(' ');
}

const notice = (why: string): Weighed => ({ weight: 'notice', why });
const warn = (why: string): Weighed => ({ weight: 'warn', why });
const alarm = (why: string): Weighed => ({ weight: 'alarm', why });
