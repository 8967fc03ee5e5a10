// A supplier's own list of stones, as people describe it: where it lies, in which form, and which of its columns means what.
import { z } from 'zod';

const MAX_NAME = 200;
const column = z.string().trim().min(1).max(MAX_NAME);
const HOUR_MS = 3_600_000;

/** Whether an address holds no user name and no password. False for what is no address. */
export function hasNoCredentials(url: string): boolean {
  return URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '';
}

/** Names of parameters that are secret by what they are called. */
const SECRET_NAME =
  /(?:^|[_-])(?:api)?(?:key|token|secret|password|passwd|pwd|pass|auth|signature|sig|access)$/iu;

/** Whether a parameter of an address is called as keys are: those are asked for by themselves, and sealed. */
function hasSecretParameter(url: string): boolean {
  return URL.canParse(url) && [...new URL(url).searchParams.keys()].some((name) => SECRET_NAME.test(name));
}

/** Headers that say how a request is framed or whose it is, and are nobody's to set. */
const OWN_HEADERS =
  /^(?:host|connection|content-.*|transfer-.*|te|trailer|upgrade|accept-encoding|user-agent|cookie)$/iu;

/** What can sign in, by how an address begins. */
const SIGN_INS: readonly (readonly [scheme: string, signIns: readonly string[]])[] = [
  ['https:', ['none', 'basic', 'bearer', 'header', 'query']],
  ['sftp:', ['ssh-password', 'ssh-key']],
  ['by-hand:', ['none']],
];

function signInsOf(url: string): readonly string[] {
  return SIGN_INS.find(([scheme]) => url.startsWith(scheme))?.[1] ?? [];
}

