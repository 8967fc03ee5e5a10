import { EDGE_CHECK_TEXT } from './edge-checks.ts';
import { FEED_CHECK_TEXT } from './feed-checks.ts';

/** What a check says in plain words. `{name}` stands for a fact of the observation; a missing fact is a fault a test finds. */
export interface CheckText {
  readonly title: string;
  readonly holds: string;
  /** By the fact `why`, `problem` or `how`; `other` where none fits. */
  readonly short: string | { readonly [why: string]: string };
  readonly mend: string;
}

export const CHECK_TEXT: Readonly<Record<string, CheckText>> = {
  ...EDGE_CHECK_TEXT,
  ...FEED_CHECK_TEXT,
  'tls.versions': {
    title: 'Only modern TLS',
    holds: 'The server speaks {accepted} and nothing older.',
    short: 'The server still accepts {old}, which can be broken.',
    mend: 'Switch off everything below TLS 1.2 in the web server or CDN.',
  },
  'tls.suites': {
    title: 'Only strong ciphers',
    holds: 'No weak cipher was accepted.',
    short: 'The server accepts weak ciphers: {suites}.',
    mend: 'Take a current cipher list, such as Mozilla’s intermediate one.',
  },
  'tls.certificate': {
    title: 'Trusted certificate',
    holds: 'The certificate is for this name and from a trusted authority.',
    short: {
      ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another name: browsers warn every visitor.',
      DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is self-signed: browsers warn every visitor.',
      'connection-refused': 'The shop does not answer over https at all.',
      'tls-failed': 'No secure connection could be made.',
      other: 'Browsers do not trust the certificate ({problem}).',
    },
    mend: 'Get a certificate for this name from a public authority, with its whole chain.',
  },
  'tls.expiry': {
    title: 'Certificate in date',
    holds: 'The certificate is good for weeks.',
    short: 'The certificate has {days} days left.',
    mend: 'Renew the certificate, and let the renewal run by itself.',
  },
  'http.redirect': {
    title: 'http leads to https',
    holds: 'Whoever types the name without https still arrives securely.',
    short: {
      late: 'http leads to https only after another step that anybody in between can change.',
      other: 'The site can be used over http, where anybody in between reads along.',
    },
    mend: 'Redirect every http address to https.',
  },
  'http.hsts': {
    title: 'Browsers insist on https',
    holds: 'Browsers are told to insist on https.',
    short: {
      missing: 'Browsers are not told to insist on https.',
      short: 'Browsers are told to insist on https for {days} days only.',
    },
    mend: 'Send Strict-Transport-Security with max-age=31536000.',
  },
  'http.csp': {
    title: 'Scripts limited to known sources',
    holds: 'Browsers run only scripts from named sources.',
    short: {
      missing: 'Nothing limits which scripts run in the pages.',
      weak: 'The limit on scripts has a hole: {part}.',
    },
    mend: 'Send a Content-Security-Policy that names the script sources; begin in report-only.',
  },
  'http.framing': {
    title: 'Pages cannot be framed',
    holds: 'Other sites cannot put the pages in a frame.',
    short: 'Other sites can put the pages in a frame and steal clicks.',
    mend: 'Send Content-Security-Policy: frame-ancestors ’self’.',
  },
  'http.nosniff': {
    title: 'No guessing of file types',
    holds: 'Browsers take files for what they are.',
    short: 'Browsers may take an uploaded picture for a script.',
    mend: 'Send X-Content-Type-Options: nosniff.',
  },
  'http.cookies': {
    title: 'Cookies protected',
    holds: 'Cookies are sent securely only.',
    short: 'Cookies that scripts or eavesdroppers can read: {cookies}.',
    mend: 'Set Secure and HttpOnly on every session cookie.',
  },
  'http.banner': {
    title: 'Versions not advertised',
    holds: 'The server does not advertise its versions.',
    short: 'The server tells everybody its version: {banner}.',
    mend: 'Hide versions in Server and X-Powered-By, and check that they are current.',
  },
  'web.security-txt': {
    title: 'A way to report weaknesses',
    holds: 'Whoever finds a weakness can see whom to tell.',
    short: {
      missing: 'Whoever finds a weakness cannot see whom to tell.',
      'no-expiry': 'The file that says whom to tell has no date.',
      expired: 'The file that says whom to tell is out of date.',
    },
    mend: 'Put /.well-known/security.txt in place with Contact and Expires.',
  },
  'pages.mixed': {
    title: 'Nothing over http in pages',
    holds: 'Everything in the pages comes over https.',
    short: 'Parts of the pages come over http.',
    mend: 'Load pictures, scripts and styles over https.',
  },
  'pages.forms': {
    title: 'Passwords and cards sent securely',
    holds: 'Forms for passwords and cards send over https.',
    short: 'A form sends a password or card over http, readable on the way.',
    mend: 'Send every form to an https address, today.',
  },
  'pages.libraries': {
    title: 'No old script libraries',
    holds: 'No script library with known flaws was found on the pages.',
    short: 'The pages use {library}, which has known flaws ({advisory}).',
    mend: 'Update {all}.',
  },
  'parties.transport': {
    title: 'Third parties on the pages are secured',
    holds: 'Every host the pages load from is secured properly.',
    short: {
      expired: '{host} runs scripts in your shop with an expired certificate.',
      untrusted: '{host} runs scripts in your shop with a certificate nobody trusts.',
      'old-tls': '{host} runs scripts in your shop over outdated TLS.',
      'no-https': '{host} runs scripts in your shop and does not speak https.',
    },
    mend: 'Ask who put {host} on the pages; take it off, or have its owner mend it.',
  },
  'origin.hidden': {
    title: 'No way around the CDN',
    holds: 'The server behind {cdn} did not answer where a polite look could find it.',
    short: 'The server behind {cdn} answers directly (found by {from}): its protection can be walked around.',
    mend: 'Let the server accept connections from the CDN alone.',
  },
  'mail.spf': {
    title: 'Who may send mail in this name',
    holds: 'Receivers can see which servers may send mail in this name.',
    short: {
      missing: 'Anybody can send mail in this name: there is no SPF record.',
      several: 'There are several SPF records, so receivers ignore them all.',
      'too-many': 'The SPF record needs {lookups} look-ups; receivers stop at ten.',
      open: 'The SPF record does not shut anybody out.',
    },
    mend: 'Publish one SPF record that ends in -all.',
  },
  'mail.dmarc': {
    title: 'Forged mail is rejected',
    holds: 'Receivers are told to {policy} forged mail.',
    short: {
      missing: 'Receivers are not told what to do with mail forged in this name.',
      none: 'Receivers are told to let forged mail through and only count it.',
      malformed: 'The DMARC record cannot be read, so receivers ignore it.',
    },
    mend: 'Publish DMARC with p=quarantine, then p=reject, after watching the reports.',
  },
  'mail.dkim': {
    title: 'Mail is signed',
    holds: 'A key to check the signatures of your mail is published.',
    short: 'Your mail is not signed.',
    mend: 'Switch on DKIM at your mail service.',
  },
  'mail.mta-sts': {
    title: 'Mail to you is encrypted on the way',
    holds: 'Senders are told to encrypt mail to you.',
    short: {
      missing: 'Senders are not told to encrypt mail to you.',
      'no-policy': 'Senders are told of a policy that cannot be fetched.',
      'not-enforced': 'Senders are told to encrypt, but not to insist.',
    },
    mend: 'Publish an MTA-STS policy with mode: enforce.',
  },
  'dns.caa': {
    title: 'Who may issue your certificates',
    holds: 'Only named authorities may issue certificates for you.',
    short: 'Any authority in the world may issue a certificate for you.',
    mend: 'Publish a CAA record that names your authority.',
  },
  'dns.dnssec': {
    title: 'Your name is signed',
    holds: 'Answers about your name are signed.',
    short: 'Answers about your name are not signed and could be forged.',
    mend: 'Switch on DNSSEC at your registrar.',
  },
  'api.plain-http': {
    title: 'No answer over plain http',
    holds: 'The API does not talk over plain http.',
    short: 'The API answers over plain http (status {status}), where anybody in between can read the key.',
    mend: 'Close port 80 of the API, or redirect it before anything is read.',
  },
  'api.url-token': {
    title: 'No keys in addresses',
    holds: 'The API asks for credentials and does not take them out of the address.',
    short: 'The API reads a key out of the address ({name}), which ends up in logs and histories.',
    mend: 'Take keys in a header alone.',
  },
  'vendors.registered': {
    title: 'Everybody plugged in is known',
    holds: 'Everything seen to be plugged in belongs to a third party in the register.',
    short: 'Plugged in, and nobody has said whose it is: {first}.',
    mend: 'Say whose it is, or have it taken out.',
  },
  'vendors.assessed': {
    title: 'Every third party assessed, in date',
    holds: 'Every third party in the register was decided about, in date.',
    short: {
      unassessed: '{first} has never been assessed.',
      overdue: 'The decision about {first} is out of date.',
    },
    mend: 'Look at the score of {first}, ask what is unknown, and decide.',
  },
  'vendors.gate': {
    title: 'Nothing plugged in without being let in',
    holds: 'Everything plugged in was let in by a decision in date or an exception.',
    short: {
      new: 'Plugged in, and nobody has let it in yet: {first}.',
      other: '{first} is in use, and its ground is gone.',
    },
    mend: 'Decide about its third party and let it in, enter an exception, or have it taken out.',
  },
  'vendors.looked': {
    title: 'Third parties looked at from outside',
    holds: 'Every third party with a known host was looked at within the week.',
    short: '{first} was not looked at within the week.',
    mend: 'Look at it now; Loupe does so weekly by itself.',
  },
  'vendors.criteria': {
    title: 'One published set of criteria',
    holds:
      'Third parties are scored by one published set of criteria (version {version}), and a person decides.',
    short: 'There are no criteria.',
    mend: 'Decide about the first third party by its score.',
  },
  'vendors.news': {
    title: 'Advisories and breach news read',
    holds: 'News about your third parties is read, and nothing waits for long.',
    short: {
      'no-source': 'Nobody tells you: no source of advisories or breach news is set up.',
      untriaged: 'News about a third party has waited for a week.',
    },
    mend: 'Add a feed of advisories (RSS, Atom, JSON), and say of each item whether it concerns you.',
  },
  'vendors.attested': {
    title: 'PCI attestations on file',
    holds: 'Everybody who touches payments has shown an attestation, in date.',
    short: '{first} touches payments, and no attestation in date is on file.',
    mend: 'Ask {first} for its PCI attestation of compliance.',
  },
  'vendors.duties': {
    title: 'Whose each requirement is',
    holds: 'For each requirement it is written down whose it is.',
    short: {
      unset: 'Nobody has written down whose requirement {first} is.',
      nobody: 'Requirement {first} is nobody’s.',
    },
    mend: 'Go through the list of responsibilities with your developer and providers.',
  },
  'provider.terms': {
    title: 'Data-processing terms on file',
    holds: 'Data-processing terms are on file, in date.',
    short: {
      missing: 'No data-processing terms are on file.',
      undated: 'The terms on file have no date yet.',
      ended: 'The terms on file are out of date.',
    },
    mend: 'Ask for the data-processing terms and file them.',
  },
  'provider.report': {
    title: 'An independent report on file',
    holds: '{paper}, on file and in date.',
    short: {
      missing: 'No independent report is on file.',
      undated: 'The report on file has no date yet.',
      ended: 'The report on file is out of date.',
    },
    mend: 'Ask for a current report: SOC 2, ISO 27001, a test letter or a PCI attestation.',
  },
  'platform.connected': {
    title: 'The platform is connected',
    holds: 'Loupe reads the shop at {domain} through the platform’s own interface.',
    short: {
      refused: 'The platform does not accept Loupe’s credentials any more.',
      'other-shop': 'What is connected is another shop: the platform names it {domain}.',
    },
    mend: 'Open “Platform”, and give the app’s current secret, or connect the right shop.',
  },
  'platform.secret': {
    title: 'The app’s secret changed in time',
    holds: 'The app’s secret lies sealed and is {days} days old.',
    short: 'The app’s secret is {days} days old.',
    mend: 'Rotate the secret in the Dev Dashboard, and give Loupe the new one.',
  },
  'platform.tokens': {
    title: 'Tokens that end by themselves',
    holds: 'Loupe’s tokens for the shop end within a day and lie sealed.',
    short: 'The key that reads the shop never ends by itself.',
    mend: 'Let the key read only, keep it in Loupe alone, and make a new one twice a year.',
  },
  'platform.scopes': {
    title: 'No right more than needed',
    holds: 'Loupe’s app may only read, and only what it uses.',
    short: 'Loupe’s app may do more than it needs: {scope}.',
    mend: 'Take {scope} from the app in the Dev Dashboard.',
  },
  'platform.deliveries': {
    title: 'Webhooks signed and complete',
    holds: 'The platform tells Loupe of changes, and each message is checked by its signature.',
    short: {
      unreachable: 'The platform cannot reach Loupe, so changes are seen hourly and not at once.',
      missing: 'The platform does not tell of everything: {topic} is missing.',
    },
    mend: 'Give Loupe a public name (publicNames in the config), with TLS in front.',
  },
  'platform.version': {
    title: 'A served version of the interface',
    holds: 'The platform serves the version that Loupe asks for ({served}).',
    short: 'Loupe asks for version {asked}, and the platform answers with {served}.',
    mend: 'Update Loupe: the version it asks for is not served any more.',
  },
  'platform.apps': {
    title: 'Every installed app is known',
    holds: 'It is known which apps are installed.',
    short: {
      ended: 'The list of installed apps is older than a quarter.',
      other: 'It is not known which apps are installed.',
    },
    mend: 'Take stock: open the list of apps in the admin, and write it down with a screenshot.',
  },
  'platform.staff': {
    title: 'Every staff account is known',
    holds: 'It is known who has a staff account.',
    short: {
      ended: 'The list of staff accounts is older than a quarter.',
      other: 'It is not known who has a staff account.',
    },
    mend: 'Take stock: open Users in the admin, and write them down with a screenshot.',
  },
  'platform.at-rest': {
    title: 'Customer data encrypted at the platform',
    holds: 'The platform encrypts what it stores.',
    short: 'The platform’s paper is out of date.',
    mend: 'Ask the platform for its current report.',
  },
  'platform.keys': {
    title: 'Keys managed at the platform',
    holds: 'The platform manages its keys.',
    short: 'The platform’s paper is out of date.',
    mend: 'Ask the platform for its current report.',
  },
  'platform.terms': {
    title: 'Data-processing terms with the platform',
    holds: 'Data-processing terms with the platform are on file.',
    short: 'The platform’s terms on file are out of date.',
    mend: 'File the platform’s current data-processing terms.',
  },
  'platform.privacy': {
    title: 'Customers’ demands answered in time',
    holds: 'Nothing that a customer demanded is overdue.',
    short: 'A customer’s demand has waited longer than the platform allows.',
    mend: 'Open “Platform”, carry out the oldest demand, and say how.',
  },
  'platform.firewall': {
    title: 'Attacks held off at the platform',
    holds: 'The platform’s own front holds off attacks.',
    short: 'The platform’s paper is out of date.',
    mend: 'Ask the platform for its current report.',
  },
  'watch.reading': {
    title: 'The shop is being watched',
    holds: 'The shop was read within three hours, all that is open to Loupe.',
    short: {
      refused: 'The platform does not let Loupe read any more.',
      throttled: 'Other apps use up the shop’s allowance, so Loupe could not read it.',
      'retired-version': 'The platform does not serve the version that Loupe asks for.',
      other: 'The platform could not be read.',
    },
    mend: 'Open “Platform”: it says what went wrong at the last reading.',
  },
  'watch.part': {
    title: 'What is watched',
    holds: 'Watched: {part}.',
    short: 'Not watched: {part}.',
    mend: 'Give the app the scope that opens it.',
  },
  'watch.alarms': {
    title: 'Alarming changes answered',
    holds: 'No alarming change waits for an answer, and none was said to be foreign.',
    short: {
      'not-mine': 'Somebody changed the shop, and it was none of yours.',
      unanswered: 'An alarming change of the shop has waited for more than a day.',
    },
    mend: 'Open “Changes”: say whose it was; of what was not yours, undo it and say how.',
  },
  'watch.reviewed': {
    title: 'Changes reviewed',
    holds: 'Every change that matters was answered by a person within a week.',
    short: 'Changes of the shop have waited for more than a week.',
    mend: 'Open “Changes”, and say of each whether it was yours.',
  },
  'platform.patching': {
    title: 'The platform patches itself',
    holds: 'The platform keeps its own systems patched.',
    short: 'The platform’s paper is out of date.',
    mend: 'Ask the platform for its current report.',
  },
  'platform.cards': {
    title: 'Card payments at the platform',
    holds: 'The platform takes the cards, and has shown its PCI attestation.',
    short: 'The platform’s attestation is out of date.',
    mend: 'Ask the platform for its current PCI attestation.',
  },
  said: {
    title: 'What they say',
    holds: '{who} says that all is as it should be ({answered} of {items} answered).',
    short: {
      contradicted: '{who} says otherwise than was seen, on {differs} of {items} points.',
      admitted: '{who} says that {short} of {items} points are not as they should be.',
    },
    mend: 'Agree with {who} on what is done about it, and by when.',
  },
};

