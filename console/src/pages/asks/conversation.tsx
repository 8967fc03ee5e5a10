import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { AnsweredItem, AskLink, AskView } from '@loupe/contract';
import { ASK_WORD, OUTCOME_WORD } from '@loupe/contract/words';
import { api } from '../../api.ts';
import { Frame } from '../../parts/frame.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';
import { day, moment } from '../../parts/time.ts';
import { ActionList } from './actions.tsx';
import { AgreeForm, AskBackForm } from './reply-forms.tsx';
import { SendIt } from './send-it.tsx';

/** One conversation: what they say, what was seen, what was asked back, what was agreed. */
export function ConversationPage() {
  const { shop, ask: id } = useParams({ from: '/shops/$shop/asks/$ask' });
  const ask = useQuery({ queryKey: ['ask', shop, id], queryFn: () => api.ask(shop, id) });
  const [link, setLink] = useState<AskLink | null>(null);
  const [onlyOpen, setOnlyOpen] = useState(false);
  if (ask.data === undefined) {
    return (
      <Frame title="…">
        <ProblemNote error={ask.error} />
      </Frame>
    );
  }
  const view = ask.data;
  return (
    <Frame title={`${view.ask.to}: ${view.ask.title}`}>
      <ShopLinks shop={shop} />
      <Summary shop={shop} view={view} />
      <Tools shop={shop} view={view} onLink={setLink} />
      {link === null ? null : <SendIt shop={shop} link={link} onDone={() => setLink(null)} />}
      {view.actions.length === 0 ? null : (
        <>
          <h2>Agreed</h2>
          <ActionList shop={shop} actions={view.actions} />
        </>
      )}
      {view.by === null ? null : (
        <p>
          <label className="check">
            <input
              type="checkbox"
              checked={onlyOpen}
              onChange={(event) => setOnlyOpen(event.currentTarget.checked)}
            />{' '}
            Only what is worth talking about
          </label>
        </p>
      )}
      {view.sections.map((section) => {
        const items = section.items.filter((item) => !onlyOpen || isWorthTalking(item));
        if (items.length === 0) return null;
        return (
          <section key={section.id}>
            <h2>{section.title}</h2>
            <ol className="said">
              {items.map((item) => (
                <SaidItem key={item.item.id} shop={shop} view={view} answered={item} />
              ))}
            </ol>
          </section>
        );
      })}
    </Frame>
  );
}

function isWorthTalking(item: AnsweredItem): boolean {
  return (
    item.standing === 'differs' ||
    item.standing === 'unanswered' ||
    item.claims === 'falls-short' ||
    item.claims === 'unknown'
  );
}

function Summary({ shop, view }: { readonly shop: string; readonly view: AskView }) {
  const { ask } = view;
  return (
    <>
      <p className="soft">
        {ASK_WORD[ask.state]}
        {ask.answeredAt === null ? ` · link good until ${day(ask.expiresAt)}` : ` ${moment(ask.answeredAt)}`}
        {view.by === 'file' ? ' · by a signed reply file' : ''} · {ask.answered} of {ask.items} answered
      </p>
      {view.evidence === null ? null : (
        <p className="soft">
          <a href={`/api/v1/shops/${shop}/evidence/${view.evidence}`}>
            What they handed in, as it was sealed
          </a>
        </p>
      )}
      {ask.differs === 0 ? null : (
        <p className="lead warn">
          On {ask.differs} {ask.differs === 1 ? 'point' : 'points'} they say otherwise than was seen.
        </p>
      )}
    </>
  );
}

interface ToolsProps {
  readonly shop: string;
  readonly view: AskView;
  readonly onLink: (link: AskLink) => void;
}

