import type { QuestionId } from '#plane';

/** The questions in our own words, and what would make each unobserved part known. */
export const QUESTION_TEXT: Readonly<
  Record<QuestionId, { readonly asks: string; readonly unobserved: string }>
> = {
  Q1: {
    asks: 'How are our APIs and third-party connections secured?',
    unobserved: 'Ask your developer which connections the shop has and how each one signs in.',
  },
  Q1a: {
    asks: 'Is API traffic watched for unusual activity?',
    unobserved: 'Ask who watches the traffic, and what would alarm them.',
  },
  Q1b: {
    asks: 'How do integrations get updates and security patches?',
    unobserved: 'Ask for the list of integrations with version and last update.',
  },
  Q2: {
    asks: 'Are all third-party apps vetted, and vetted again?',
    unobserved: 'Put every app and service the shop uses into the register, and decide about each.',
  },
  Q2a: {
    asks: 'By which criteria are apps vetted?',
    unobserved: 'Decide about the first third party by the published criteria.',
  },
  Q2b: {
    asks: 'How do we hear of updates and weaknesses in them?',
    unobserved: 'Add a feed of advisories or breach news, and go through what it brings.',
  },
  Q3: {
    asks: 'How is customer data encrypted, on the way and at rest?',
    unobserved:
      'Encryption at rest cannot be seen from outside: ask where customer data lies and under which key.',
  },
  Q3a: {
    asks: 'Are the keys managed securely?',
    unobserved: 'Ask who holds the keys, and when they were last changed.',
  },
  Q3b: {
    asks: 'How do we comply with PCI DSS and GDPR?',
    unobserved: 'Ask for the list of duties and the proof for each.',
  },
  Q4: {
    asks: 'What protects us against common threats?',
    unobserved:
      'Ask whether a firewall, limits on sign-in tries and flood protection are on, and ask to be shown.',
  },
  Q4a: {
    asks: 'What about cross-site scripting and SQL injection?',
    unobserved:
      'Headers are one layer; ask whether a firewall stops such requests, and when that was tried last.',
  },
  Q4b: {
    asks: 'Are there penetration tests and audits?',
    unobserved: 'Ask for the last test report and what was mended since.',
  },
  Q5: {
    asks: 'How do we watch for suspicious activity?',
    unobserved: 'Ask what is logged, who reads it, and when an alert last reached somebody.',
  },
  Q5a: {
    asks: 'Is it watched in real time, with alerts?',
    unobserved: 'Ask for a test alert and see how long it takes.',
  },
  Q5b: {
    asks: 'How often are logs reviewed?',
    unobserved: 'Ask for the date and the name of the last review.',
  },
  Q6: {
    asks: 'How are patches and updates managed?',
    unobserved: 'Pages show a little; ask for the list of all software with versions.',
  },
  Q6a: {
    asks: 'How fast once a weakness is known?',
    unobserved: 'Ask for the last urgent update: when known, when live.',
  },
  Q6b: {
    asks: 'Are third-party apps updated automatically?',
    unobserved: 'Ask which update by themselves, and which wait for somebody.',
  },
  Q7: {
    asks: 'What happens in a data breach?',
    unobserved: 'Ask for the plan, with names and telephone numbers.',
  },
  Q7a: { asks: 'How is its scope found?', unobserved: 'Ask how one would know whose data was read.' },
  Q7b: {
    asks: 'How are we and our customers told?',
    unobserved: 'Ask who calls whom, and within how many hours.',
  },
  Q8: {
    asks: 'Do we use diamond feeds or inventory providers?',
    unobserved: 'Write down which feeds fill the shop: RapNet, IDEX, Nivoda or others.',
  },
  Q8a: {
    asks: 'How do we make sure of their APIs’ security?',
    unobserved: 'Ask each provider how its connection is secured.',
  },
  Q8b: {
    asks: 'Which extra measures when integrating them?',
    unobserved: 'Ask how a wrong or poisoned feed would be noticed.',
  },
  Q9: {
    asks: 'How do we comply with standards such as PCI DSS?',
    unobserved: 'Ask your payment provider which self-assessment applies to you; only it can say.',
  },
  Q9a: {
    asks: 'Are the third-party apps PCI-compliant?',
    unobserved: 'Put everybody who touches payments into the register, and ask each for its attestation.',
  },
  Q9b: {
    asks: 'How do we keep up with new requirements?',
    unobserved: 'Ask who reads the changes, and when last.',
  },
  Q10: {
    asks: 'Do we get regular security reports?',
    unobserved: 'Agree on a date for the next report and who writes it.',
  },
  Q10a: { asks: 'How often?', unobserved: 'Agree on a rhythm; every quarter is usual.' },
  Q10b: { asks: 'Do they cover third parties?', unobserved: 'Ask that each report lists every integration.' },
  P1: {
    asks: 'How do you secure your API connections?',
    unobserved: 'Put your feed providers into the register, and send them the three questions.',
  },
  P2: {
    asks: 'What protects sensitive inventory data?',
    unobserved: 'Send the three questions to each provider, and ask for its papers.',
  },
  P3: {
    asks: 'Do you offer security reports or monitoring?',
    unobserved: 'Send the three questions to each provider, and ask for a current report.',
  },
};
