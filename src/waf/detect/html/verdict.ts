// Whether a value, put into a page, would run a script there or change what the page is. It is read as text, and as the rest of an attribute's value in each way of quoting.
import { type HtmlContext, type HtmlToken, htmlTokens } from './tokens.ts';

/** What of a value would run a script or change a page, or null where nothing would. */
export function scriptInjection(text: string): string | null {
  return found(text, judged);
}

/** What of a value would run a script, or bring in somebody's page; what only changes how a text looks, as editors of product texts write it, is let be. */
export function runningScript(text: string): string | null {
  return found(text, judgedRunning) ?? (text.includes('<') && framesSomething(text) ? '<iframe' : null);
}

function found(text: string, judge: (token: HtmlToken) => string | null): string | null {
  if (!/[<=]/u.test(text)) return null;
  const contexts: readonly HtmlContext[] = [
    'text',
    'tag',
    ...(["'", '"', '`'] as const).filter((quote) => text.includes(quote)),
  ];
  for (const context of contexts) {
    // An attribute needs a value, a tag its bracket.
    if (context === 'text' ? !text.includes('<') : !text.includes('=')) continue;
    for (const token of htmlTokens(text, context)) {
      const what = judge(token);
      if (what !== null) return what;
    }
  }
  return null;
}

const TAGS: ReadonlySet<string> = new Set(
  `applet base comment embed frame frameset handler iframe import isindex link listener meta noscript object portal script style vmlframe xml xss`.split(
    ' ',
  ),
);
/** Attributes that name an address. */
const ADDRESSES: ReadonlySet<string> = new Set(
  'action background by data dynsrc folder formaction from handler href lowsrc poster src srcdoc to values xlink:href'.split(
    ' ',
  ),
);
const ALWAYS: ReadonlySet<string> = new Set(['dataformatas', 'datasrc', 'filter', 'style', 'srcdoc']);
/** English words that begin as event handlers do. */
const WORDS_WITH_ON: ReadonlySet<string> = new Set(
  'once onboard onboarding ongoing onion onions online onlooker onscreen onset onshore onsite onstage ontario ontology onus onward onwards onyx'.split(
    ' ',
  ),
);
const SCRIPT_ADDRESS = /^(?:javascript|vbscript|livescript|data|view-source)\s*:/u;

function judged(token: HtmlToken): string | null {
  switch (token.kind) {
    case 'tag':
      return TAGS.has(token.name) || /^(?:svg|xsl)/u.test(token.name) ? `<${token.name}` : null;
    case 'attribute':
      return token.value === '' ? null : ofAttribute(token.name, token.value);
    case 'declaration':
      return /^!(?:doctype|entity|import)/u.test(token.text) ? `<${token.text.slice(0, 10)}` : null;
    case 'instruction':
      return /^\?(?:xml|import)|`/u.test(token.text) ? `<${token.text.slice(0, 10)}` : null;
    case 'comment':
      return /`|^\s*\[?if\b|^\[endif|^\s*(?:import|entity)|^\s*xml/u.test(token.text) ? '<!--' : null;
  }
}

/** Tags that run or bring in something by themselves. */
const RUNNING_TAGS: ReadonlySet<string> = new Set(
  'applet base embed frame frameset handler import isindex listener object portal script vmlframe xss'.split(
    ' ',
  ),
);
/** Players of films and maps that shops put into their texts. */
const FRAMED =
  /^(?:https:)?\/\/(?:www\.youtube(?:-nocookie)?\.com\/embed|player\.vimeo\.com\/video|www\.google\.com\/maps\/embed)[/?]/u;
const RUNNING_STYLE = /expression\s*\(|behaviou?r\s*:|-moz-binding|(?:java|vb)script\s*:|@import|\\[0-9a-f]/u;

function judgedRunning(token: HtmlToken): string | null {
  if (token.kind === 'tag')
    return RUNNING_TAGS.has(token.name) || token.name.startsWith('xsl') ? `<${token.name}` : null;
  if (token.kind === 'declaration') return /^!(?:entity|import)/u.test(token.text) ? '<!entity' : null;
  if (token.kind === 'comment')
    return /^\s*\[if\b[^\]]*\]>.*<\s*script|^#\s*(?:exec|include|echo)\b/su.test(token.text) ? '<!--' : null;
  if (token.kind === 'instruction') return /^\?import\b/u.test(token.text) ? '<?import' : null;
  if (token.kind !== 'attribute' || token.value === '') return null;
  if (token.name === 'style' || token.name === 'filter')
    return RUNNING_STYLE.test(address(token.value)) ? token.name : null;
  if (token.name === 'src' && /^(?:https?:)?\/\//u.test(address(token.value))) return null;
  return /^xmlns|^xlink/u.test(token.name) && token.name !== 'xlink:href'
    ? null
    : ofAttribute(token.name, token.value);
}

/** A frame is let be where a player of films or maps is in it. */
function framesSomething(text: string): boolean {
  const tokens = htmlTokens(text, 'text');
  return tokens.some((token, i) => {
    if (token.kind !== 'tag' || token.name !== 'iframe') return false;
    const end = tokens.findIndex((each, at) => at > i && each.kind === 'tag');
    const attributes = tokens.slice(i + 1, end < 0 ? undefined : end);
    return !attributes.some(
      (each) => each.kind === 'attribute' && each.name === 'src' && FRAMED.test(address(each.value)),
    );
  });
}

function ofAttribute(name: string, value: string): string | null {
  if (/^on[a-z]{3,}$/u.test(name) && !WORDS_WITH_ON.has(name)) return name;
  if (ALWAYS.has(name) || /^xmlns|^xlink(?!:href$)/u.test(name)) return name;
  if (name === 'attributename') return /^on|^href$|^xlink/u.test(value.toLowerCase()) ? name : null;
  return ADDRESSES.has(name) && SCRIPT_ADDRESS.test(address(value))
    ? `${name}=${address(value).slice(0, 12)}`
    : null;
}

/** An address as a browser takes it: entities read, control characters and spaces left out. */
function address(value: string): string {
  return value
    .slice(0, 400)
    .replaceAll(
      /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(colon|tab|newline|lpar));?/giu,
      (_, hex?: string, decimal?: string, name?: string) => {
        if (name !== undefined) return name.toLowerCase() === 'colon' ? ':' : '';
        const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
        return code < 0x100 ? String.fromCharCode(code) : '?';
      },
    )
    .replaceAll(/[\0-\x20\x7f-\xff]+/gu, '')
    .toLowerCase();
}
