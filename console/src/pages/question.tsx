import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Answer, CheckNow } from '@loupe/contract';
import { OUTCOME_WORD, WHO } from '@loupe/contract/words';
import { api } from '../api.ts';
import { Frame } from '../parts/frame.tsx';
import { ProblemNote } from '../parts/problem.tsx';
import { State } from '../parts/state.tsx';
import { moment } from '../parts/time.ts';
import { Evidence } from './evidence.tsx';

/** One question: what was seen, what was said, what is the provider's, what is unknown; each apart from the others. */
export function QuestionPage() {
  const { shop, question } = useParams({ from: '/shops/$shop/questions/$question' });
  const answers = useQuery({ queryKey: ['answers', shop], queryFn: () => api.answers(shop) });
  const answer = answers.data?.answers.find((a) => a.id === question);
  const followUps = answers.data?.answers.filter((a) => answer?.followUps.includes(a.id)) ?? [];
  if (answer === undefined) {
    return (
      <Frame title="…">
        <ProblemNote error={answers.error} />
        {answers.data === undefined ? null : <p>There is no such question.</p>}
      </Frame>
    );
  }
  return (
    <Frame title={answer.question}>
      <p className="lead">
        <State state={answer.state} /> {answer.sentence}
      </p>
      {answer.nextStep === null ? null : (
        <p className="next">
          <strong>{WHO[answer.nextStep.who]}:</strong> {answer.nextStep.text}
        </p>
      )}
      <Apart shop={shop} answer={answer} />
      {followUps.length === 0 ? null : (
        <section>
          <h2>Follow-ups</h2>
          <ol className="questions">
            {followUps.map((f) => (
              <li key={f.id}>
                <Link to="/shops/$shop/questions/$question" params={{ shop, question: f.id }}>
                  <State state={f.state} />
                  <span className="asks">
                    {f.id}. {f.question}
                  </span>
                  <span className="soft">{f.sentence}</span>
                </Link>
              </li>
            ))}
          </ol>
        </section>
      )}
      <p>
        <Link to="/shops/$shop" params={{ shop }}>
          All questions
        </Link>
      </p>
    </Frame>
  );
}

const GROUPS: readonly { readonly title: string; readonly about: string; in(check: CheckNow): boolean }[] = [
  {
    title: 'Seen',
    about: 'Observed by Loupe itself.',
    in: (check) =>
      check.source === 'seen' && check.outcome !== 'unknown' && check.outcome !== 'not-applicable',
  },
  { title: 'Said', about: 'Somebody’s word; never taken for seen.', in: (check) => check.source === 'said' },
  {
    title: 'Provider’s',
    about: 'Somebody else’s duty, backed by a paper of theirs.',
    in: (check) => check.source === 'provider',
  },
  { title: 'Unknown', about: 'Not observed, or not recently.', in: (check) => check.outcome === 'unknown' },
  {
    title: 'Does not apply',
    about: 'By the kind of shop this is.',
    in: (check) => check.outcome === 'not-applicable',
  },
];

function Apart({ shop, answer }: { readonly shop: string; readonly answer: Answer }) {
  return (
    <>
      {GROUPS.map((group) => {
        const checks = answer.checks.filter((check) => group.in(check));
        const isUnknown = group.title === 'Unknown';
        if (checks.length === 0 && !(isUnknown && answer.gap !== null)) return null;
        return (
          <section key={group.title}>
            <h2>{group.title}</h2>
            <p className="soft">{group.about}</p>
            <ul className="checks">
              {checks.map((check) => (
                <CheckItem key={check.id} shop={shop} check={check} />
              ))}
              {isUnknown && answer.gap !== null ? (
                <li>
                  <strong>The rest of the question.</strong> {answer.gap.ask}
                </li>
              ) : null}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function CheckItem({ shop, check }: { readonly shop: string; readonly check: CheckNow }) {
  return (
    <li>
      <strong>
        {OUTCOME_WORD[check.outcome]}: {check.title}.
      </strong>{' '}
      {check.sentence}
      {check.mend === null ? null : (
        <div className="next">
          <strong>{WHO[check.responsible]}:</strong> {check.mend}
        </div>
      )}
      <div className="soft">
        {check.subject}
        {check.observedAt === null ? '' : ` · ${moment(check.observedAt)}`}
        {check.validUntil === null ? '' : ` · good until ${moment(check.validUntil)}`}
      </div>
      {check.observation === null ? null : (
        <Evidence shop={shop} observation={check.observation} evidence={check.evidence} />
      )}
    </li>
  );
}
