import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Change, ChangeItem } from '@loupe/contract';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';

interface ChangeItemsProps {
  readonly shop: string;
  readonly change: Change;
}

/** Everything a change is made of, opened when asked for. */
export function ChangeItems({ shop, change }: ChangeItemsProps) {
  const [open, setOpen] = useState(false);
  const found = useQuery({
    queryKey: ['change', shop, change.id],
    queryFn: () => api.change(shop, change.id),
    enabled: open,
  });
  if (change.evidence === null) return null;
  const items = found.data?.items ?? [];
  return (
    <details className="what" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What exactly</summary>
      <ProblemNote error={found.error} />
      {found.data !== undefined && items.length === 0 ? (
        <p className="soft">It was seen in the rendered pages.</p>
      ) : null}
      {items.map((item, number) => (
        // oxlint-disable-next-line react/no-array-index-key -- a place in sealed evidence, which never changes
        <Item
          key={number}
          shop={shop}
          change={change.id}
          number={number}
          item={item}
          alone={items.length === 1}
        />
      ))}
      {(found.data?.more ?? 0) > 0 ? (
        <p className="soft">And {found.data?.more} more, in the evidence.</p>
      ) : null}
      <p className="soft">
        <a href={`/api/v1/shops/${shop}/evidence/${change.evidence}`}>Raw evidence</a>
      </p>
    </details>
  );
}

interface ItemProps {
  readonly shop: string;
  readonly change: string;
  readonly number: number;
  readonly item: ChangeItem;
  /** Whether it is the only one: then its lines are shown at once. */
  readonly alone: boolean;
}

function Item({ shop, change, number, item, alone }: ItemProps) {
  const [asked, setAsked] = useState(alone);
  const lines = useQuery({
    queryKey: ['lines', shop, change, number],
    queryFn: () => api.changeLines(shop, change, number),
    enabled: asked && item.comparable,
  });
  return (
    <div className="changed-item">
      {alone ? null : (
        <p>
          <strong>{item.name}</strong> {item.action}
        </p>
      )}
      {item.differs.length === 0 ? null : (
        <dl className="differs-list">
          {item.differs.map((one) => (
            <div key={one.what}>
              <dt>{one.what}</dt>
              <dd>
                {item.action === 'changed' ? (
                  <>
                    <del>{one.before}</del> <ins>{one.after}</ins>
                  </>
                ) : item.action === 'added' ? (
                  one.after
                ) : (
                  one.before
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {item.comparable && !asked ? (
        <button type="button" className="small quiet" onClick={() => setAsked(true)}>
          Line by line
        </button>
      ) : null}
      <ProblemNote error={lines.error} />
      {lines.data === undefined ? null : lines.data.hunks === null ? (
        <p className="soft">Too much differs to be read line by line.</p>
      ) : (
        <div className="lines" role="group" aria-label={`Lines of ${item.name}`} tabIndex={0}>
          {lines.data.hunks.map((hunk) => (
            <pre key={`${hunk.oldStart}-${hunk.newStart}`}>
              {hunk.lines.map((line, at) => (
                <span
                  // oxlint-disable-next-line react/no-array-index-key -- lines have no other name than their place
                  key={at}
                  className={line.startsWith('+') ? 'added' : line.startsWith('-') ? 'gone' : 'same'}
                >
                  {`${line}\n`}
                </span>
              ))}
            </pre>
          ))}
        </div>
      )}
    </div>
  );
}
