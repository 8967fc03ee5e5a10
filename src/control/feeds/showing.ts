// What shoppers get to see of a feed, as people say it: prices and choice, read strictly. A word that no stone can have is refused, so that a rule is never silently about nothing.
import { priceRules, type Showing, stoneChoice } from '@loupe/contract';
import {
  type Ware,
  type Choice,
  CLARITIES,
  COLORS,
  GROWTHS,
  LABS,
  type Match,
  type PriceRules,
  SHAPES,
} from '#feeds';
import { controlError } from '../errors.ts';

type GivenMatch = Showing['choice']['shown'][number];

const LISTS = { shapes: SHAPES, colors: COLORS, clarities: CLARITIES, labs: LABS, growths: GROWTHS } as const;
const NAMES = ['shapes', 'colors', 'clarities', 'labs', 'growths'] as const;

/** Refuses words that are in no list, and of goods whatever only stones have. Throws `control/bad-request`. */
export function demandKnownWords({ price, choice }: Showing, ware: Ware): void {
  const matches = [...(price?.rules.map((rule) => rule.when) ?? []), ...choice.shown, ...choice.hidden];
  for (const match of matches) {
    if (ware !== 'stones' && match.caratMilli.some((end) => end !== null))
      throw controlError('control/bad-request', { details: { field: 'caratMilli' } });
    for (const name of NAMES) {
      const all: readonly string[] = LISTS[name];
      if (match[name].some((word) => ware !== 'stones' || !all.includes(word)))
        throw controlError('control/bad-request', { details: { field: name } });
    }
  }
}

/** The kept words of a feed, as they were said. */
export function showingOf(row: { readonly price: string | null; readonly choice: string }): Showing {
  return {
    price: row.price === null ? null : priceRules.parse(JSON.parse(row.price)),
    choice: stoneChoice.parse(JSON.parse(row.choice)),
  };
}

/** The same, as the feeds room works with it. */
export function rulesOf({ price, choice }: Showing): { rules: PriceRules | null; choice: Choice } {
  return {
    rules:
      price === null
        ? null
        : {
            currency: price.currency,
            ratePpm: price.ratePpm,
            rules: price.rules.map((rule) => ({ ...rule, when: matchOf(rule.when) })),
            stepMinor: price.stepMinor,
            lessMinor: price.lessMinor,
            floorMinor: price.floorMinor,
            belowCostUntil: price.belowCostUntil,
          },
    choice: { shown: choice.shown.map(matchOf), hidden: choice.hidden.map(matchOf), most: choice.most },
  };
}

/** Those of a list that were named. */
function known<Word extends string>(words: readonly string[], all: readonly Word[]): readonly Word[] {
  return all.filter((word) => words.includes(word));
}

function matchOf(given: GivenMatch): Match {
  return {
    shapes: known(given.shapes, SHAPES),
    colors: known(given.colors, COLORS),
    clarities: known(given.clarities, CLARITIES),
    labs: known(given.labs, LABS),
    growths: known(given.growths, GROWTHS),
    caratMilli: given.caratMilli,
    costMinor: given.costMinor,
  };
}
