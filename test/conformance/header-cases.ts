export interface HeaderCase {
  readonly name: string;
  readonly answers: readonly (readonly [name: string, value: string])[];
  /** What plain http does: leads to https at once, after a detour over http, answers, or is closed. */
  readonly plain: 'redirect' | 'twice' | 'answers' | 'closed';
  readonly status?: number;
}

const HSTS = ['strict-transport-security', 'max-age=31536000; includeSubDomains'] as const;
const CSP = [
  'content-security-policy',
  "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
] as const;
const FRAME = ['x-frame-options', 'DENY'] as const;
const SNIFF = ['x-content-type-options', 'nosniff'] as const;
const SOUND = [HSTS, CSP, FRAME, SNIFF];

/** A sound server but for these headers: those of the same names give way. */
function but(
  name: string,
  answers: HeaderCase['answers'],
  plain: HeaderCase['plain'] = 'redirect',
  status?: number,
): HeaderCase {
  const given = new Set(answers.map(([header]) => header));
  const rest = SOUND.filter(([header]) => !given.has(header));
  const kept = answers.filter(([, value]) => value !== '');
  return { name, answers: [...rest, ...kept], plain, ...(status === undefined ? {} : { status }) };
}

const csp = (name: string, policy: string): HeaderCase =>
  but(`CSP: ${name}`, [['content-security-policy', policy]]);
const cookie = (name: string, ...values: string[]): HeaderCase =>
  but(
    `cookie: ${name}`,
    values.map((value) => ['set-cookie', value] as const),
  );

/** Web servers, each with its own fault, and sound ones between them. An empty value leaves a header out. */
export const HEADER_CASES: readonly HeaderCase[] = [
  but('nothing wrong', []),
  { name: 'nothing right', answers: [], plain: 'answers' },
  but('http leads to https by 302', [], 'redirect', 302),
  but('http leads to https by 308', [], 'redirect', 308),
  but('http is closed', [], 'closed'),
  but('http answers', [], 'answers'),
  but('http leads to http first', [], 'twice'),
  but('no HSTS', [['strict-transport-security', '']]),
  but('HSTS for half a year', [['strict-transport-security', 'max-age=15768000']]),
  but('HSTS for 180 days, to the second', [['strict-transport-security', 'max-age=15552000']]),
  but('HSTS for a second less', [['strict-transport-security', 'max-age=15551999']]),
  but('HSTS for a day', [['strict-transport-security', 'max-age=86400']]),
  but('HSTS switched off', [['strict-transport-security', 'max-age=0']]),
  but('HSTS without a time', [['strict-transport-security', 'includeSubDomains']]),
  but('HSTS of nonsense', [['strict-transport-security', 'yes please']]),
  but('HSTS twice', [
    ['strict-transport-security', 'max-age=31536000'],
    ['strict-transport-security', 'max-age=31536000'],
  ]),
  but('HSTS in capitals', [['strict-transport-security', 'MAX-AGE=31536000; PRELOAD']]),
  but('no CSP', [['content-security-policy', '']]),
  csp(
    'unsafe-inline scripts',
    "default-src 'self'; script-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'",
  ),
  csp(
    'unsafe-inline beside a nonce',
    "default-src 'none'; script-src 'nonce-cmFuZG9tMTIzNDU2' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  ),
  csp('unsafe-eval', "default-src 'none'; script-src 'self' 'unsafe-eval'; frame-ancestors 'none'"),
  csp('any host', "default-src *; frame-ancestors 'none'"),
  csp('any https host', "default-src https:; frame-ancestors 'none'"),
  csp('data: scripts', "default-src 'none'; script-src 'self' data:; frame-ancestors 'none'"),
  csp('only frame-ancestors', "frame-ancestors 'none'"),
  csp('no script source', "img-src 'self'; frame-ancestors 'none'"),
  csp('any object', "script-src 'self'; frame-ancestors 'none'"),
  csp('named hosts', "default-src 'none'; script-src 'self' cdn.vendor.test; frame-ancestors 'none'"),
  csp(
    'a hash',
    "default-src 'none'; script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; frame-ancestors 'none'",
  ),
  csp(
    'inline styles alone',
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  ),
  csp(
    'strict-dynamic with a nonce',
    "default-src 'none'; script-src 'nonce-cmFuZG9tMTIzNDU2' 'strict-dynamic' https: 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  ),
  csp(
    'strict-dynamic without a nonce',
    "default-src 'none'; script-src 'strict-dynamic'; frame-ancestors 'none'",
  ),
  csp('any host by a scheme', "default-src 'none'; script-src https://*; frame-ancestors 'none'"),
  csp('unsafe-inline by default-src', "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'"),
  csp('everything by *', "default-src * 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'"),
  csp('self alone', "default-src 'self'; frame-ancestors 'none'"),
  csp('an http source', "default-src 'none'; script-src http://cdn.vendor.test; frame-ancestors 'none'"),
  but('CSP that only reports', [
    ['content-security-policy', ''],
    ['content-security-policy-report-only', "default-src 'none'"],
  ]),
  but('framing allowed', [
    ['content-security-policy', "default-src 'none'; script-src 'self'"],
    ['x-frame-options', ''],
  ]),
  but('framing barred by X-Frame-Options', [
    ['content-security-policy', "default-src 'none'; script-src 'self'"],
    ['x-frame-options', 'sameorigin'],
  ]),
  but('framing: ALLOWALL', [
    ['content-security-policy', "default-src 'none'; script-src 'self'"],
    ['x-frame-options', 'ALLOWALL'],
  ]),
  but('framing barred by CSP alone', [['x-frame-options', '']]),
  but('no nosniff', [['x-content-type-options', '']]),
  but('nosniff in capitals', [['x-content-type-options', 'NOSNIFF']]),
  but('nosniff of nonsense', [['x-content-type-options', 'none']]),
  cookie('sound', '__Host-session=a; Path=/; Secure; HttpOnly; SameSite=Lax'),
  cookie('session without Secure', 'session=a; Path=/; HttpOnly'),
  cookie('session without HttpOnly', 'session=a; Path=/; Secure'),
  cookie('another without Secure', 'theme=dark; Path=/'),
  cookie('a good one and a bad one', 'theme=dark; Path=/; Secure', 'login=a; Path=/; HttpOnly'),
  cookie('another, secured', 'theme=dark; Path=/; Secure'),
];