/** All that follows the host. */
function pathOf(url: string): string {
  return url.replace(/^\w+:\/\/[^/?#]*/u, '');
}

/** Whether a path is one of a file: nothing after it, and no escape that is none (RFC 3986, 2.1). */
function namesFile(path: string): boolean {
  return /^\/(?:[^?#%]|%[0-9A-Fa-f]{2})*$/u.test(path) && !path.endsWith('/') && isText(path);
}

/** Whether escapes come to UTF-8. */
function isText(path: string): boolean {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

/** Where a list lies and how it is asked for. What is secret is no part of it. */
export const listPlace = z
  .strictObject({
    /** The supplier, as people call it. */
    name: z.string().trim().min(1).max(60),
    /** `by-hand:` where people hand the list in. */
    url: z.union([z.url({ protocol: /^(?:https|sftp)$/u }).max(1_000), z.literal('by-hand:')]),
    signIn: z.enum(['none', 'basic', 'bearer', 'header', 'query', 'ssh-password', 'ssh-key']),
    /** Of an SFTP server: what its host key comes to, as `ssh-keygen -l` writes it. Empty to see which it shows. */
    hostKey: z
      .string()
      .regex(/^(?:SHA256:[A-Za-z0-9+/]{43})?$/u)
      .default(''),
    /** The header's or the parameter's name, for those two. */
    signInName: z.string().regex(/^(?:[A-Za-z][A-Za-z0-9_-]{0,59})?$/u),
    format: z.enum(['csv', 'json', 'xml', 'xlsx']),
    /** Between the cells of CSV. */
    separator: z.enum([',', ';', '\t', '|']),
    /** The names that lead to the records of JSON or XML, outermost first. */
    path: z.array(z.string().trim().min(1).max(MAX_NAME)).max(10),
  })
  .refine(({ url }) => hasNoCredentials(url), {
    path: ['url'],
    message: 'no credentials in an address',
  })
  .refine(({ url }) => !hasSecretParameter(url), {
    path: ['url'],
    message: 'a key in the address is asked for by itself',
  })
  .refine(({ signIn, signInName }) => signInName !== '' || (signIn !== 'header' && signIn !== 'query'), {
    path: ['signInName'],
    message: 'needs a name',
  })
  .refine(({ signIn, signInName }) => signIn !== 'header' || !OWN_HEADERS.test(signInName), {
    path: ['signInName'],
    message: 'not a header for this',
  })
  .refine(({ url, signIn }) => signInsOf(url).includes(signIn), {
    path: ['signIn'],
    message: 'not for this address',
  })
  .refine(({ url }) => !url.startsWith('sftp:') || namesFile(pathOf(url)), {
    path: ['url'],
    message: 'names a file',
  })
  .refine(({ format, path }) => format !== 'xml' || path.length > 0, {
    path: ['path'],
    message: 'names the elements that lead to a record',
  });
export type ListPlace = z.infer<typeof listPlace>;

/** Whoever is asked over SFTP has to be known. */
function hasHostKey({ url, hostKey }: { readonly url: string; readonly hostKey: string }): boolean {
  return hostKey !== '' || !url.startsWith('sftp:');
}
const NO_HOST_KEY = { path: ['hostKey'], message: 'known from the supplier' };

/** What holds for lists of any kind. */
const meaning = {
  /** ISO 4217. */
  currency: z.string().regex(/^[A-Z]{3}$/u),
  /** Prices in whole units with decimals, or in the hundredth of one. */
  money: z.enum(['units', 'minor']),
  everyMs: z
    .number()
    .int()
    .min(HOUR_MS)
    .max(168 * HOUR_MS),
};

/** A list of stones with the meaning of its columns: by path within a record for JSON and XML. It stays as it is for the life of a feed. */
const stoneList = listPlace
  .safeExtend({
    of: z.literal('stones'),
    columns: z.strictObject({
      id: column,
      shape: column,
      weight: column,
      color: column,
      clarity: column,
      lab: column,
      certificate: column,
      total: column,
      perCarat: column.optional(),
      hue: column.optional(),
      intensity: column.optional(),
      cut: column.optional(),
      polish: column.optional(),
      symmetry: column.optional(),
      fluorescence: column.optional(),
      measurements: column.optional(),
      length: column.optional(),
      width: column.optional(),
      height: column.optional(),
      depth: column.optional(),
      table: column.optional(),
      growth: column.optional(),
      treatment: column.optional(),
      percent: column.optional(),
      availability: column.optional(),
      stock: column.optional(),
      comment: column.optional(),
      certificateUrl: column.optional(),
      imageUrl: column.optional(),
      videoUrl: column.optional(),
    }),
    ...meaning,
    growth: z.enum(['natural', 'lab', 'told']),
    discount: z.enum(['fraction', 'percent']),
  })
  .refine(({ growth, columns }) => growth !== 'told' || columns.growth !== undefined, {
    path: ['columns', 'growth'],
    message: 'says whether a stone is natural or lab-grown',
  })
  .refine(hasHostKey, NO_HOST_KEY);

/** What goods of every kind have. */
const ofGoods = {
  id: column,
  total: column,
  availability: column.optional(),
  stock: column.optional(),
  comment: column.optional(),
  imageUrl: column.optional(),
  videoUrl: column.optional(),
};
const goods = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, columns: Shape) =>
  listPlace
    .safeExtend({ of: z.literal(kind), columns: z.strictObject({ ...ofGoods, ...columns }), ...meaning })
    .refine(hasHostKey, NO_HOST_KEY);

export const supplierList = z.discriminatedUnion('of', [
  stoneList,
  goods('settings', {
    title: column,
    style: column,
    metal: column,
    fineness: column.optional(),
    takes: column.optional(),
    sizes: column.optional(),
  }),
  goods('pieces', {
    title: column,
    type: column,
    metal: column,
    fineness: column.optional(),
    stones: column.optional(),
    size: column.optional(),
  }),
  goods('watches', {
    brand: column,
    model: column,
    case: column,
    condition: column,
    movement: column.optional(),
    reference: column.optional(),
    year: column.optional(),
    diameter: column.optional(),
  }),
]);
export type SupplierListGiven = z.infer<typeof supplierList>;
export type ListWare = SupplierListGiven['of'];

/** What a list can be of. */
export const LIST_WARES = ['stones', 'settings', 'pieces', 'watches'] as const satisfies readonly ListWare[];

/** The beginning of a list, before anybody said what its columns mean. */
export const firstRows = z.object({
  columns: z.array(z.string()).max(200),
  rows: z.array(z.array(z.string()).max(200)).max(20),
});
export type FirstRowsTold = z.infer<typeof firstRows>;
