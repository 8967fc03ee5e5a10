import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { STANDING_WORD } from '@loupe/contract/words';
import { api, type ListedVendor } from '../../api.ts';
import { Frame } from '../../parts/frame.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';
import { day } from '../../parts/time.ts';
import { AddVendor } from './add-vendor.tsx';
import { Connections } from './connections.tsx';

/** The register, and what is plugged in. */
export function ThirdPartiesPage() {
  const { shop } = useParams({ from: '/shops/$shop/third-parties' });
  const vendors = useQuery({ queryKey: ['vendors', shop], queryFn: () => api.vendors(shop) });
  const present = vendors.data?.vendors.filter((one) => one.standing !== 'retired') ?? [];
  return (
    <Frame title="Third parties">
      <ShopLinks shop={shop} />
      <ProblemNote error={vendors.error} />
      {(vendors.data?.endings.length ?? 0) === 0 ? null : (
        <section className="notice">
          <h2>Look after these</h2>
          <ul>
            {vendors.data?.endings.map((one) => (
              <li key={`${one.name}${one.until}`}>
                {one.name} {one.ended ? 'ended' : 'ends'} {day(one.until)}.
              </li>
            ))}
          </ul>
        </section>
      )}
      <Connections shop={shop} vendors={present} />
      <h2>Register</h2>
      {present.length === 0 ? (
        <p className="soft">
          Nobody yet. Whoever sees your customers, your stock or your money belongs here.
        </p>
      ) : (
        <ul className="cards">
          {present.map((one) => (
            <VendorItem key={one.id} shop={shop} vendor={one} />
          ))}
        </ul>
      )}
      <AddVendor shop={shop} taken={present.map((one) => one.name)} />
      <Criteria />
    </Frame>
  );
}

function VendorItem({ shop, vendor }: { readonly shop: string; readonly vendor: ListedVendor }) {
  const { earned, lost, unknown } = vendor.score;
  const attention =
    vendor.standing === 'unassessed' || vendor.standing === 'overdue' || vendor.standing === 'rejected';
  return (
    <li className="card">
      <h3>
        <Link to="/shops/$shop/third-parties/$vendor" params={{ shop, vendor: vendor.id }}>
          {vendor.name}
        </Link>
      </h3>
      <p className={attention ? 'warn' : 'soft'}>
        {STANDING_WORD[vendor.standing]}
        {vendor.reviewAt === null ? '' : `, until ${day(vendor.reviewAt)}`}
      </p>
      <p className="soft">
        {vendor.does === '' ? vendor.kind : vendor.does} · {earned} points earned, {lost} lost, {unknown}{' '}
        unknown
      </p>
    </li>
  );
}

/** By which criteria third parties are scored: the whole list, with weights. */
function Criteria() {
  const criteria = useQuery({ queryKey: ['criteria'], queryFn: api.criteria });
  return (
    <details className="part">
      <summary>By which criteria</summary>
      <p className="soft">
        Version {criteria.data?.version}. A point is earned or lost only by what was observed, said or filed;
        what nobody knows is unknown. A person decides.
      </p>
      <ul className="checks">
        {criteria.data?.criteria.map((one) => (
          <li key={one.id}>
            {one.text} <span className="soft">({one.weight})</span>
          </li>
        ))}
      </ul>
      <ProblemNote error={criteria.error} />
    </details>
  );
}
