import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Feed, Showing } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { count, money } from './figures.ts';

interface ShowingFormProps {
  readonly shop: string;
  readonly feed: Feed;
}

type Rule = NonNullable<Showing['price']>['rules'][number];

const ANY: Rule['when'] = {
  shapes: [],
  colors: [],
  clarities: [],
  labs: [],
  growths: [],
  caratMilli: [null, null],
  costMinor: [null, null],
};

type Span = Rule['when']['caratMilli'];

/** Bands of weight that a markup is asked for, thousandths of a carat. */
const BANDS: readonly Span[] = [
  [0, 500],
  [500, 1_000],
  [1_000, 2_000],
  [2_000, 5_000],
  [5_000, null],
];
/** Goods are not weighed. */
const ALL: readonly Span[] = [[null, null]];

function bandsOf({ list }: Feed): readonly Span[] {
  return list === null || list.of === 'stones' ? BANDS : ALL;
}

/** What shoppers get to see: markups, rounding, and how many stones; tried before it acts. */
export function ShowingForm({ shop, feed }: ShowingFormProps) {
  const queries = useQueryClient();
  const [asked, ask] = useState<string | null>(null);
  const tried = useMutation({
    mutationFn: (form: FormData) => api.previewFeed(shop, feed.id, showingIn(form, feed)),
    onSuccess: ({ preview }) => ask(preview),
  });
  const save = useMutation({
    mutationFn: (form: FormData) => api.showFeed(shop, feed.id, showingIn(form, feed)),
    onSuccess: async () => {
      ask(null);
      await queries.invalidateQueries({ queryKey: ['feeds', shop] });
    },
  });
  const { price, choice } = feed.showing;
  const bands = bandsOf(feed);
  const own = isOurs(feed.showing, bands);
  const percent = (band: number): string => {
    const rule = price?.rules[band];
    return rule === undefined ? '' : String(rule.markupBp / 100);
  };
  return (
    <details open={price === null && feed.entitlement.prices === 'own'}>
      <summary>What shoppers see</summary>
      {own ? null : (
        <p className="notice">
          Rules were set through the API that this form does not show. Saving here replaces them.
        </p>
      )}
      <form
        className="inline"
        // An action would empty the fields once it is done: what was tried is what is saved.
        onSubmit={(event) => {
          event.preventDefault();
          tried.mutate(new FormData(event.currentTarget));
        }}
      >
        {feed.entitlement.prices === 'none' ? (
          <p>The contract lets no price be shown: stones are on request.</p>
        ) : (
          <>
            <fieldset className="boxes">
              <legend>Markup on what the provider asks, in percent</legend>
              {bands.map((span, band) => (
                <Field
                  key={bandText(span)}
                  label={bandText(span)}
                  name={`markup-${band}`}
                  type="number"
                  step="0.01"
                  min="-100"
                  max="10000"
                  defaultValue={percent(band)}
                  required
                />
              ))}
            </fieldset>
            <Field
              label="Prices end at the next whole"
              name="step"
              type="number"
              min="0.01"
              step="0.01"
              help="1 makes 1,234.20 to 1,235; 100 makes it 1,300."
              defaultValue={(price?.stepMinor ?? 100) / 100}
              required
            />
            <Field
              label="less"
              name="less"
              type="number"
              min="0"
              step="0.01"
              help="1 makes 1,300 to 1,299."
              defaultValue={(price?.lessMinor ?? 0) / 100}
              required
            />
            <p className="soft">
              A stone whose price would be at or below what the provider asks is not shown.
            </p>
          </>
        )}
        <Field
          label="Stones at most"
          name="most"
          type="number"
          min="1"
          max="5000000"
          help="Spread over shape, weight, color and clarity, the best value of each first."
          defaultValue={choice.most}
          required
        />
        <p className="actions">
          {feed.live === null ? (
            <button type="submit" className="quiet" disabled={tried.isPending}>
              Try
            </button>
          ) : null}
          <button
            type="button"
            disabled={save.isPending}
            onClick={({ currentTarget: { form } }) => {
              if (form?.reportValidity() === true) save.mutate(new FormData(form));
            }}
          >
            Save
          </button>
        </p>
        <ProblemNote error={tried.error ?? save.error} />
        {asked === null ? null : <Preview shop={shop} preview={asked} />}
      </form>
    </details>
  );
}

const carats = (milli: number): number => milli / 1_000;

function bandText([from, to]: Span): string {
  if (from === null) return 'All articles';
  if (to === null) return `${carats(from)} carats and more`;
  return from === 0 ? `Below ${carats(to)} carat` : `${carats(from)} to ${carats(to)} carats`;
}

/** Whether rules are such as this form makes: one a band, for all stones of it. */
function isOurs({ price, choice }: Showing, bands: readonly Span[]): boolean {
  if (choice.shown.length > 0 || choice.hidden.length > 0) return false;
  if (price === null) return true;
  return (
    price.rules.length === bands.length &&
    price.rules.every(({ when, addMinor }, band) => {
      const { caratMilli, ...others } = when;
      const { caratMilli: _, ...any } = ANY;
      return (
        addMinor === 0 &&
        JSON.stringify(others) === JSON.stringify(any) &&
        JSON.stringify(caratMilli) === JSON.stringify(bands[band])
      );
    })
  );
}

function showingIn(form: FormData, feed: Feed): Showing {
  const minor = (name: string): number => Math.round(Number(textOf(form, name)) * 100);
  return {
    price:
      feed.entitlement.prices === 'none'
        ? null
        : {
            currency: feed.currency,
            ratePpm: 1_000_000,
            rules: bandsOf(feed).map((caratMilli, band) => ({
              when: { ...ANY, caratMilli },
              markupBp: minor(`markup-${band}`),
              addMinor: 0,
            })),
            stepMinor: minor('step'),
            lessMinor: minor('less'),
            floorMinor: 0,
            belowCostUntil: null,
          },
    choice: { shown: [], hidden: [], most: Number(textOf(form, 'most')) },
  };
}

/** What would be shown. */
function Preview({ shop, preview }: { readonly shop: string; readonly preview: string }) {
  const found = useQuery({
    queryKey: ['preview', shop, preview],
    queryFn: () => api.feedPreview(shop, preview),
    refetchInterval: (query) => (query.state.data?.preview === null ? 500 : false),
  });
  const view = found.data?.preview;
  if (view === undefined || view === null)
    return (
      <p role="status">
        {found.error === null ? 'Trying …' : ''}
        <ProblemNote error={found.error} />
      </p>
    );
  return (
    <div role="status">
      <p className="lead">
        {count(view.rows)} would be shown
        {view.prices === null || view.prices[2] === 0
          ? '.'
          : `, from ${money(view.prices[0], view.currency)} to ${money(view.prices[2], view.currency)}, the middle one ${money(view.prices[1], view.currency)}.`}
      </p>
      {view.leftOut.length === 0 ? null : (
        <p className="soft">
          Not shown: {view.leftOut.map((one) => `${count(one.count)} ${one.says}`).join('; ')}.
        </p>
      )}
      <table className="figures">
        <thead>
          <tr>
            <th scope="col">Stone</th>
            <th scope="col">Cost</th>
            <th scope="col">Price</th>
          </tr>
        </thead>
        <tbody>
          {view.examples.map((one, i) => (
            <tr key={`${i} ${one.costMinor}`}>
              <th scope="row">
                {one.carat} ct {one.shape}, {one.color}, {one.clarity}, {one.lab}
              </th>
              <td>{money(one.costMinor, view.currency)}</td>
              <td>{one.priceMinor === 0 ? 'on request' : money(one.priceMinor, view.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
