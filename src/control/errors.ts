import { errorsOf } from '#kernel';

export const CONTROL_ERRORS = {
  'control/not-found': {
    says: 'There is no such thing here.',
    hint: 'It was removed, or belongs to a shop that you have no part in.',
  },
  'control/not-signed-in': { says: 'You are not signed in.', hint: 'Sign in first.' },
  'control/not-allowed': {
    says: 'Your role does not allow this.',
    hint: 'Ask an owner of the shop to do it, or to give you the role.',
  },
  'control/wrong-credentials': {
    says: 'Mail, password or code is wrong.',
    hint: 'Try again. After ten tries the account is locked for 30 minutes.',
  },
  'control/locked': {
    says: 'Too many tries.',
    hint: 'Wait 30 minutes; nothing else unlocks it. If it was not you who tried, tell your developer.',
  },
  'control/setup-link-invalid': {
    says: 'This link does not work any more.',
    hint: 'It was used, or is older than 30 minutes. The terminal shows a new one after "loupe start".',
  },
  'control/weak-password': {
    says: 'This password is too short or too well known.',
    hint: 'Take 12 characters or more; a few words in a row are good.',
  },
  'control/bad-request': {
    says: 'The request is not what the API expects.',
    hint: 'See /api/v1/openapi.json.',
  },
  'control/too-large': { says: 'The request is too large.', hint: 'A request holds 64 KiB at most.' },
  'control/forged-request': {
    says: 'This request did not come from the console.',
    hint: 'Open the console again in its own tab.',
  },
  'control/conflict': { says: 'This is there already.', hint: 'Look at the list; nothing was changed.' },
  'control/invited-elsewhere': {
    says: 'Somebody else has invited this person, who has not set a password yet.',
    hint: 'Ask them to finish that first; then add them here.',
  },
  'control/not-claimed': {
    says: 'This Loupe has not been set up yet.',
    hint: 'Open the link that the terminal shows. Until then nobody else is answered.',
  },
  'control/busy-port': {
    says: 'The port for the console is taken by another program.',
    hint: 'Stop that program, or set another port in the config (listen.port).',
  },
} as const;

export const controlError: ReturnType<typeof errorsOf<typeof CONTROL_ERRORS>> = errorsOf(CONTROL_ERRORS);
