// What a text shows at a glance: the hosts it leads to, and whether it speaks of where money goes.

const MAX_HOSTS = 50;

/**
 * The hosts that a text leads to: of `https://host`, `http://host` and `//host` in quotes, brackets or bare; sorted, at most 50. A host
 * put together by a script out of pieces is not found: that is what rendered pages are looked at for.
 */
export function hostsIn(text: string): readonly string[] {
  const found = new Set<string>();
  // In JSON and scripts slashes may be escaped.
  for (const [, host = ''] of text
    .replaceAll('\\/', '/')
    .matchAll(
      /(?:https?:)?\/\/((?:[a-z0-9_-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62})(?=[:/?#"'`)\s<>&\\]|$)/giu,
    )) {
    found.add(host.toLowerCase());
    if (found.size >= MAX_HOSTS) break;
  }
  return [...found].toSorted();
}

/** ISO 13616: country, two check digits, 11 to 30 letters and digits, spaces allowed between groups of four. */
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/gu;
const MONEY_WORDS =
  /\b(?:iban|swift|bic|sort code|routing number|account number|bank transfer|wire transfer)\b/giu;

/** What a text says about where money goes: account numbers and the words around them, in order; empty where it says nothing. */
export function paymentWords(text: string): string {
  // What a reader sees as one number is one: tags, entities and invisible characters between its groups do not hide it.
  const plain = text
    .replaceAll(/<[^>]{0,500}>|&nbsp;|&#160;/gu, ' ')
    .replaceAll(/[\p{Cf}\p{Mn}]/gu, '')
    .replaceAll(/[\s-]+/gu, ' ');
  const ibans = [...plain.matchAll(IBAN)].map(([iban]) => iban.replaceAll(' ', ''));
  const words = [...plain.matchAll(MONEY_WORDS)].map(([word]) => word.toLowerCase());
  return [...ibans, ...words].slice(0, 40).join(' ').slice(0, 500);
}