/** Why something is unknown, by the fact `why`. */
export const UNKNOWN_TEXT: Readonly<Record<string, string>> = {
  'no-feed': 'No feed is plugged in, and nobody has said that there is none.',
  'no-load': 'Nothing of it has been loaded yet.',
  timeout: 'The server took too long to answer.',
  'connection-refused': 'Nothing answered.',
  'connection-reset': 'The server hung up.',
  'no-address': 'The name has no address.',
  'dns-failed': 'The name servers did not answer.',
  'address-refused': 'The name leads to a private address; Loupe does not go there unless allowed by name.',
  unreachable: 'The server could not be reached.',
  'malformed-answer': 'The server’s answer is malformed.',
  'too-large': 'The server’s answer is larger than any page should be.',
  'tls-failed': 'No secure connection could be made.',
  robots: 'The shop asks robots to stay out of its pages, so they were not read.',
  'no-usual-selector': 'No key under the usual names; it may have another.',
  'no-page': 'No page could be read.',
  'no-answer': 'There was no answer.',
  'not-answered': '{who} has not answered everything yet ({answered} of {items}).',
  'empty-register': 'The register of third parties is empty.',
  'nobody-assessed': 'No third party has been assessed yet.',
  'nothing-plugged': 'Nothing was seen to be plugged in yet.',
  'no-demand': 'The API asks for no credentials at this address, so it could not be tried.',
  unsteady: 'The API answers differently each time, so nothing could be compared.',
  'not-connected': 'The shop’s platform is not connected yet.',
  'never-read': 'The platform has not been read yet.',
  'refused-now': 'There is no token now: the platform refuses one.',
  'no-paper': 'It is your platform’s duty, and no paper of theirs, in date, is on file.',
  'no-list-apps': 'The platform does not show it to Loupe, and no list is kept by hand.',
  'no-list-staff': 'The platform does not show it to Loupe, and no list is kept by hand.',
  'gap-scope': 'Not granted to Loupe’s app: {scope} ({part}).',
  'gap-closed': 'The platform does not open it to this access: {part}.',
  'gap-own-only': 'The platform shows an app nothing but its own {part}; looks see what pages load.',
  'gap-too-many': 'More than Loupe reads at once: {part}.',
  'gap-failed': 'The platform’s answer could not be read: {part}.',
  'no-edge': 'Nothing of this shop stands behind an edge of Loupe’s yet.',
  'no-edge-alive': 'No edge has been heard of.',
  hosted: 'Your platform runs the shop; ask it for a paper on what stops attacks.',
  deaf: 'The firewall stopped an honest request on “{route}”, so stopping attacks proves nothing.',
  'not-tested': 'Not every edge could be tested.',
  stale: 'Not checked recently.',
  never: 'Not checked yet.',
  other: 'It could not be found out.',
};

