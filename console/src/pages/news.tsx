import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { NewsItem, NewsSource } from '@loupe/contract';
import { api } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { textOf } from '../parts/form.ts';
import { Frame } from '../parts/frame.tsx';
import { ProblemNote } from '../parts/problem.tsx';
import { ShopLinks } from '../parts/shop-links.tsx';
import { day, moment } from '../parts/time.ts';

const STATE: Readonly<Record<NewsItem['state'], string>> = {
  new: 'Does this concern us?',
  'concerns-us': 'Concerns us',
  'does-not': 'Does not concern us',
  'dealt-with': 'Dealt with',
};

/** News that speaks of the shop's third parties, and where it comes from. */
export function NewsPage() {
  const { shop } = useParams({ from: '/shops/$shop/news' });
  const news = useQuery({ queryKey: ['news', shop], queryFn: () => api.news(shop) });
  const items = news.data?.items ?? [];
  const waiting = items.filter((item) => item.state === 'new');
  const rest = items.filter((item) => item.state !== 'new');
  return (
    <Frame title="News about your third parties">
      <ShopLinks shop={shop} />
      <ProblemNote error={news.error} />
      {news.data !== undefined && items.length === 0 ? (
        <p className="soft">Nothing yet that speaks of anybody in your register.</p>
      ) : null}
      <ul className="cards">
        {[...waiting, ...rest].map((item) => (
          <Item key={item.id} shop={shop} item={item} />
        ))}
      </ul>
      <Sources shop={shop} sources={news.data?.sources ?? []} />
    </Frame>
  );
}

function Item({ shop, item }: { readonly shop: string; readonly item: NewsItem }) {
  const queries = useQueryClient();
  const triage = useMutation({
    mutationFn: (state: NewsItem['state']) => api.triage(shop, item.id, { state, note: item.note }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['news', shop] }),
  });
  return (
    <li className="card">
      <h2>
        {item.link === null ? (
          item.title
        ) : (
          <a href={item.link} rel="noreferrer noopener" target="_blank">
            {item.title}
          </a>
        )}
      </h2>
      <p className={item.state === 'new' || item.state === 'concerns-us' ? 'warn' : 'soft'}>
        {item.vendorName ?? 'Nobody in the register'}: {STATE[item.state]}
      </p>
      <p>{item.summary}</p>
      <p className="soft">
        {item.source}, {day(item.publishedAt ?? item.foundAt)}
        {item.matched === null ? '' : `, found by “${item.matched}”`}
      </p>
      <p className="actions">
        {item.state === 'new' ? (
          <>
            <button type="button" className="small" onClick={() => triage.mutate('concerns-us')}>
              It concerns us
            </button>
            <button type="button" className="quiet small" onClick={() => triage.mutate('does-not')}>
              It does not
            </button>
          </>
        ) : null}
        {item.state === 'concerns-us' ? (
          <button type="button" className="small" onClick={() => triage.mutate('dealt-with')}>
            Dealt with
          </button>
        ) : null}
      </p>
      <ProblemNote error={triage.error} />
    </li>
  );
}

function Sources({ shop, sources }: { readonly shop: string; readonly sources: readonly NewsSource[] }) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['news', shop] });
  const add = useMutation({
    mutationFn: (form: FormData) =>
      api.addNewsSource(shop, { name: textOf(form, 'name'), url: textOf(form, 'url') }),
    onSuccess: refresh,
  });
  const addFile = useMutation({
    mutationFn: (form: FormData) => api.addNewsFile(shop, form),
    onSuccess: refresh,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.removeNewsSource(shop, id),
    onSuccess: refresh,
  });
  return (
    <section>
      <h2>Where it comes from</h2>
      <ul className="cards">
        {sources.map((source) => (
          <li key={source.id} className="card">
            <strong>{source.name}</strong> <span className="soft">{source.url ?? 'a file'}</span>
            <p className={source.problem === null ? 'soft' : 'warn'}>
              {source.lastReadAt === null
                ? 'Not read yet.'
                : `Read ${moment(source.lastReadAt)}, ${source.lastItems} items.`}
              {source.problem === null ? '' : ` ${source.problem}`}
            </p>
            <button type="button" className="quiet small" onClick={() => remove.mutate(source.id)}>
              Stop reading it
            </button>
          </li>
        ))}
      </ul>
      <details className="part" open={sources.length === 0}>
        <summary>Read a feed</summary>
        <form action={(form) => add.mutate(form)}>
          <Field label="Name" name="name" required maxLength={100} />
          <Field
            label="Address"
            name="url"
            type="url"
            placeholder="https://"
            required
            help="RSS, Atom or JSON. Its host is a new way out, and so has to be let in first: by an exception, or by its third party."
          />
          <button type="submit" disabled={add.isPending}>
            Read it
          </button>
          <ProblemNote error={add.error} />
        </form>
      </details>
      <details className="part">
        <summary>Read a feed from a file</summary>
        <form action={(form) => addFile.mutate(form)}>
          <Field label="Name" name="name" required maxLength={100} />
          <Field label="File" name="file" type="file" required />
          <button type="submit" disabled={addFile.isPending}>
            Read it
          </button>
          <ProblemNote error={addFile.error ?? remove.error} />
        </form>
      </details>
    </section>
  );
}
