import { CODE_TRANSFORMATIONS } from './code.ts';
import { DEEP_TRANSFORMATIONS } from './deep.ts';
import { ESCAPE_TRANSFORMATIONS } from './escape.ts';
import { PATH_TRANSFORMATIONS } from './path.ts';
import { SHAPE_TRANSFORMATIONS } from './shape.ts';
import type { Transformation } from './transformation.ts';
import { URL_TRANSFORMATIONS } from './url.ts';

const ALL = [
  ...CODE_TRANSFORMATIONS,
  ...DEEP_TRANSFORMATIONS,
  ...ESCAPE_TRANSFORMATIONS,
  ...PATH_TRANSFORMATIONS,
  ...SHAPE_TRANSFORMATIONS,
  ...URL_TRANSFORMATIONS,
];
const SPELLINGS: Readonly<Record<string, string>> = {
  normalisepath: 'normalizepath',
  normalisepathwin: 'normalizepathwin',
};

/** Every transformation by its name in lower case. Reference: ModSecurity Reference Manual (v3), "Transformation functions". */
export const TRANSFORMATIONS: ReadonlyMap<string, Transformation> = new Map([
  ...ALL.map((each) => [each.name.toLowerCase(), each] as const),
  ...Object.entries(SPELLINGS).flatMap(([written, name]) => {
    const meant = ALL.find((each) => each.name.toLowerCase() === name);
    return meant === undefined ? [] : [[written, meant] as const];
  }),
]);
