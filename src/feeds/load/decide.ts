// What follows from a load: it is published, or a person is asked first. Nothing here deletes, and nothing here publishes. Pure: the same figures give the same decision.
import type { Comparison } from './compare.ts';

/** What a load was held for; what explains others stands before them. */
const HOLD_REASONS = [
  'empty',
  'replayed',
  'unreadable-rows',
  'unit',
  'changed-stones',
  'prices',
  'drift',
  'new-stones',
  'fewer',
  'leaps',
  'quarantined',
  'value',
  'more',
  'first',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** One reason with the figure that gave it and the bound that it passed: what a person is shown. */
export interface Hold {
  readonly reason: HoldReason;
  readonly figure: number;
  readonly bound: number;
}

export interface Decision {
  /** `publish`: all of it, less the quarantined stones. `hold`: the last good load stays until a person says otherwise. */
  readonly outcome: 'publish' | 'hold';
  readonly holds: readonly Hold[];
}

export interface Loaded {
  readonly comparison: Comparison;
  /** Rows that were no stones, and all rows. */
  readonly errors: number;
  readonly read: number;
  /** SHA-256 of the raw bytes. */
  readonly sha256: string;
}

/** What is remembered of loads that were published, the newest last. */
export interface GoodLoad {
  readonly sha256: string;
  readonly at: number;
  /** The share of rows that were no stones, and of stones that were in quarantine. */
  readonly errorShare: number;
  readonly quarantinedShare: number;
  /** The median of `Comparison.moved`. */
  readonly moved: number;
  /** A person had been asked, and said yes: prices are where people know them to be. */
  readonly accepted: boolean;
}

/** How far a load may go by itself. Wide enough for restocks, sales and a new price list; shares and ratios. */
export interface DecisionBounds {
  readonly errorShare: number;
  readonly quarantinedShare: number;
  readonly changedShare: number;
  readonly leaptShare: number;
  readonly removedShare: number;
  readonly addedShare: number;
  /** Of the median price of stones in both loads; either way. */
  readonly moved: number;
  /** Of what new stones cost against their cells; either way. */
  readonly placed: number;
  readonly value: number;
  /** Of the median price over `driftMs`; either way. */
  readonly drift: number;
  readonly driftMs: number;
}

const WEEK_MS = 7 * 24 * 3_600_000;

const DECISION_BOUNDS: DecisionBounds = {
  errorShare: 0.02,
  quarantinedShare: 0.03,
  changedShare: 0.005,
  leaptShare: 0.01,
  removedShare: 0.35,
  addedShare: 0.5,
  moved: 1.15,
  placed: 1.6,
  value: 1.6,
  drift: 1.25,
  driftMs: 8 * WEEK_MS,
};

/** New stones say something about where they are placed from so many on. */
const ENOUGH_NEW = 30;
/** Cents for dollars, or the other way round, with room for what prices did meanwhile. */
const UNIT_FROM = 50;
const UNIT_TO = 200;

/** How far a ratio lies from 1, whichever way. */
const away = (ratio: number): number => (ratio === 0 ? Infinity : Math.max(ratio, 1 / ratio));
const least = (shares: readonly number[]): number => (shares.length === 0 ? 0 : Math.min(...shares));
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Decides about a load beside the loads that were published, oldest first; `now`: when it came. */
export function decide(
  loaded: Loaded,
  good: readonly GoodLoad[],
  now: number,
  bounds: DecisionBounds = DECISION_BOUNDS,
): Decision {
  const { comparison: c } = loaded;
  const last = good.at(-1);
  const holds: Hold[] = [];
  const hold = (reason: HoldReason, figure: number, bound: number): void =>
    void (figure > bound && holds.push({ reason, figure, bound }));
  const both = c.before - c.removed;

  if (c.rows === 0) holds.push({ reason: 'empty', figure: 0, bound: 1 });
  // Nothing to compare with: there was none, or it can no longer be read.
  if (last === undefined || c.before === 0) {
    if (c.rows > 0) holds.push({ reason: 'first', figure: c.rows, bound: 0 });
  } else {
    // The very last one again is a provider with nothing new; an older one is somebody's copy.
    const age = good.length - good.findLastIndex((one) => one.sha256 === loaded.sha256);
    if (age <= good.length) hold('replayed', age, 1);
    hold('changed-stones', share(c.changed, both), bounds.changedShare);
    hold('leaps', share(c.leapt, both), bounds.leaptShare);
    hold('fewer', share(c.removed, c.before), bounds.removedShare);
    hold('more', share(c.added, c.rows), bounds.addedShare);
    if (both > 0) {
      const [, median] = c.moved;
      const isUnit = away(median) >= UNIT_FROM && away(median) <= UNIT_TO;
      hold(isUnit ? 'unit' : 'prices', away(median), bounds.moved);
      hold('drift', away(driftOf(good, median, now - bounds.driftMs)), bounds.drift);
    }
    if (c.added >= ENOUGH_NEW) hold('new-stones', away(c.placed[1]), bounds.placed);
    hold('value', away(share(c.value, c.valueBefore)), bounds.value);
  }
  const known = sinceAccepted(good);
  const [errorsBefore, quarantinedBefore] = [
    least(known.map((one) => one.errorShare)),
    least(known.map((one) => one.quarantinedShare)),
  ];
  hold('unreadable-rows', share(loaded.errors, loaded.read) - errorsBefore, bounds.errorShare);
  hold('quarantined', share(c.quarantined, c.rows) - quarantinedBefore, bounds.quarantinedShare);
  const weight = (one: Hold): number => HOLD_REASONS.indexOf(one.reason);
  return {
    outcome: holds.length === 0 ? 'publish' : 'hold',
    holds: holds.toSorted((a, b) => weight(a) - weight(b)),
  };
}

/** How far prices have gone since `since`, or since a person said yes, this load's step included: what no single step shows. */
function driftOf(good: readonly GoodLoad[], median: number, since: number): number {
  return sinceAccepted(good)
    .filter((one) => one.at >= since && !one.accepted)
    .reduce((product, one) => product * one.moved, median);
}

/** The load that a person last said yes to, and those that went by themselves since: what grows by small steps is measured against all of them. */
function sinceAccepted(good: readonly GoodLoad[]): readonly GoodLoad[] {
  return good.slice(
    Math.max(
      0,
      good.findLastIndex((one) => one.accepted),
    ),
  );
}

/** What is remembered of a load once it is published; `accepted`: because a person said yes. */
export function remembered(
  { comparison, errors, read, sha256 }: Loaded,
  at: number,
  accepted: boolean,
): GoodLoad {
  return {
    sha256,
    at,
    errorShare: share(errors, read),
    quarantinedShare: share(comparison.quarantined, comparison.rows),
    moved: comparison.moved[1],
    accepted,
  };
}
