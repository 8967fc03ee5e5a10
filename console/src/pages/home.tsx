import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { AnswerState, Shop } from '@loupe/contract';
import { ApiError, api } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { Frame } from '../parts/frame.tsx';
import { ProblemNote } from '../parts/problem.tsx';
import { State } from '../parts/state.tsx';
import { moment } from '../parts/time.ts';

/** The shops, or the one question that a new installation asks. */
export function HomePage() {
  const shops = useQuery({ queryKey: ['shops'], queryFn: api.shops });
  const [adding, setAdding] = useState(false);
  if (shops.error instanceof ApiError && shops.error.code !== 'console/unreachable')
    return <NotIn error={shops.error} />;
  if (shops.data === undefined)
    return (
      <Frame title="Shops">{shops.error === null ? <p>…</p> : <ProblemNote error={shops.error} />}</Frame>
    );
  const list = shops.data.shops;
  if (list.length === 0) {
    return (
      <Frame title="What is your shop’s address?" remind={false}>
        <AddShop />
      </Frame>
    );
  }
  return (
    <Frame title={list.length === 1 ? 'Your shop' : `${list.length} shops`}>
      <ul className="shops">
        {list.map((shop) => (
          <ShopItem key={shop.id} shop={shop} />
        ))}
      </ul>
      {adding ? (
        <AddShop />
      ) : (
        <p>
          <button type="button" className="quiet" onClick={() => setAdding(true)}>
            Add a shop
          </button>
        </p>
      )}
    </Frame>
  );
}

function NotIn({ error }: { readonly error: ApiError }) {
  return (
    <main className="narrow">
      <h1>Loupe</h1>
      {error.code === 'control/not-signed-in' ? (
        <p>
          <Link to="/sign-in" className="button">
            Sign in
          </Link>
        </p>
      ) : (
        <ProblemNote error={error} />
      )}
    </main>
  );
}

const ORDER: readonly AnswerState[] = ['no', 'needs-you', 'unknown', 'yes'];

function ShopItem({ shop }: { readonly shop: Shop }) {
  const answers = useQuery({ queryKey: ['answers', shop.id], queryFn: () => api.answers(shop.id) });
  const ten = answers.data?.answers.filter((answer) => /^Q\d+$/u.test(answer.id)) ?? [];
  const counts = ORDER.map((state) => ({
    state,
    count: ten.filter((answer) => answer.state === state).length,
  }));
  return (
    <li className="card">
      <h2>
        <a href={`/shops/${shop.id}/answers`}>{shop.name}</a>{' '}
        {shop.sample ? <span className="tag">SAMPLE</span> : null}
      </h2>
      <p className="soft">
        {new URL(shop.address).host}
        {shop.platform === null ? '' : ` · ${shop.platform}`} ·{' '}
        {shop.lookedAt === null ? 'not looked at yet' : `looked at ${moment(shop.lookedAt)}`}
      </p>
      <p className="counts">
        {counts
          .filter(({ count }) => count > 0)
          .map(({ state, count }) => (
            <State key={state} state={state} count={count} />
          ))}
      </p>
      <p className="actions">
        <a href={`/shops/${shop.id}/answers`}>Ten answers</a>
        <Link to="/shops/$shop" params={{ shop: shop.id }}>
          Look again, people
        </Link>
      </p>
    </li>
  );
}

function AddShop() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const samples = useQuery({ queryKey: ['samples'], queryFn: api.samples });
  const add = useMutation({
    mutationFn: (address: string) => api.addShop(address),
    onSuccess: async ({ shop, look }) => {
      await queries.invalidateQueries({ queryKey: ['shops'] });
      await navigate({ to: '/shops/$shop', params: { shop: shop.id }, search: { look } });
    },
  });
  return (
    <>
      <form
        action={(form) => {
          const address = form.get('address');
          if (typeof address === 'string') add.mutate(address);
        }}
      >
        <Field
          label="Address"
          name="address"
          placeholder="https://www.your-shop.com"
          autoComplete="url"
          autoCapitalize="none"
          spellCheck={false}
          required
          help="Loupe opens a page or two as any visitor would, and needs no password."
        />
        <button type="submit" disabled={add.isPending}>
          Look
        </button>
      </form>
      <ProblemNote error={add.error} />
      {(samples.data?.samples.length ?? 0) > 0 ? (
        <section className="samples">
          <h2>Or try it on a sample shop</h2>
          <p className="soft">They run beside Loupe on this machine. Their answers and proofs say SAMPLE.</p>
          <p className="actions">
            {samples.data?.samples.map((sample) => (
              <button
                key={sample.address}
                type="button"
                className="quiet"
                disabled={add.isPending}
                onClick={() => add.mutate(sample.address)}
              >
                {sample.name}
              </button>
            ))}
          </p>
        </section>
      ) : null}
    </>
  );
}
