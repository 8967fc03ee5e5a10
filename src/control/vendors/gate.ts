// May something be plugged in, and does what is plugged in still have its ground? Pure.
import type { Vendor } from '@loupe/contract';

/** A decision as the gate sees it. */
export interface Decided {
  readonly verdict: 'approved' | 'conditions' | 'rejected';
  readonly at: number;
  readonly until: number;
}

/** An exception as the gate sees it. */
export interface Excepted {
  readonly about: 'vendor' | 'connection';
  readonly aboutId: string;
  readonly until: number;
  readonly endedAt: number | null;
}

export type GateWhy =
  | 'approved'
  | 'conditions'
  | 'excepted'
  | 'no-vendor'
  | 'retired'
  | 'unassessed'
  | 'rejected'
  | 'overdue';

export interface GateVerdict {
  readonly open: boolean;
  readonly why: GateWhy;
}

function isInForce(exception: Excepted, about: Excepted['about'], id: string, now: number): boolean {
  return (
    exception.about === about &&
    exception.aboutId === id &&
    exception.endedAt === null &&
    exception.until > now
  );
}

/** How a vendor stands: its newest decision counts, and only while it is in date. */
export function vendorStanding(
  vendor: { readonly id: string; readonly retiredAt: number | null },
  decisions: readonly Decided[],
  exceptions: readonly Excepted[],
  now: number,
): Vendor['standing'] {
  if (vendor.retiredAt !== null) return 'retired';
  const newest = decisions.filter((d) => d.at <= now).toSorted((a, b) => b.at - a.at)[0];
  if (newest !== undefined && newest.until > now) return newest.verdict;
  if (exceptions.some((e) => isInForce(e, 'vendor', vendor.id, now))) return 'excepted';
  return newest === undefined ? 'unassessed' : 'overdue';
}

/**
 * Whether a connection may be enabled: its vendor is approved (perhaps with conditions) in date, or an exception in force covers the vendor or the
 * connection itself. A rejected vendor's exception does not open the gate; one for the connection alone does, by name.
 */
export function gateOf(
  connection: { readonly id: string },
  standing: Vendor['standing'] | null,
  exceptions: readonly Excepted[],
  now: number,
): GateVerdict {
  if (standing === 'approved' || standing === 'conditions' || standing === 'excepted')
    return { open: true, why: standing };
  if (exceptions.some((e) => isInForce(e, 'connection', connection.id, now)))
    return { open: true, why: 'excepted' };
  return { open: false, why: standing ?? 'no-vendor' };
}