/** Why something does not apply. */
export const NOT_APPLICABLE_TEXT: Readonly<Record<string, string>> = {
  kind: 'Your platform sets this for all its shops; you cannot.',
  'own-port': 'The shop has a port of its own.',
  'switched-off': 'The feed is switched off; nothing of it is shown.',
  'no-longer-plugged': 'This is no longer plugged in.',
  'no-domain': 'The shop has no name of its own.',
  'platform-domain': 'The name belongs to your platform.',
  'no-mail': 'The name receives no mail.',
  'no-cdn': 'No CDN was recognised.',
  'no-payments': 'Nobody in the register touches payments.',
  'no-api': 'No API host is known.',
  'no-part': 'Not part of the connection any more.',
  'no-interface': 'There is no connection for what the shop runs on; looks alone watch it.',
  'by-key': 'The shop’s software has no such thing.',
  'no-edge': 'Your platform runs the shop; nothing of it stands behind an edge of Loupe’s.',
  'tls-elsewhere': 'The edge is reached on this machine alone; what stands in front speaks TLS.',
  'no-proxies': 'No CDN or proxy stands in front of the edge.',
  'all-public': 'No route asks for a proof.',
  'no-keys': 'There are no keys.',
  'not-sent': 'This attack is not sent any more.',
  'no-calls': 'No third party is called through Loupe.',
  other: 'Does not apply to this kind of shop.',
};
