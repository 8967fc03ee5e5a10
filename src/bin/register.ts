import { ASK_WORD, OUTCOME_WORD, STANDING_WORD } from '@loupe/contract/words';
import { observationText, type RegisterListing } from '#control';
import { steadyClock } from '#kernel';
import { lookAtVendor, readTarget, type VendorLook } from '#look';
import { openOutbound } from '#outbound';
import type { Settings } from './settings.ts';
import { readSamples } from './samples.ts';
import { samplesFile, USER_AGENT } from './settings.ts';

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The register of a shop for a terminal: strangers first. */
export function registerText(listing: RegisterListing): string {
  const vendors = listing.vendors.filter((vendor) => vendor.standing !== 'retired');
  return [
    `${listing.host} (${listing.shop})`,
    ...listing.strangers.map((one) => `  ✕ nobody's: ${one.name} (${one.kind})`),
    ...vendors.map(
      (vendor) =>
        `  ${vendor.name.padEnd(24)} ${STANDING_WORD[vendor.standing]}${vendor.until === null ? '' : `, until ${day(vendor.until)}`}`,
    ),
    ...(vendors.length + listing.strangers.length === 0 ? ['  nobody yet'] : []),
    '',
  ].join('\n');
}

/** What was asked for a shop, newest first. */
export function asksText(listing: RegisterListing): string {
  return [
    `${listing.host} (${listing.shop})`,
    ...listing.asks.map(
      (ask) => `  ${day(ask.madeAt)} ${ask.title}: ${ASK_WORD[ask.state]} (${ask.answered} answered)`,
    ),
    ...(listing.asks.length === 0 ? ['  nothing yet'] : []),
    '',
  ].join('\n');
}

/** Whether somebody has something to do: a stranger, or a third party without a decision in date. */
export function isInOrder({ strangers, vendors }: RegisterListing): boolean {
  const open = vendors.some((vendor) => ['unassessed', 'overdue'].includes(vendor.standing));
  return strangers.length === 0 && !open;
}

/** Looks at a third party's hosts once; nothing is stored. */
export async function lookAtHosts(
  settings: Settings,
  hosts: readonly string[],
  apiHosts: readonly string[],
  allow: readonly string[],
): Promise<VendorLook> {
  // What is no host is refused before anything is asked.
  const names = [...hosts, ...apiHosts].map((host) => readTarget(host).host);
  const samples = readSamples(samplesFile(settings));
  const sample = samples.find(({ reach }) => names.some((name) => `${name}:443` in reach.connectTo));
  const reach =
    names.map((name) => settings.reach[name]).find((found) => found !== undefined) ?? sample?.reach;
  const outbound = openOutbound({
    allowNetworks: allow,
    extraCa: [],
    resolver: null,
    connectTo: {},
    ...reach,
    userAgent: USER_AGENT,
  });
  return await lookAtVendor(outbound, { hosts, apiHosts }, { clock: steadyClock() });
}

export function vendorLookText(look: VendorLook): string {
  return look.findings
    .filter((finding) => finding.outcome !== 'not-applicable')
    .map((finding) => {
      const observation = { ...finding, id: '', shop: '', evidence: null };
      return `${OUTCOME_WORD[finding.outcome].padEnd(12)} ${finding.subject}: ${observationText(observation)}`;
    })
    .join('\n');
}
