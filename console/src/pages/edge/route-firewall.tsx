import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { EdgeRoute, FirewallRulesGiven } from '@loupe/contract';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';

/** What each way of the firewall means, in words. */
export const FIREWALL_MODES = [
  ['block', 'Refuses what looks like an attack'],
  ['watch', 'Only watches, and tells what it would have refused'],
  ['off', 'Off'],
] as const;

/** How the firewall treats what comes on a route, and what it was told to leave alone. */
export function RouteFirewall({ shop, route }: { readonly shop: string; readonly route: EdgeRoute }) {
  const queries = useQueryClient();
  const { firewall } = route.rule;
  const change = useMutation({
    mutationFn: (more: Partial<FirewallRulesGiven>) =>
      api.changeRoute(shop, route.id, { ...route.rule, firewall: { ...firewall, ...more } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['edge-routes', shop] }),
  });
  const modeOf = (value: string): FirewallRulesGiven['mode'] =>
    FIREWALL_MODES.find(([mode]) => mode === value)?.[0] ?? 'block';
  return (
    <details className="part">
      <summary>
        Firewall: {firewall.mode === 'block' ? 'blocks' : firewall.mode === 'watch' ? 'only watches' : 'off'}
        {firewall.exclusions.length === 0 ? '' : `, ${countText(firewall.exclusions.length)}`}
      </summary>
      <Select
        label="The firewall"
        value={firewall.mode}
        disabled={change.isPending}
        onChange={(event) => change.mutate({ mode: modeOf(event.currentTarget.value) })}
        options={FIREWALL_MODES}
      />
      <p className="soft">
        {Math.round(firewall.inspectBytes / 1024)} KB of a body are inspected; what is longer{' '}
        {firewall.beyond === 'block' ? 'is refused' : 'passes once its beginning was'}. What could not be
        inspected {firewall.onFailure === 'block' ? 'is refused' : 'passes'}.
      </p>
      {firewall.exclusions.length === 0 ? (
        <p className="soft">
          It leaves nothing alone. Where it stopped something honest, “Why?” under Traffic offers the smallest
          exclusion.
        </p>
      ) : (
        <ul className="cards">
          {firewall.exclusions.map((one) => (
            <li key={`${one.rule} ${one.field}`} className="card row">
              <span>
                Rule {one.rule} leaves <code>{one.field}</code> alone
              </span>
              <button
                type="button"
                className="small quiet"
                disabled={change.isPending}
                onClick={() =>
                  change.mutate({ exclusions: firewall.exclusions.filter((other) => other !== one) })
                }
              >
                Look at it again
              </button>
            </li>
          ))}
        </ul>
      )}
      <ProblemNote error={change.error} />
    </details>
  );
}

function countText(count: number): string {
  return count === 1 ? 'one exclusion' : `${count} exclusions`;
}
