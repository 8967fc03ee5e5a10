import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ExplainedRequest } from '@loupe/contract';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';

interface ExplanationProps {
  readonly shop: string;
  readonly reference: string;
}

/** Why the firewall did what it did with one request, and the least that would let it pass. */
export function Explanation({ shop, reference }: ExplanationProps) {
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['explanation', shop, reference],
    queryFn: () => api.explanation(shop, reference),
  });
  const exclude = useMutation({
    mutationFn: (excluded: boolean) => api.exclude(shop, reference, excluded),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['explanation', shop] });
      await queries.invalidateQueries({ queryKey: ['edge-routes', shop] });
    },
  });
  const told = found.data;
  if (told === undefined) return <ProblemNote error={found.error} />;
  return (
    <div className="inline">
      <p>{scoreText(told)}</p>
      <ul className="parts">
        {told.rules.map((one) => (
          <li key={one.rule}>
            {one.says === '' ? 'A rule that is not known any more' : one.says}{' '}
            <span className="soft">
              rule {one.rule}
              {one.points === 0 ? '' : `, ${one.points} points`}
            </span>
            <br />
            in <code>{one.fields.join(', ')}</code>: <code className="form">{one.part}</code>
            {one.transformations.length === 0 ? null : (
              <span className="soft"> looked at after {one.transformations.join(', ')}</span>
            )}
          </li>
        ))}
      </ul>
      <p className="soft">
        Shown is the form of what came: letters that belong to no attack’s language are crossed out, every
        digit is a 9.
      </p>
      {told.exclusions.length === 0 || told.route === null ? null : (
        <>
          <p>
            {told.excluded
              ? `On “${told.route.name}” such a request passes:`
              : `If it was honest: the least that would let it pass on “${told.route.name}” is that`}{' '}
            {told.exclusions.map((one, i) => (
              <span key={`${one.rule} ${one.field}`}>
                {i === 0 ? '' : ', and '}rule {one.rule} leaves <code>{one.field}</code> alone
              </span>
            ))}
            .
          </p>
          <p className="actions">
            <button
              type="button"
              className={told.excluded ? 'small quiet' : 'small'}
              disabled={exclude.isPending}
              onClick={() => exclude.mutate(!told.excluded)}
            >
              {told.excluded ? 'Look at it again' : 'Let it pass there'}
            </button>
          </p>
        </>
      )}
      <ProblemNote error={exclude.error} />
    </div>
  );
}

function scoreText({ undecided, threshold, score, rules, refused, mode, pack }: ExplainedRequest): string {
  const by = `By the rules “${pack}”`;
  if (undecided !== null)
    return `${by}, it was not decided: ${undecided === 'busy' ? 'too much was waiting' : 'it took too long'}.`;
  if (threshold === null)
    return refused ? `${by}, it was refused.` : `${by}, it passed; something was noticed.`;
  const apart = rules.reduce((sum, { points }) => sum + points, 0) > score;
  return `${by}, it scored ${score} where ${threshold} ${mode === 'watch' ? 'would be' : 'is'} refused.${
    apart ? ' Points of one value count together, those of several do not.' : ''
  }`;
}