function Tools({ shop, view, onLink }: ToolsProps) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['ask', shop, view.ask.id] });
  const done = async (link: AskLink): Promise<void> => {
    onLink(link);
    await refresh();
  };
  const fresh = useMutation({ mutationFn: () => api.newLink(shop, view.ask.id, 21), onSuccess: done });
  const remind = useMutation({ mutationFn: () => api.remind(shop, view.ask.id), onSuccess: done });
  const withdraw = useMutation({ mutationFn: () => api.withdraw(shop, view.ask.id), onSuccess: refresh });
  if (view.ask.state === 'withdrawn') return null;
  const waiting = view.ask.state === 'open' || view.ask.state === 'begun';
  return (
    <>
      <p className="actions">
        {view.by === null ? null : (
          <a className="button" href={`/shops/${shop}/agenda?ask=${view.ask.id}`}>
            Agenda for the call
          </a>
        )}
        {waiting ? (
          <button type="button" className="quiet" disabled={remind.isPending} onClick={() => remind.mutate()}>
            Remind
          </button>
        ) : null}
        <button type="button" className="quiet" disabled={fresh.isPending} onClick={() => fresh.mutate()}>
          New link or file
        </button>
        <button
          type="button"
          className="quiet"
          disabled={withdraw.isPending}
          onClick={() => withdraw.mutate()}
        >
          Withdraw
        </button>
      </p>
      <ProblemNote error={fresh.error ?? remind.error ?? withdraw.error} />
    </>
  );
}

const STANDING: Readonly<Record<AnsweredItem['standing'], string>> = {
  unanswered: 'Not answered',
  said: 'Said',
  agrees: 'Said, and seen',
  differs: 'They say otherwise than was seen',
  better: 'Better than they say',
};

interface SaidItemProps {
  readonly shop: string;
  readonly view: AskView;
  readonly answered: AnsweredItem;
}

function SaidItem({ shop, view, answered }: SaidItemProps) {
  const { item } = answered;
  return (
    <li className={answered.standing === 'differs' ? 'differs' : ''} id={item.id}>
      <h3>{item.asks}</h3>
      <p className="standing">{STANDING[answered.standing]}</p>
      {answered.standing === 'unanswered' ? null : (
        <p className="they">
          <strong>They say:</strong> {answered.choice ?? ''}{' '}
          {answered.text === '' ? null : <span className="typed">{answered.text}</span>}
        </p>
      )}
      {answered.seen.map((seen) => (
        <p key={`${seen.check}${seen.subject ?? ''}`} className="we">
          <strong>We saw:</strong> {OUTCOME_WORD[seen.outcome]}. {seen.sentence}{' '}
          <span className="soft">
            {seen.subject}
            {seen.observedAt === null ? '' : `, ${moment(seen.observedAt)}`}
          </span>
        </p>
      ))}
      {answered.files.map((file) => (
        <p key={file.id} className="soft">
          {file.state === 'kept' ? (
            <a href={`/api/v1/shops/${shop}/files/${file.id}`}>{file.name}</a>
          ) : (
            file.name
          )}
          {file.state === 'refused'
            ? `: not accepted. ${file.why ?? ''}`
            : file.state === 'waiting'
              ? ' (being looked at)'
              : ''}
        </p>
      ))}
      {answered.messages.length === 0 ? null : (
        <ul className="thread">
          {answered.messages.map((message) => (
            <li key={`${message.at}${message.text}`}>
              <strong>{message.from === 'us' ? 'You asked:' : 'They reply:'}</strong> {message.text}
            </li>
          ))}
        </ul>
      )}
      {item.good === null ? null : (
        <details>
          <summary>How to read an answer</summary>
          <p>
            <strong>Good:</strong> {item.good}
          </p>
          {item.vague === null ? null : (
            <p>
              <strong>Vague:</strong> {item.vague}
            </p>
          )}
        </details>
      )}
      {view.ask.state === 'withdrawn' ? null : (
        <div className="actions">
          <AskBackForm shop={shop} ask={view.ask.id} item={item.id} />
          <AgreeForm shop={shop} view={view} answered={answered} />
        </div>
      )}
    </li>
  );
}
