// One shop's window: the catalogues that its pointer names, those of one ware merged into one.
import { type Asked, type Catalogue, facetsOf, type Found, type Query, type Shown, type Ware } from '#feeds';

export interface Page {
  readonly total: number;
  readonly page: number;
  readonly perPage: number;
  readonly shown: readonly Shown[];
  /** By facet and word: how many there would be. Words that nobody offers are left out. */
  readonly facets: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Finds a page over all catalogues of a ware. */
export function searchWindow(
  catalogues: readonly Catalogue[],
  ware: Ware,
  { query, page, perPage }: Asked,
): Page {
  const found = catalogues.map((catalogue) => ({ catalogue, found: catalogue.search(query) }));
  const shown = merged(found, query)
    .slice((page - 1) * perPage, page * perPage)
    .map(({ catalogue, place }) => catalogue.show(place));
  return {
    total: found.reduce((sum, one) => sum + one.found.total, 0),
    page,
    perPage,
    shown,
    facets: Object.fromEntries(
      facetsOf(ware).map(({ name, facet, words }) => [
        name,
        Object.fromEntries(
          words.flatMap((word, code) => {
            const count = found.reduce((sum, one) => sum + (one.found.counts.get(facet)?.[code] ?? 0), 0);
            return count === 0 ? [] : [[word, count]];
          }),
        ),
      ]),
    ),
  };
}

interface Placed {
  readonly catalogue: Catalogue;
  readonly place: number;
}

/** The places of all catalogues in one order; each catalogue's own are in it already. */
function merged(
  found: readonly { readonly catalogue: Catalogue; readonly found: Found }[],
  { sort, most }: Query,
): readonly Placed[] {
  const all = found.flatMap(({ catalogue, found: { places } }) =>
    places.map((place) => ({ catalogue, place })),
  );
  if (found.length < 2) return all;
  const sign = sort.startsWith('-') ? -1 : 1;
  const key = ({ catalogue, place }: Placed): number =>
    sort.endsWith('price') ? catalogue.price(place) : catalogue.carat(place);
  return all.toSorted((a, b) => sign * (key(a) - key(b))).slice(0, most);
}
