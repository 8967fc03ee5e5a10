import type { CheckText } from './checks.ts';

/** Feeds of stones, in plain words. */
export const FEED_CHECK_TEXT: Readonly<Record<string, CheckText>> = {
  'feed.plugged': {
    title: 'Every feed comes through Loupe',
    holds: 'What fills the shop comes through Loupe: {feeds}.',
    short: '{name} fills the shop, and not through Loupe.',
    mend: 'Plug it in under “Feeds”, or retire it in the register.',
  },
  'feed.fresh': {
    title: 'Stones are as of today',
    holds: 'The last load of {provider} is as fresh as its schedule.',
    short: {
      failing: '{provider} failed {times} times in a row; its stones are old.',
      other: 'The stones of {provider} are older than its schedule.',
    },
    mend: 'See “Feeds” for why: a load that waits, credentials, the provider.',
  },
  'feed.assessed': {
    title: 'The provider is assessed',
    holds: 'Somebody has assessed {provider}, and the decision is in date.',
    short: {
      'unknown-party': '{provider} is not in the register of third parties.',
      other: 'Nobody has decided about {provider}, or the decision has ended.',
    },
    mend: 'Enter the provider under “Third parties”, with its hosts, and decide about it.',
  },
  'feed.transport': {
    title: 'Feeds come encrypted',
    holds: '{provider} is reached over {protocol}, and proves who it is.',
    short: {
      plain: '{provider} comes without TLS; somebody takes that upon them for {days} more days.',
      other: 'The certificate of {host} has {days} days left.',
    },
    mend: 'Tell the provider; until then its feed can be switched off.',
  },
  'feed.hosts': {
    title: 'Feeds come from their providers’ own hosts',
    holds: '{provider} is asked at its own hosts and nowhere else.',
    short: 'An answer of {provider} came from {host}, which is not one of its hosts.',
    mend: 'Switch the feed off, and ask the provider.',
  },
  'feed.sign-in': {
    title: 'Providers know who asks',
    holds: 'What signs in for {provider} stands in no address.',
    short: {
      address: '{provider} wants its key in the address, where logs of others may keep it.',
      other: '{provider} gives its list to anybody who asks.',
    },
    mend: 'Ask the provider for a way to sign in that keeps the key out of the address.',
  },
  'feed.interface': {
    title: 'Feeds use interfaces that their providers keep',
    holds: '{provider} is asked through an interface that nothing newer has replaced.',
    short: '{provider} is an older interface; the provider’s newer one is {newer}.',
    mend: 'Plug in the newer one under “Feeds”, and take this one away.',
  },
  'feed.credentials': {
    title: 'Credentials of feeds are young and sealed',
    holds: 'What signs in at {provider} is sealed and not old.',
    short: 'What signs in at {provider} is {days} days old.',
    mend: 'Have the provider renew it, and change it under “Feeds”.',
  },
  'feed.checked': {
    title: 'Every stone is checked before it is shown',
    holds: 'Every stone of {provider} was checked; {quarantined} are kept out.',
    short: 'More than a tenth of the stones of {provider} cannot be as they say: {quarantined} are kept out.',
    mend: 'Show the provider what was found, under “Feeds”.',
  },
  'feed.answered': {
    title: 'Held loads are looked at',
    holds: 'No load of {provider} waits for longer than a day.',
    short: 'A load of {provider} has waited for {days} days.',
    mend: 'Look at it under “Feeds”, and take it or keep what is there.',
  },
  'feed.switch': {
    title: 'The switch of the feed works',
    holds: 'The switch of {provider} was tried within three months.',
    short: {
      never: 'Nobody has ever tried the switch of {provider}.',
      other: 'Nobody has tried the switch of {provider} for three months.',
    },
    mend: 'Switch the feed off and on again at a quiet hour.',
  },
};
