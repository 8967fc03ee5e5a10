import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { LoadReport } from '@loupe/contract';
import { api } from '../../api.ts';
import { Frame } from '../../parts/frame.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';
import { TextArea } from '../../parts/text-area.tsx';
import { moment } from '../../parts/time.ts';
import { count } from './figures.ts';
import { Inspection } from './inspection.tsx';
import { NOUNS } from './nouns.ts';
import { SpecimenCard } from './specimen.tsx';

/** One load: why it waits, what was found in it, and a person's word. */
export function LoadPage() {
  const { shop, load } = useParams({ from: '/shops/$shop/feeds/loads/$load' });
  const found = useQuery({ queryKey: ['load', shop, load], queryFn: () => api.load(shop, load) });
  const view = found.data;
  return (
    <Frame title={view === undefined ? 'A load' : `Load of ${moment(view.load.startedAt)}`}>
      <ShopLinks shop={shop} />
      <p>
        <Link to="/shops/$shop/feeds" params={{ shop }}>
          All feeds
        </Link>
      </p>
      <ProblemNote error={found.error} />
      {view === undefined ? null : <Report shop={shop} view={view} />}
    </Frame>
  );
}

interface ReportProps {
  readonly shop: string;
  readonly view: LoadReport;
}

function Report({ shop, view }: ReportProps) {
  const { load } = view;
  const { counts } = load;
  const { one, many } = NOUNS[view.of];
  return (
    <>
      <p className={load.state === 'held' || load.state === 'failed' ? 'lead warn' : 'lead'}>{load.says}</p>
      {load.holds.length === 0 ? null : (
        <ul>
          {load.holds.map(({ reason, says }) => (
            <li key={reason}>{says}</li>
          ))}
        </ul>
      )}
      {counts === null ? null : (
        <table className="figures">
          <tbody>
            <Row
              name={titled(many)}
              value={counts.rows}
              of={counts.before}
              what="in the last accepted load"
            />
            <Row name="New" value={counts.added} />
            <Row name="Gone" value={counts.removed} />
            <Row name="Repriced" value={counts.repriced} />
            <Row name={`No longer the same ${one}`} value={counts.changed} />
            <Row name="In quarantine" value={counts.quarantined} />
            <Row name={`Rows that were no ${many}`} value={counts.errors} />
            {counts.before === 0 ? null : (
              <tr>
                <th scope="row">Prices of the same {many}</th>
                <td>
                  {counts.moved === 1
                    ? 'as before'
                    : `${((counts.moved - 1) * 100).toFixed(1)} % in the middle`}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      )}
      {load.verdict === null ? null : (
        <p className="soft">
          {load.verdict.by === '' ? 'Somebody' : load.verdict.by} said so {moment(load.verdict.at)}
          {load.verdict.note === '' ? '.' : `: ${load.verdict.note}`}
        </p>
      )}
      {load.state === 'held' ? <Verdict shop={shop} view={view} /> : null}
      {load.isKept ? <Inspection shop={shop} load={load.id} /> : null}
      <Found shop={shop} view={view} />
    </>
  );
}

function Row({
  name,
  value,
  of,
  what,
}: {
  readonly name: string;
  readonly value: number;
  readonly of?: number;
  readonly what?: string;
}) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {count(value)}{' '}
        {of === undefined || of === 0 ? null : (
          <span className="soft">
            ({count(of)} {what})
          </span>
        )}
      </td>
    </tr>
  );
}

/** Take it, or keep what is there. */
function Verdict({ shop, view }: ReportProps) {
  const queries = useQueryClient();
  const say = useMutation({
    mutationFn: ({ form, verdict }: { form: FormData; verdict: 'accept' | 'decline' }) =>
      api.judgeLoad(shop, view.load.id, {
        verdict,
        prices: form.get('prices') === 'on',
        note: textOf(form, 'note'),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['load', shop] });
      await queries.invalidateQueries({ queryKey: ['feeds', shop] });
    },
  });
  const doubtful = view.findings.some((one) => one.id === 'price-leap' || one.id === 'price-outlier');
  return (
    <form className="inline" action={(form) => say.mutate({ form, verdict: 'accept' })}>
      <p>
        Taken, what is in it may be shown, without those in quarantine. Declined, what is there stays, and the
        next load is compared with that.
      </p>
      {doubtful ? (
        <label className="check">
          <input type="checkbox" name="prices" />
          Its prices are right: let those in that only their price kept out
        </label>
      ) : null}
      <TextArea label="A word on why, for whoever reads this later" name="note" maxLength={500} />
      <p className="actions">
        <button type="submit" disabled={say.isPending}>
          Take this load
        </button>
        <button
          type="submit"
          className="quiet"
          disabled={say.isPending}
          formAction={(form) => say.mutate({ form, verdict: 'decline' })}
        >
          Keep what is there
        </button>
      </p>
      <ProblemNote error={say.error} />
    </form>
  );
}

/** What was found in it. */
function Found({ shop, view }: ReportProps) {
  const { findings, specimens, errors, reports } = view;
  const nouns = NOUNS[view.of];
  return (
    <>
      {reports === null ? null : (
        <p className="soft">
          GIA was asked about {count(reports.asked)} reports; {count(reports.known)} are known by now.
          {reports.says === null ? '' : ` No more: ${reports.says}`}
        </p>
      )}
      {findings.length === 0 && errors.length === 0 && view.load.counts !== null ? (
        <p>Nothing was found to be wrong with any {nouns.one}.</p>
      ) : null}
      {findings.map(({ id, says, count: many, quarantines }) => (
        <section key={id}>
          <h2>{says}</h2>
          <p className={quarantines ? 'warn' : 'soft'}>
            {count(many)} {many === 1 ? nouns.one : nouns.many}
            {quarantines ? ', kept out of the window' : ', noted only'}.
          </p>
          {quarantines ? (
            <ul className="cards">
              {specimens
                .filter((one) => one.findings.some((finding) => finding.id === id))
                .slice(0, 5)
                .map((one) => (
                  <SpecimenCard
                    key={one.place}
                    shop={shop}
                    load={view.load.id}
                    of={view.of}
                    currency={view.currency}
                    one={one}
                  />
                ))}
            </ul>
          ) : null}
        </section>
      ))}
      {errors.length === 0 ? null : (
        <section>
          <h2>Rows that were no {nouns.many}</h2>
          <ul className="cards">
            {errors.map(({ column, says, count: many, rows }) => (
              <li key={`${column} ${says}`} className="card">
                <strong>{column === '' ? 'The row' : column}</strong>: {says} {count(many)}{' '}
                {many === 1 ? 'row' : 'rows'}.
                {rows.length === 0 ? null : (
                  <details>
                    <summary>Look at some</summary>
                    {rows.map((row) => (
                      <pre key={row} className="raw">
                        {row}
                      </pre>
                    ))}
                  </details>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function titled(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
