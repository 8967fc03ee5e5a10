import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Score, VendorView } from '@loupe/contract';
import { STANDING_WORD } from '@loupe/contract/words';
import { api } from '../../api.ts';
import { Frame } from '../../parts/frame.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';
import { day, moment } from '../../parts/time.ts';
import { ActionList } from '../asks/actions.tsx';
import { NewAsk } from '../asks/new-ask.tsx';
import { Evidence } from '../evidence.tsx';
import { ExceptionForm } from './connections.tsx';
import { Decide } from './decide.tsx';
import { Papers } from './papers.tsx';
import { VendorForm } from './vendor-form.tsx';

/** One third party: what is known, what is not, and whether it is let in. */
export function VendorPage() {
  const { shop, vendor: id } = useParams({ from: '/shops/$shop/third-parties/$vendor' });
  const vendor = useQuery({
    queryKey: ['vendor', shop, id],
    queryFn: () => api.vendor(shop, id),
    // The first look ends within seconds.
    refetchInterval: (query) => (isWaiting(query.state.data) ? 1_500 : false),
  });
  if (vendor.data === undefined) {
    return (
      <Frame title="…">
        <ProblemNote error={vendor.error} />
      </Frame>
    );
  }
  const view = vendor.data;
  const retired = view.vendor.standing === 'retired';
  return (
    <Frame title={view.vendor.name}>
      <ShopLinks shop={shop} />
      <p className="lead">{STANDING_WORD[view.vendor.standing]}</p>
      {view.vendor.decision === null ? null : (
        <p className="soft">
          Decided {day(view.vendor.decision.at)}
          {view.vendor.decision.by === '' ? '' : ` by ${view.vendor.decision.by}`}, good until{' '}
          {day(view.vendor.decision.until)}, at {view.vendor.decision.points} of {view.vendor.decision.of}{' '}
          known points.
          {view.vendor.decision.conditions === '' ? '' : ` Conditions: ${view.vendor.decision.conditions}`}{' '}
          <a href={`/api/v1/shops/${shop}/vendors/${id}/decisions/${view.vendor.decision.id}/proof`} download>
            Signed record
          </a>
        </p>
      )}
      {view.note === null ? null : <p className="notice">{view.note}</p>}
      {retired ? null : <Decide key={view.vendor.decision?.id ?? ''} shop={shop} view={view} />}
      <ScorePart shop={shop} score={view.score} lookedAt={view.vendor.lookedAt} vendor={id} />
      {view.changes.length === 0 ? null : (
        <section>
          <h2>What changed</h2>
          <ul className="checks">
            {view.changes.map((change) => (
              <li key={`${change.at}${change.text}`} className={change.better ? '' : 'warn'}>
                {moment(change.at)}: {change.text}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Papers shop={shop} view={view} />
      <section>
        <h2>Asked</h2>
        {view.asks.length === 0 ? <p className="soft">Not asked yet.</p> : null}
        <p className="actions">
          {view.asks.map((ask, at) => (
            <Link key={ask} to="/shops/$shop/asks/$ask" params={{ shop, ask }}>
              Conversation {view.asks.length - at}
            </Link>
          ))}
        </p>
        {retired ? null : (
          <NewAsk
            shop={shop}
            open={false}
            vendor={{ id, name: view.vendor.name, suggested: view.suggested }}
          />
        )}
      </section>
      {view.actions.length === 0 ? null : (
        <section>
          <h2>Agreed</h2>
          <ActionList shop={shop} actions={view.actions} />
        </section>
      )}
      {retired ? null : <Entry shop={shop} view={view} />}
    </Frame>
  );
}

function isWaiting(view: VendorView | undefined): boolean {
  if (view === undefined) return false;
  const hosts = view.vendor.hosts.length + view.vendor.apiHosts.length;
  const fresh = Date.now() - view.vendor.madeAt < 60_000;
  return (
    (fresh && hosts > 0 && view.vendor.lookedAt === null) ||
    view.papers.some((paper) => paper.state === 'waiting')
  );
}

interface ScoreProps {
  readonly shop: string;
  readonly vendor: string;
  readonly score: Score;
  readonly lookedAt: number | null;
}

const GROUPS = [
  ['lost', 'Lost'],
  ['unknown', 'Unknown'],
  ['earned', 'Earned'],
  ['not-applicable', 'Does not apply'],
] as const;

function ScorePart({ shop, vendor, score, lookedAt }: ScoreProps) {
  const queries = useQueryClient();
  const look = useMutation({
    mutationFn: () => api.lookAtVendor(shop, vendor),
    onSuccess: () => {
      // It ends within ten seconds.
      setTimeout(() => void queries.invalidateQueries({ queryKey: ['vendor', shop, vendor] }), 4_000);
      setTimeout(() => void queries.invalidateQueries({ queryKey: ['vendor', shop, vendor] }), 11_000);
    },
  });
  return (
    <section>
      <h2>Score</h2>
      <p>
        <strong>{score.earned}</strong> points earned, <strong>{score.lost}</strong> lost,{' '}
        <strong>{score.unknown}</strong> unknown. Each has its reason; there is no grade.
      </p>
      <p className="soft">
        {lookedAt === null
          ? 'Not looked at from outside yet.'
          : `Looked at from outside ${moment(lookedAt)}.`}{' '}
        <button type="button" className="quiet small" disabled={look.isPending} onClick={() => look.mutate()}>
          Look now
        </button>
      </p>
      <ProblemNote error={look.error} />
      {GROUPS.map(([outcome, title]) => {
        const lines = score.lines.filter((line) => line.outcome === outcome);
        if (lines.length === 0) return null;
        return (
          <details key={outcome} open={outcome === 'lost' || outcome === 'unknown'}>
            <summary>
              {title}: {lines.reduce((sum, line) => sum + line.weight, 0)} points
            </summary>
            <ul className="checks">
              {lines.map((line) => (
                <li key={line.id}>
                  <strong>{line.text}</strong> <span className="soft">({line.weight})</span>
                  <div>{line.reason}</div>
                  {line.subject === null || line.subject === vendor ? null : (
                    <div className="soft">{line.subject}</div>
                  )}
                  {line.observation === null ? null : (
                    <Evidence shop={shop} observation={line.observation} evidence={null} />
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

/** The entry itself: corrected, excepted, retired. */
function Entry({ shop, view }: { readonly shop: string; readonly view: VendorView }) {
  const queries = useQueryClient();
  const [excepting, setExcepting] = useState(false);
  const refresh = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['vendor', shop, view.vendor.id] });
    await queries.invalidateQueries({ queryKey: ['vendors', shop] });
  };
  const save = useMutation({
    mutationFn: (given: Parameters<typeof api.changeVendor>[2]) =>
      api.changeVendor(shop, view.vendor.id, given),
    onSuccess: refresh,
  });
  const retire = useMutation({
    mutationFn: () => api.retireVendor(shop, view.vendor.id),
    onSuccess: refresh,
  });
  return (
    <section>
      <h2>Entry</h2>
      <details className="part">
        <summary>What it touches, who answers for it, its hosts</summary>
        <VendorForm given={view.vendor} busy={save.isPending} onSave={(given) => save.mutate(given)} />
        {save.isSuccess ? <p role="status">Saved.</p> : null}
      </details>
      <p className="actions">
        <button type="button" className="quiet small" onClick={() => setExcepting(!excepting)}>
          Exception
        </button>
        <button
          type="button"
          className="quiet small"
          disabled={retire.isPending}
          onClick={() => retire.mutate()}
        >
          Retire
        </button>
      </p>
      {excepting ? (
        <ExceptionForm shop={shop} about="vendor" id={view.vendor.id} onDone={() => setExcepting(false)} />
      ) : null}
      <ProblemNote error={save.error ?? retire.error} />
    </section>
  );
}
