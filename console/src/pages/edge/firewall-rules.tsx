import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FirewallPacksView, RulePackView } from '@loupe/contract';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { moment } from '../../parts/time.ts';

const SOURCE_TEXT: Readonly<Record<RulePackView['source'], string>> = {
  own: 'came with Loupe',
  folder: 'taken in from a folder',
  release: 'a release whose signature was checked',
};

const COMPARE_MS = 10_000;

/** Which rules the firewall goes by, and what others would do in their place. */
export function FirewallRules({ shop }: { readonly shop: string }) {
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['firewall-rules', shop],
    queryFn: () => api.firewallRules(shop),
    // Only what is tried has anything to count.
    refetchInterval: ({ state }) => ((state.data?.candidate ?? null) === null ? false : COMPARE_MS),
  });
  const refresh = { onSuccess: () => queries.invalidateQueries({ queryKey: ['firewall-rules', shop] }) };
  const attempt = useMutation({ mutationFn: (pack: string | null) => api.tryRules(shop, pack), ...refresh });
  const step = useMutation({
    mutationFn: (which: 'enforce' | 'back') => api.stepRules(shop, which),
    ...refresh,
  });
  const told = found.data;
  if (told === undefined) return <ProblemNote error={found.error} />;
  const busy = attempt.isPending || step.isPending;
  const before = told.packs.find(({ id }) => id === told.before);
  return (
    <details className="part">
      <summary>Firewall rules: {nameOf(told, told.enforced)}</summary>
      <ul className="cards">
        {told.packs.map((pack) => (
          <li key={pack.id} className="card">
            <div className="row">
              <strong>
                {pack.name} {pack.version}
              </strong>
              <span className="soft">
                {pack.id === told.enforced ? 'in force' : pack.id === told.candidate ? 'tried' : ''}
              </span>
            </div>
            <p className="soft">
              {pack.rules === 1 ? 'One rule' : `${pack.rules} rules`} of {pack.madeOn},{' '}
              {SOURCE_TEXT[pack.source]}.
            </p>
            {pack.id === told.enforced || pack.id === told.candidate ? null : (
              <p className="actions">
                <button
                  type="button"
                  className="small quiet"
                  disabled={busy}
                  onClick={() => attempt.mutate(pack.id)}
                >
                  Try beside
                </button>
              </p>
            )}
          </li>
        ))}
      </ul>
      {told.comparison === null ? (
        <p className="soft">
          Other rules are taken in at the command line: <code>loupe waf rules import</code>. A pack that is
          tried refuses nothing; what it would have done is counted here.
        </p>
      ) : (
        <Comparison told={told} comparison={told.comparison} />
      )}
      <p className="actions">
        {told.candidate === null ? null : (
          <>
            <button type="button" className="small" disabled={busy} onClick={() => step.mutate('enforce')}>
              Put “{nameOf(told, told.candidate)}” in force
            </button>
            <button
              type="button"
              className="small quiet"
              disabled={busy}
              onClick={() => attempt.mutate(null)}
            >
              Stop trying it
            </button>
          </>
        )}
        {before === undefined ? null : (
          <button type="button" className="small quiet" disabled={busy} onClick={() => step.mutate('back')}>
            Go back to {before.name} {before.version}
          </button>
        )}
      </p>
      <ProblemNote error={attempt.error ?? step.error} />
    </details>
  );
}

function nameOf({ packs }: FirewallPacksView, id: string): string {
  const pack = packs.find((one) => one.id === id);
  return pack === undefined ? id.slice(0, 12) : `${pack.name} ${pack.version}`;
}

interface ComparisonProps {
  readonly told: FirewallPacksView;
  readonly comparison: NonNullable<FirewallPacksView['comparison']>;
}

function Comparison({ told, comparison }: ComparisonProps) {
  const { since, requests, both, onlyEnforced, onlyCandidate, rules } = comparison;
  return (
    <div className="inline">
      <p>
        Since {moment(since)}, of {requests} requests: both would refuse {both}, only “
        {nameOf(told, told.enforced)}” {onlyEnforced}, only “{nameOf(told, told.candidate ?? '')}”{' '}
        {onlyCandidate}.
      </p>
      {rules.length === 0 ? null : (
        <ul className="parts">
          {rules.map(({ rule, says, count }) => (
            <li key={rule}>
              {count === 1 ? 'once' : `${count} times`} {says === '' ? '' : `“${says}”`}{' '}
              <span className="soft">rule {rule}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
