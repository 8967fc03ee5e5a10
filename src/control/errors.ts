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
  'control/too-large': {
    says: 'The request is too large.',
    hint: 'A request holds 64 KiB at most; a file 10 MiB; a reply file 20 MiB.',
  },
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
  'control/too-many': {
    says: 'There are too many of these already.',
    hint: 'Remove or retire some that are no longer needed.',
  },
  'control/bad-date': {
    says: 'That date is past, or too far ahead.',
    hint: 'Decisions last two years at most, exceptions one, links sixty days.',
  },
  'control/not-entitled': {
    says: 'The contract does not allow this feed to be loaded.',
    hint: 'Say what the contract allows, or ask the provider for one that allows storing. Some services may only be passed through live.',
  },
  'control/gate-shut': {
    says: 'Nothing new is enabled without an assessment in date.',
    hint: 'Decide about the third party first, or enter an exception with a reason, an owner and an end.',
  },
  'control/reply-refused': {
    says: 'This reply file cannot be taken.',
    hint: 'It was changed, belongs to another ask, or a newer one was taken already. Ask for the file as it was made.',
  },
  'control/not-a-questionnaire': {
    says: 'No questions were found in this sheet.',
    hint: 'It needs a heading row with a column named Question, and the questions below it.',
  },
  'control/file-refused': {
    says: 'This file is not accepted.',
    hint: 'PDF, PNG, JPEG, plain text, CSV and XLSX are, without macros, scripts or anything hidden.',
  },
  'control/nothing-said': {
    says: 'Nothing has been answered yet.',
    hint: 'Answer at least one question before handing in.',
  },
  'control/platform-refused': {
    says: 'The platform does not accept these credentials for this shop.',
    hint: 'Check client id and secret, and that the app is installed in this very shop by the organisation that made it.',
  },
  'control/platform-unreachable': {
    says: 'The platform did not answer.',
    hint: 'Check the domain; if it is right, try again in a few minutes. Nothing was stored.',
  },
  'control/say-how': {
    says: 'Say how it was dealt with.',
    hint: 'First say that it was not yours; then, with a note, that it has been dealt with.',
  },
  'control/delivery-refused': {
    says: 'This request was not signed for this address.',
    hint: 'Only the platform itself is heard here.',
  },
  'control/busy': {
    says: 'Too much is waiting to be handled.',
    hint: 'Send it again later.',
  },
  'control/busy-port': {
    says: 'The port for the console is taken by another program.',
    hint: 'Stop that program, or set another port in the config (listen.port).',
  },
} as const;

export const controlError: ReturnType<typeof errorsOf<typeof CONTROL_ERRORS>> = errorsOf(CONTROL_ERRORS);
