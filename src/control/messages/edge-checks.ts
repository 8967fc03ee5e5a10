import type { CheckText } from './checks.ts';

/** What stands at the edge, in plain words. */
export const EDGE_CHECK_TEXT: Readonly<Record<string, CheckText>> = {
  'edge.routes': {
    title: 'Every route asks who calls',
    holds: 'All {routes} routes ask who calls, or are open on purpose ({open}), with a name and a reason.',
    short: 'A route asks nobody.',
    mend: 'Give each route a proof, or say who answers for its being open.',
  },
  'edge.refuses': {
    title: 'Nobody gets in without a proof',
    holds: 'Loupe tried to get in without a proof, with a forged token and a made-up key: all refused.',
    short: 'Loupe got into “{route}” without a proof.',
    mend: 'Look at the route’s proofs now; take the route away until it refuses.',
  },
  'edge.tls': {
    title: 'The edge’s own certificates',
    holds: 'The edge’s certificates are good for weeks.',
    short: {
      plain: 'The edge listens on {host} without TLS.',
      none: 'The edge speaks TLS and has no certificate.',
      other: 'The certificate for {name} has {days} days left.',
    },
    mend: 'Give the edge certificates for its names, and let them renew by themselves.',
  },
  'edge.keys': {
    title: 'Keys and secrets are young and used',
    holds: 'No key or client secret is old or lies about unused.',
    short: {
      old: 'The secret of “{name}” is {days} days old.',
      other: '“{name}” was not used for three months.',
    },
    mend: 'Renew what is older than half a year, end what nobody uses.',
  },
  'edge.outbound': {
    title: 'Calls to third parties are encrypted',
    holds: 'Calls go out over {protocol}, and the certificate is good for {days} days.',
    short: 'The third party’s certificate has {days} days left.',
    mend: 'Tell the third party that its certificate is about to end.',
  },
  'edge.current': {
    title: 'Every edge runs the newest policy',
    holds: 'Every edge is there and runs what was last decided.',
    short: {
      silent: 'No edge has been heard of for a minute.',
      held: '{edge} cannot work with part of the newest policy.',
      other: '{edge} does not run the newest policy.',
    },
    mend: 'See “Edge” in the console for what it says, and the log of that edge.',
  },
  'edge.beside': {
    title: 'Nobody comes past the proxies in front',
    holds: 'Only the listed proxies (a CDN) are served; whoever comes past them is refused.',
    short: 'Proxies stand in front, and the edge serves those who come past them too.',
    mend: 'Set edge.onlyProxies in the config, or let the firewall of the hosting pass the proxies’ networks alone.',
  },
  'edge.limits': {
    title: 'A limit limits',
    holds: 'Loupe asked too often and was refused; every route has a limit.',
    short: {
      unlimited: 'The route “{route}” has no limit.',
      other: 'Loupe asked too often and was not refused.',
    },
    mend: 'Give every route a limit by address; look at the log of the edge if a limit does not hold.',
  },
  'edge.lockout': {
    title: 'A lock-out locks',
    holds: 'Loupe gave wrong passwords, and was locked out as it should be.',
    short: 'Loupe gave wrong passwords and was not locked out.',
    mend: 'Look at the log of the edge.',
  },
  'edge.leaks': {
    title: 'Card numbers do not leave',
    holds: 'A test card number in an answer was hidden.',
    short: 'A test card number in an answer was not hidden.',
    mend: 'Look at the response rules of the routes and the log of the edge.',
  },
  'firewall.blocks': {
    title: 'The firewall blocks on every route',
    holds: 'The firewall blocks on all {routes} routes; {exclusions} exclusions were made by hand.',
    short: {
      watch: 'On the route “{route}” the firewall only watches.',
      other: 'On the route “{route}” the firewall is off.',
    },
    mend: 'Set the firewall of each route to block; make an exclusion where it stops something honest.',
  },
  'firewall.rules': {
    title: 'The firewall’s rules are young',
    holds: 'Requests are inspected by the rules “{name}” {version}, which are {days} days old.',
    short: 'The firewall’s rules “{name}” {version} are {days} days old.',
    mend: 'Bring Loupe to its newest release, or install newer rules.',
  },
  'firewall.attack': {
    title: 'An attack is stopped',
    holds: 'Loupe sent this attack to its own edge on {routes} routes, and each was stopped.',
    short: 'Loupe sent this attack to “{route}”, and it was not stopped.',
    mend: 'See whether the route’s firewall blocks, and which exclusions it has.',
  },
  'edge.told': {
    title: 'Nothing at the edge goes untold',
    holds: 'Every event that edges numbered has arrived.',
    short: '{missed} events of the last week are missing.',
    mend: 'Look at disk space where the edge runs; the gap itself stays stated.',
  },
};
