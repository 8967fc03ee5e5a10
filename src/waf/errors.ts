import { errorsOf } from '#kernel';

export const WAF_ERRORS = {
  'waf/rule-refused': {
    says: 'A rule of the firewall cannot be understood.',
    hint: 'No rule of this set was taken over. The details say where it stands and why; mend it there, or leave the file out.',
  },
  'waf/file-missing': {
    says: 'A rule of the firewall names a file that is not there.',
    hint: 'No rule of this set was taken over. Put the file beside the rules, or leave out the rule that names it.',
  },
} as const;

export const wafError = errorsOf(WAF_ERRORS);
