/**
 * Everything that is wrong in the sample world, one switch each. All are on as it comes, since a first look should find
 * something; with all off, a look finds nothing.
 */
const WEAKNESSES = {
  // Seen from outside, at the self-hosted shop.
  'old-tls': 'The shop accepts TLS 1.0 and 1.1.',
  'null-suite': 'The shop accepts a suite without encryption.',
  'no-redirect': 'http does not lead to https.',
  'no-hsts': 'No Strict-Transport-Security.',
  'no-csp': 'No Content-Security-Policy.',
  'no-framing': 'The shop can be framed.',
  'no-nosniff': 'Browsers may guess content types.',
  'weak-cookies': 'The session cookie lacks Secure and HttpOnly.',
  banner: 'Headers tell the versions of server and language.',
  'no-security-txt': 'No security.txt.',
  'mixed-content': 'A picture comes over http.',
  'clear-login': 'The sign-in form goes over http.',
  'old-library': 'An old jQuery with known flaws.',
  'no-spf': 'No SPF record.',
  'dmarc-none': 'DMARC only watches.',
  'no-dkim': 'No DKIM key under a usual selector.',
  'no-mta-sts': 'No MTA-STS.',
  'no-caa': 'Any authority may issue certificates.',
  'no-dnssec': 'The zone is not signed.',
  'open-origin': 'The server answers beside its CDN.',
  // Seen from outside, at the hosted shop.
  'hosted-no-dmarc': 'The hosted shop has no DMARC record.',
  // At a third party of the self-hosted shop.
  'careless-party': 'A script host with TLS 1.0 only, an expired certificate, no HSTS and an old jQuery UI.',
  // In the /legacy corner of the self-hosted shop, for attack tools.
  'legacy-sql': 'Search joins its input into SQL.',
  'legacy-xss-reflected': 'Search echoes its input as markup.',
  'legacy-xss-stored': 'The guest book shows entries as markup.',
  'legacy-traversal': 'Certificates are read from any path.',
  'legacy-orders': 'Orders can be read by counting.',
} as const;

export type Weakness = keyof typeof WEAKNESSES;

export const ALL_WEAKNESSES: ReadonlySet<Weakness> = new Set(Object.keys(WEAKNESSES).filter(isWeakness));

export function isWeakness(name: string): name is Weakness {
  return Object.hasOwn(WEAKNESSES, name);
}
