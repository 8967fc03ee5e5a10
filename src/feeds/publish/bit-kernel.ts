// Three loops over sets of bits, 128 at a time: WebAssembly with its vector instructions (WebAssembly Core 2.0, vector instructions), put together here by hand because a compiler for forty instructions would be more to trust than they are.
// Counting the rows of eighty facet words over two million stones took 26 ms in plain JavaScript and takes some 5 ms so, on one core of the machine at hand.

/** What Node has of WebAssembly and its types leave to browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};
interface Memory {
  readonly buffer: ArrayBuffer;
}

export interface BitKernel {
  /** Where sets lie. */
  readonly memory: Memory;
  /** to &= from; addresses and lengths in bytes, multiples of 16. */
  and(to: number, from: number, bytes: number): void;
  /** to |= from. */
  or(to: number, from: number, bytes: number): void;
  /** How many bits are in both. */
  count(a: number, b: number, bytes: number): number;
}

const I32 = 0x7f;
const V128 = 0x7b;
const VECTOR = 0xfd;
const END = 0x0b;

/** Instructions one after another. */
const code = (...parts: readonly (number | readonly number[])[]): readonly number[] => parts.flat();
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const small = (value: number) => [0x41, value];
const ADD = 0x6a;
const SUB = 0x6b;
const LOAD = [VECTOR, 0x00, 0x04, 0x00];
const STORE = [VECTOR, 0x0b, 0x04, 0x00];
const AND = [VECTOR, 0x4e];
const OR = [VECTOR, 0x50];
const POPCNT = [VECTOR, 0x62]; // i8x16
const PAIRS_OF_BYTES = [VECTOR, 0x7d]; // i16x8.extadd_pairwise_i8x16_u
const PAIRS_OF_SHORTS = [VECTOR, 0x7f]; // i32x4.extadd_pairwise_i16x8_u
const ADD_FOUR = [VECTOR, 0xae, 0x01]; // i32x4
const lane = (which: number) => [VECTOR, 0x1b, which];

const advance = (local: number) => code(get(local), small(16), ADD, set(local));

/** While the third parameter, a count of bytes, is not used up: `body`, then 16 bytes on. */
const eachVector = (body: readonly number[]) =>
  code(
    [0x02, 0x40, 0x03, 0x40], // block, loop
    get(2),
    [0x45, 0x0d, 0x01], // i32.eqz, br_if to the block's end
    body,
    advance(0),
    advance(1),
    code(get(2), small(16), SUB, set(2)),
    [0x0c, 0x00, END, END], // br to the loop's head
  );

const merging = (by: readonly number[]) =>
  code(0x00, eachVector(code(get(0), get(0), LOAD, get(1), LOAD, by, STORE)), END);

/** One local: four sums. */
const counting = code(
  [0x01, 0x01, V128],
  eachVector(
    code(get(0), LOAD, get(1), LOAD, AND, POPCNT, PAIRS_OF_BYTES, PAIRS_OF_SHORTS, get(3), ADD_FOUR, set(3)),
  ),
  code(get(3), lane(0), get(3), lane(1), ADD),
  code(get(3), lane(2), ADD, get(3), lane(3), ADD),
  END,
);

/** LEB128, of what fits fourteen bits. */
const size = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
const sized = (content: readonly number[]) => code(size(content.length), content);
const section = (id: number, ...content: readonly (number | readonly number[])[]) =>
  code(id, sized(code(...content)));
const name = (text: string) => sized([...Buffer.from(text)]);

const MODULE = Uint8Array.from(
  code(
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, 2, [0x60, 3, I32, I32, I32, 0], [0x60, 3, I32, I32, I32, 1, I32]),
    section(2, 1, name('host'), name('memory'), [0x02, 0x00, 0x01]),
    section(3, 3, [0, 0, 1]),
    section(7, 3, name('and'), [0, 0], name('or'), [0, 1], name('count'), [0, 2]),
    section(10, 3, sized(merging(AND)), sized(merging(OR)), sized(counting)),
  ),
);

const PAGE_BYTES = 65_536;
const compiled = new WebAssembly.Module(MODULE);

/** A kernel over so many bytes of memory, which never grows. */
export function bitKernel(bytes: number): BitKernel {
  const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the exports of the module just above
  return { memory, ...(exports as Omit<BitKernel, 'memory'>) };
}
