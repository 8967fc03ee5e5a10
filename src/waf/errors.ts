import { errorsOf } from '#kernel';

export const WAF_ERRORS = {
  'waf/rule-refused': {
    says: 'A rule of the firewall cannot be understood.',
    hint: 'No rule of this set was taken over. The details say where it stands and why; mend it there, or leave the file out.',
  },
  'waf/file-missing': {
    says: 'A file of the firewall’s rules, or a request to judge, is not there.',
    hint: 'Nothing was taken over. A copy of the Core Rule Set is a folder with rules/ and crs-setup.conf in it.',
  },
  'waf/not-fetched': {
    says: 'A release of firewall rules could not be fetched.',
    hint: 'Nothing was taken over. See the address in the details; where this machine has no way out, fetch and check the release elsewhere, and import its folder.',
  },
  'waf/not-signed': {
    says: 'A release of firewall rules is not signed by its project.',
    hint: 'Nothing was taken over. Do not use this copy; say so to the project.',
  },
  'waf/pack-refused': {
    says: 'A rule pack is not as packs are.',
    hint: 'Nothing was taken over. Import the rules again from their folder.',
  },
} as const;

export const wafError = errorsOf(WAF_ERRORS);
