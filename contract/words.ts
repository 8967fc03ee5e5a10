import type {
  Action,
  AnswerState,
  AskState,
  Change,
  CheckNow,
  Connection,
  Duty,
  Paper,
  Responsibility,
  Vendor,
} from './index.ts';

// The few words that pages and console both say, so that they say the same. A door of its own: the console takes these without the
// schemas, whose library would more than double a page's script and compiles code, which the page's policy forbids.

export const STATE_WORD: Readonly<Record<AnswerState, string>> = {
  yes: 'Yes',
  'needs-you': 'Needs you',
  no: 'No',
  unknown: 'Unknown',
};

export const OUTCOME_WORD: Readonly<Record<CheckNow['outcome'], string>> = {
  holds: 'Holds',
  'falls-short': 'Falls short',
  unknown: 'Unknown',
  providers: 'Provider’s',
  'not-applicable': 'Does not apply',
};

export const WHO: Readonly<Record<CheckNow['responsible'], string>> = {
  owner: 'You',
  developer: 'Your developer',
  provider: 'The provider',
  loupe: 'Loupe',
};

export const ASK_WORD: Readonly<Record<AskState, string>> = {
  open: 'Sent, not opened for answers yet',
  begun: 'Begun',
  answered: 'Answered',
  expired: 'The link has ended, unanswered',
  withdrawn: 'Withdrawn',
};

export const ACTION_WORD: Readonly<Record<Action['state'], string>> = {
  open: 'Open',
  due: 'Due',
  kept: 'Kept, and seen',
  missed: 'Missed',
  dropped: 'Dropped',
  'said-done': 'Said to be done',
};

export const STANDING_WORD: Readonly<Record<Vendor['standing'], string>> = {
  unassessed: 'Not assessed yet',
  approved: 'Approved',
  conditions: 'Approved with conditions',
  rejected: 'Rejected',
  overdue: 'Decision out of date',
  excepted: 'Let in by an exception',
  retired: 'Retired',
};

export const CONNECTION_WORD: Readonly<Record<Connection['kind'], string>> = {
  script: 'runs scripts in your pages',
  frame: 'shows a frame in your pages',
  form: 'receives a form of your pages',
  'mail-sender': 'may send mail in your name',
  'mail-server': 'receives your mail',
  'name-server': 'answers for your name (DNS)',
  network: 'stands in front of your shop',
  platform: 'is your shop’s platform',
  feed: 'is a feed of stones or stock',
  app: 'is an app of your platform',
  'api-key': 'holds a key to your shop',
  'outbound-host': 'is called by Loupe or the shop',
};

export const PAPER_WORD: Readonly<Record<Paper['standing'], string>> = {
  waiting: 'being looked at',
  refused: 'not accepted',
  undated: 'no date found: type it',
  'in-date': 'in date',
  ending: 'ends within a month',
  ended: 'out of date',
};

export const WEIGHT_WORD: Readonly<Record<Change['weight'], string>> = {
  notice: 'For the record',
  warn: 'Was this you?',
  alarm: 'Look at this',
};

export const VERDICT_WORD: Readonly<Record<Change['verdict'], string>> = {
  open: 'Nobody has said whose it was',
  mine: 'Ours',
  'not-mine': 'Not ours',
  'dealt-with': 'Not ours, and dealt with',
};

export const CHECK_OWNER_WORD: Readonly<Record<Duty['who'], string>> = {
  platform: 'The platform’s',
  provider: 'A provider’s',
  developer: 'The developer’s',
  owner: 'Yours',
  loupe: 'Loupe’s',
  nobody: 'Nobody’s',
};

export const DUTY_WORD: Readonly<Record<Responsibility['usually'], string>> = {
  platform: 'The platform’s',
  provider: 'A provider’s',
  developer: 'The developer’s',
  us: 'Ours',
  nobody: 'Nobody’s',
};
