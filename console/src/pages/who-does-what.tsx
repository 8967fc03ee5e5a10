import { useQuery } from '@tanstack/react-query';
import type { Duty } from '@loupe/contract';
import { CHECK_OWNER_WORD } from '@loupe/contract/words';
import { api } from '../api.ts';
import { ProblemNote } from '../parts/problem.tsx';

const ORDER: readonly Duty['who'][] = ['owner', 'developer', 'platform', 'provider', 'loupe', 'nobody'];

/** Each check that is made of the shop, by whose it is. */
export function WhoDoesWhat({ shop }: { readonly shop: string }) {
  const list = useQuery({ queryKey: ['duties', shop], queryFn: () => api.duties(shop) });
  const duties = list.data?.duties ?? [];
  return (
    <section>
      <h2>Who does what</h2>
      <p className="soft">
        Each check, by whose it is to see to it. What is the platform’s counts as such only while a paper of
        its is on file under “Third parties”, in date.
        {list.data === undefined ? '' : ` The platform’s part was last gone through ${list.data.reviewed}.`}
      </p>
      <ProblemNote error={list.error} />
      {ORDER.map((who) => {
        const own = duties.filter((duty) => duty.who === who);
        return own.length === 0 ? null : (
          <details key={who} className="part">
            <summary>
              {CHECK_OWNER_WORD[who]} ({own.length})
            </summary>
            <ul className="cards">
              {own.map((duty) => (
                <li key={duty.check} className="card">
                  <strong>{duty.title}</strong> <span className="soft">{duty.question}</span>
                  {duty.why === null ? null : <p className="soft">{duty.why}</p>}
                  {duty.wanted.length === 0 ? null : (
                    <p className={duty.paper === null ? 'warn' : 'soft'}>
                      {duty.paper === null
                        ? `No paper on file. It takes: ${duty.wanted.join(', or ')}.`
                        : `On file: ${duty.paper.title}.`}
                    </p>
                  )}
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </section>
  );
}
