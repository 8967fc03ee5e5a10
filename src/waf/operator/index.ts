import { ADDRESS_OPERATORS } from './address.ts';
import { DETECTION_OPERATORS } from './detection.ts';
import { NUMBER_OPERATORS } from './number.ts';
import { type Operator, simple } from './operator.ts';
import { PATTERN_OPERATORS } from './pattern.ts';
import { TEXT_OPERATORS } from './text.ts';
import { VALIDITY_OPERATORS } from './validity.ts';

/** Operators that ask the network, the disk or other programs. */
const ABSENT: readonly Operator[] = [
  'geoLookup',
  'gsbLookup',
  'inspectFile',
  'rbl',
  'fuzzyHash',
  'validateDTD',
  'validateSchema',
].map((name) => ({
  name,
  absent: true,
  make: () => simple(() => false),
}));

const ALL = [
  ...ADDRESS_OPERATORS,
  ...DETECTION_OPERATORS,
  ...NUMBER_OPERATORS,
  ...PATTERN_OPERATORS,
  ...TEXT_OPERATORS,
  ...VALIDITY_OPERATORS,
  ...ABSENT,
];

/** Every operator by its name in lower case. Reference: ModSecurity Reference Manual (v3), "Operators". */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  ALL.map((each) => [each.name.toLowerCase(), each]),
);
