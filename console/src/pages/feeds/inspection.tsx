import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { InspectionGiven } from '@loupe/contract';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';

interface InspectionProps {
  readonly shop: string;
  readonly load: string;
}

/** A kept load, judged again or its quarantine listed. */
export function Inspection({ shop, load }: InspectionProps) {
  const [asked, ask] = useState<string | null>(null);
  const inspect = useMutation({
    mutationFn: (what: InspectionGiven['what']) => api.inspectLoad(shop, load, what),
    onSuccess: ({ inspection }) => ask(inspection),
  });
  return (
    <>
      <p className="actions">
        <button
          type="button"
          className="small quiet"
          disabled={inspect.isPending}
          onClick={() => inspect.mutate('quarantine')}
        >
          List all stones in quarantine
        </button>
        <button
          type="button"
          className="small quiet"
          disabled={inspect.isPending}
          onClick={() => inspect.mutate('repeat')}
        >
          Judge its file again
        </button>
      </p>
      <ProblemNote error={inspect.error} />
      {asked === null ? null : <Outcome shop={shop} inspection={asked} />}
    </>
  );
}

function Outcome({ shop, inspection }: { readonly shop: string; readonly inspection: string }) {
  const found = useQuery({
    queryKey: ['inspection', shop, inspection],
    queryFn: () => api.inspection(shop, inspection),
    refetchInterval: (query) => (query.state.data?.state === 'waiting' ? 500 : false),
  });
  const view = found.data;
  return (
    <p role="status">
      {view?.says}{' '}
      {view?.state === 'listed' ? (
        <a href={`/api/v1/shops/${shop}/inspections/${inspection}/quarantine.csv`} download>
          quarantine.csv
        </a>
      ) : null}
      <ProblemNote error={found.error} />
    </p>
  );
}
