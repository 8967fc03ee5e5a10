import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api.ts';
import { ProblemNote } from '../parts/problem.tsx';
import { moment } from '../parts/time.ts';

interface EvidenceProps {
  readonly shop: string;
  readonly observation: string;
  readonly evidence: string | null;
}

/** The raw evidence behind one observation, and its place in the ledger. */
export function Evidence({ shop, observation, evidence }: EvidenceProps) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Raw evidence and proof</summary>
      {open ? <Opened shop={shop} observation={observation} evidence={evidence} /> : null}
    </details>
  );
}

function Opened({ shop, observation, evidence }: EvidenceProps) {
  const proof = useQuery({
    queryKey: ['observation', shop, observation],
    queryFn: () => api.observation(shop, observation),
  });
  const raw = useQuery({
    queryKey: ['evidence', shop, evidence],
    queryFn: () => api.evidence(shop, evidence ?? ''),
    enabled: evidence !== null,
  });
  const held = proof.data;
  return (
    <>
      <ProblemNote error={proof.error ?? raw.error} />
      {held === undefined ? null : (
        <p className="soft">
          {held.leaf === null ? (
            'On its way into the ledger.'
          ) : (
            <>
              Record {held.leaf} of <code>{held.log}</code>.{' '}
              {held.anchors.length === 0
                ? 'Not anchored outside this machine yet.'
                : `Anchored by ${held.anchors.map((anchor) => `${anchor.name}, ${moment(anchor.at)}`).join('; ')}.`}{' '}
              <a href={`/api/v1/shops/${shop}/observations/${observation}/proof`} download>
                Proof file
              </a>{' '}
              (check it offline: <code>loupe ledger verify FILE --key KEY</code>), key <code>{held.key}</code>
            </>
          )}
        </p>
      )}
      {raw.data === undefined ? null : (
        <pre className="raw" tabIndex={0} aria-label="Raw evidence">
          {JSON.stringify(raw.data, null, 2)}
        </pre>
      )}
    </>
  );
}
