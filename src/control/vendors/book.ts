// Everything about a shop's third parties at one moment: what pages, answers and the register's own checks are made from.
import type { Connection, Decision, Ending, Exception, Paper, Score, Vendor } from '@loupe/contract';
import type { Clock } from '#kernel';
import { partyOf } from '#look';
import type { Observation } from '#plane';
import type { Observations } from '../looks/observations.ts';
import { observationSentence, withNames } from '../messages/answers.ts';
import { GATE_TEXT } from '../messages/vendors.ts';
import { type Connections, vendorFor } from './connections.ts';
import { decidedOf, type Decisions, exceptedOf } from './decisions.ts';
import { endingsOf } from './endings.ts';
import { gateOf, vendorStanding } from './gate.ts';
import type { Papers } from './papers.ts';
import { givenOf, type Register, type VendorRow } from './register.ts';
import { scoreOf } from './score.ts';

export interface BookVendor {
  readonly row: VendorRow;
  readonly view: Vendor;
  readonly score: Score;
  /** Its own observations, the newest of each, fresh or not. */
  readonly observations: readonly Observation[];
  readonly papers: readonly Paper[];
  /** Newest first. */
  readonly decisions: readonly Decision[];
}

export interface BookPage {
  readonly vendors: readonly BookVendor[];
  readonly connections: readonly Connection[];
  readonly exceptions: readonly Exception[];
  /** What ends within a month, or has. */
  readonly endings: readonly Ending[];
}

export interface VendorBook {
  of(shopId: string): Promise<BookPage>;
}

export interface VendorBookOptions {
  readonly register: Register;
  readonly connections: Connections;
  readonly decisions: Decisions;
  readonly papers: Papers;
  readonly observations: Observations;
  readonly clock: Clock;
  /** Names of people, by their ids. */
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Whether an observation is about this vendor: one of its hosts, or itself. */
export function isAbout(observation: Observation, vendor: VendorRow): boolean {
  const { subject, check } = observation;
  if (check.startsWith('provider.')) return subject === vendor.id;
  return check.startsWith('vendor.') && (vendor.hosts.includes(subject) || vendor.apiHosts.includes(subject));
}

export function openVendorBook(options: VendorBookOptions): VendorBook {
  const { register, connections, decisions, papers, observations, clock } = options;
  return {
    async of(shopId) {
      const now = clock.now();
      const [rows, plugged, decided, excepted, onFile, newest] = await Promise.all([
        register.list(shopId),
        connections.list(shopId),
        decisions.list(shopId),
        decisions.exceptions(shopId),
        papers.list(shopId),
        observations.newest(shopId),
      ]);
      const vendorNames = new Map(rows.map((row) => [row.id, row.name]));
      const names = await options.namesOf(decided.map((decision) => decision.by));
      const exceptions = excepted.map(exceptedOf);
      const vendors = rows.map((row): BookVendor => {
        const own = newest.filter((observation) => isAbout(observation, row));
        const ownPapers = onFile.filter((paper) => paper.vendor === row.id);
        const ownDecisions = decided.filter((decision) => decision.vendor_id === row.id);
        const given = givenOf(row);
        const standing = vendorStanding(
          { id: row.id, retiredAt: row.retired_at },
          ownDecisions.map(decidedOf),
          exceptions,
          now,
        );
        const score = scoreOf({
          vendor: given,
          observations: own.filter((observation) => observation.validUntil > now),
          papers: ownPapers,
          sentenceOf: (observation) => observationSentence(withNames(observation, vendorNames)),
        });
        const views = ownDecisions.map((decision): Decision => {
          const then: Score = JSON.parse(decision.score);
          return {
            id: decision.id,
            verdict: decision.verdict,
            conditions: decision.conditions,
            by: names.get(decision.by) ?? '',
            at: decision.at,
            until: decision.until,
            points: then.earned,
            of: then.earned + then.lost,
            unknown: then.unknown,
          };
        });
        return {
          row,
          score,
          observations: own,
          papers: ownPapers,
          decisions: views,
          view: {
            ...given,
            id: row.id,
            standing,
            decision: views[0] ?? null,
            reviewAt: views[0]?.until ?? null,
            lookedAt: row.looked_at,
            madeAt: row.made_at,
          },
        };
      });
      const byId = new Map(vendors.map((vendor) => [vendor.row.id, vendor]));
      const views = plugged.map((row): Connection => {
        const vendor = byId.get(row.vendor_id ?? '');
        const gate = gateOf({ id: row.id }, vendor?.view.standing ?? null, exceptions, now);
        return {
          id: row.id,
          kind: row.kind,
          name: row.name,
          vendor: row.vendor_id,
          vendorName: vendor?.row.name ?? null,
          suggestion:
            vendor === undefined
              ? (vendorFor(row.name, rows)?.name ?? partyOf(row.name)?.name ?? null)
              : null,
          origin: row.origin,
          state: row.state,
          firstSeenAt: row.first_seen_at,
          lastSeenAt: row.last_seen_at,
          gone: row.gone_at !== null,
          evidence: row.evidence,
          gate: { open: gate.open, why: GATE_TEXT[gate.why] },
        };
      });
      const page = {
        vendors,
        connections: views,
        exceptions: excepted.map((row) => ({
          id: row.id,
          about: row.about,
          aboutId: row.about_id,
          name:
            row.about === 'vendor'
              ? (byId.get(row.about_id)?.row.name ?? '')
              : (plugged.find((connection) => connection.id === row.about_id)?.name ?? ''),
          reason: row.reason,
          owner: row.owner,
          until: row.until,
          at: row.at,
        })),
      };
      return { ...page, endings: endingsOf(page, now) };
    },
  };
}
