import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { AskSummary } from '@loupe/contract';
import { ASK_WORD } from '@loupe/contract/words';
import { api } from '../../api.ts';
import { Frame } from '../../parts/frame.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';
import { day } from '../../parts/time.ts';
import { Actions } from './actions.tsx';
import { ImportSheet } from './import-sheet.tsx';
import { NewAsk } from './new-ask.tsx';

/** What was asked, of whom, and what came of it. */
export function AsksPage() {
  const { shop } = useParams({ from: '/shops/$shop/asks' });
  const asks = useQuery({ queryKey: ['asks', shop], queryFn: () => api.asks(shop) });
  const list = asks.data?.asks ?? [];
  return (
    <Frame title="Questions and answers">
      <ShopLinks shop={shop} />
      <ProblemNote error={asks.error} />
      <NewAsk shop={shop} open={asks.data !== undefined && list.length === 0} />
      {list.length === 0 ? null : (
        <>
          <h2>Asked</h2>
          <ul className="cards">
            {list.map((ask) => (
              <AskItem key={ask.id} shop={shop} ask={ask} />
            ))}
          </ul>
          <p className="actions">
            <a href={`/shops/${shop}/compare`}>Your developer’s ten answers beside Loupe’s</a>
          </p>
        </>
      )}
      <TakeReply shop={shop} />
      <ImportSheet shop={shop} />
      <Actions shop={shop} />
    </Frame>
  );
}

function AskItem({ shop, ask }: { readonly shop: string; readonly ask: AskSummary }) {
  const reminderDue = ask.remindAt !== null && ask.remindAt <= Date.now() && ask.state !== 'answered';
  return (
    <li className="card">
      <h3>
        <Link to="/shops/$shop/asks/$ask" params={{ shop, ask: ask.id }}>
          {ask.to}: {ask.title}
        </Link>
      </h3>
      <p className="soft">
        {ASK_WORD[ask.state]}
        {ask.answeredAt === null ? ` · link good until ${day(ask.expiresAt)}` : ` ${day(ask.answeredAt)}`} ·{' '}
        {ask.answered} of {ask.items} answered
      </p>
      {ask.differs === 0 ? null : (
        <p className="warn">
          On {ask.differs} {ask.differs === 1 ? 'point' : 'points'} they say otherwise than was seen.
        </p>
      )}
      {reminderDue ? <p className="warn">A reminder is due.</p> : null}
    </li>
  );
}

function TakeReply({ shop }: { readonly shop: string }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const take = useMutation({
    mutationFn: async (form: FormData) => {
      const file = form.get('reply');
      return await api.takeReply(shop, file instanceof File ? await file.text() : '');
    },
    onSuccess: async ({ ask }) => {
      await queries.invalidateQueries({ queryKey: ['asks', shop] });
      await queries.invalidateQueries({ queryKey: ['ask', shop, ask] });
      await navigate({ to: '/shops/$shop/asks/$ask', params: { shop, ask } });
    },
  });
  return (
    <details className="part">
      <summary>A reply file came back</summary>
      <form action={(form) => take.mutate(form)}>
        <p className="field">
          <label htmlFor="reply">Reply file (ends in .loupe-reply)</label>
          <input id="reply" name="reply" type="file" required />
          <small className="help">
            Its signature is checked: a file that was changed on the way is refused.
          </small>
        </p>
        <button type="submit" disabled={take.isPending}>
          Take it in
        </button>
        <ProblemNote error={take.error} />
      </form>
    </details>
  );
}
