// What happened at the edge, in plain words.

/** Why a request was refused; by the words that edges use. */
const WHY_TEXT: Readonly<Record<string, string>> = {
  'bad-message': 'It was not HTTP as it must be: servers could have read it in two ways.',
  'bad-path': 'Its address was written so that servers could read different things in it.',
  'bad-host': 'It did not say clearly which site it was for.',
  'bad-header': 'A header could have been read in two ways.',
  'bad-version': 'It spoke a version of HTTP that is not served.',
  'bad-body': 'Its body broke off.',
  'unknown-host': 'No route is for that host.',
  'beside-proxy': 'It came past the proxies that stand in front, to the edge’s own address.',
  'no-route': 'No route is for that path.',
  'wrong-method': 'The route does not allow that method.',
  'too-large': 'It was larger than the route allows.',
  'no-proof': 'It did not say who was calling.',
  'bad-proof': 'What it brought to prove itself was not good.',
  'stale-proof': 'What it brought to prove itself had ended.',
  repeated: 'The delivery had been taken before, and was not passed on again.',
  'scope-missing': 'The caller is known, but may not do this.',
  'proof-undecided': 'Who was calling could not be decided, so nobody was let in.',
  'over-limit': 'There were more requests than the limit allows.',
  'locked-out': 'Too many tries failed before; it is locked for a while.',
  'not-allowed': 'The list of what the route lets through does not have it.',
  firewall: 'It looked like an attack.',
  'not-inspected': 'It could not be inspected whole, and the route lets nothing pass that was not.',
  'graphql-bound': 'The query asked for too much at once.',
  'no-upgrade': 'The route has no WebSockets, or a foreign page asked for one.',
  overloaded: 'The edge had more to do than it could.',
  'upstream-unreachable': 'The shop’s own server did not answer.',
  'upstream-malformed': 'The shop’s own server answered in a way that could not be passed on.',
  'upstream-too-slow': 'The shop’s own server took too long.',
  'leak-blocked': 'The answer held something that must not go out.',
  'no-policy': 'The edge had no policy yet.',
  'route-held': 'The route’s newest rule cannot be worked with, and there is none before it.',
  'switched-off': 'The connection to the third party is switched off.',
  'not-listed': 'That address of the third party is not on the list.',
  'answer-too-large': 'The third party’s answer was larger than allowed.',
  'not-recorded': 'The call could not be recorded, so it was not made.',
};

const LEAK_TEXT: Readonly<Record<string, string>> = {
  'card-number': 'a card number',
  secret: 'a secret',
  'stack-trace': 'an error’s inner details',
};

/** Whose sentence says it all. */
const PLAIN_WHY: ReadonlySet<string> = new Set([
  'no-proof',
  'locked-out',
  'wrong-method',
  'repeated',
  'firewall',
]);

/** One event of a request in a sentence. */
export function trafficSentence(body: Readonly<Record<string, unknown>>): string {
  const { why, detail, leaks, misfit, firewall, locks, cut, left } = body;
  if (typeof why === 'string') {
    const says = WHY_TEXT[why] ?? 'It was refused.';
    return typeof detail === 'string' && !PLAIN_WHY.has(why) ? `${says} (${detail})` : says;
  }
  const parts: string[] = [];
  if (Array.isArray(leaks))
    parts.push(
      `The answer held ${leaks.map((leak) => LEAK_TEXT[String(leak)] ?? String(leak)).join(' and ')}.`,
    );
  if (typeof firewall === 'object' && firewall !== null && 'would' in firewall)
    parts.push(`The firewall would have refused it: ${WHY_TEXT[String(firewall.would)] ?? ''}`);
  if (typeof misfit === 'string') parts.push(`The list would have refused it: ${misfit}.`);
  if (Array.isArray(locks) && locks.length > 0) parts.push('It was one failed try too many: locked.');
  if (left === true) parts.push('The caller went away before the end.');
  else if (cut === true) parts.push('The answer broke off.');
  return parts.join(' ');
}

/** Why a certificate could not be ordered, by the types of RFC 8555, section 6.7. */
const ORDERING_TEXT: Readonly<Record<string, string>> = {
  unreachable: 'The certificate authority could not be reached.',
  unreadable: 'The certificate authority answered something that could not be read.',
  timeout: 'The certificate authority took too long.',
  unwritten: 'The certificate could not be written down: see the disk, and the log of the edge.',
  dns: 'The name leads nowhere: it has no address in the DNS yet.',
  connection: 'The authority could not reach this machine at that name: port 80 must lead here.',
  unauthorized: 'At that name something else answered: it does not lead here, or not port 80.',
  caa: 'The name’s CAA record does not allow this authority.',
  rateLimited: 'The authority has had too many orders for this name lately.',
  rejectedIdentifier: 'The authority does not certify this name.',
  externalAccountRequired: 'This authority wants an account made beforehand, which Loupe cannot use yet.',
};

export function orderingText(problem: string): string {
  return ORDERING_TEXT[problem] ?? `The authority refused (${problem}).`;
}
