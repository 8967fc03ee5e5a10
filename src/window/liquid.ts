// Pieces of a page that the shop's theme is put around. It is Liquid before it is HTML: whoever writes a comment into a feed could otherwise have the shop's server compute something, and its browsers run something.

/** A piece that is safe as it is. */
export class Liquid {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Liquid | readonly Liquid[];

const UNSAFE: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // Liquid knows no escape; it never sees an entity as a brace.
  '{': '&#123;',
  '}': '&#125;',
};

/** Puts texts into a page, each as a text and nothing else. */
export function liquid(pieces: TemplateStringsArray, ...parts: readonly Part[]): Liquid {
  return new Liquid(pieces.reduce((page, piece, place) => page + textOf(parts[place - 1] ?? '') + piece));
}

function textOf(part: Part): string {
  if (part instanceof Liquid) return part.text;
  if (typeof part === 'object') return part.map((one) => one.text).join('');
  return String(part).replaceAll(/[&<>"'{}]/gu, (char) => UNSAFE[char] ?? '');
}
