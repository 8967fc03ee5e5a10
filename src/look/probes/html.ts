// Reading a stranger's page without running it. parse5 follows the HTML standard's own rules for broken markup; what an
// attacker controls is all of it, so everything taken out of it is bounded in number and length.
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import type { FormSeen, PageSeen, ScriptSeen } from '../evidence.ts';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

const MAX_ITEMS = 200;
const MAX_TEXT = 300;
const MAX_NODES = 100_000;

/** Names under which card fields ask a browser to fill them (HTML, autofill detail tokens), and their usual names. */
const CARD_FIELD =
  /^(cc-(number|csc|exp|exp-month|exp-year|name)|card[-_]?(number|num|no)|cardnumber|ccnumber|cc[-_]?num|cvv2?|cvc|csc)$/iu;

function isElement(node: Node): node is Element {
  return 'tagName' in node;
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value;
}

/** Elements in document order. A list instead of recursion: depth is the stranger's to choose. */
function* elements(roots: readonly Node[]): Generator<Element> {
  const stack = [...roots].reverse();
  for (let count = 0; stack.length > 0 && count < MAX_NODES; count++) {
    const node = stack.pop();
    if (node === undefined || !isElement(node)) continue;
    yield node;
    const children = 'content' in node ? [] : node.childNodes;
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (child !== undefined) stack.push(child);
    }
  }
}

function textOfElement(element: Element): string {
  const text = element.childNodes
    .map((node) => ('value' in node && node.nodeName === '#text' ? node.value : ''))
    .join('');
  return text.replaceAll(/\s+/gu, ' ').trim().slice(0, MAX_TEXT);
}

function resolved(value: string | undefined, base: URL): string | null {
  const url = value === undefined ? null : URL.parse(value.trim(), base);
  return url === null || !['http:', 'https:'].includes(url.protocol) || url.href.length > 2_000
    ? null
    : url.href;
}

export interface ReadPage {
  readonly page: PageSeen;
  /** Links to pages of the same host, in document order. */
  readonly links: readonly string[];
}

/** Reads a page's markup: what it loads, what it asks for, where it sends it. */
export function readPage(html: string, url: URL): ReadPage {
  const document = parse(html);
  let base = url;
  let title = '';
  let generator: string | null = null;
  let inlineScripts = 0;
  const scripts: ScriptSeen[] = [];
  const frames = new Set<string>();
  const mixed = new Set<string>();
  const links = new Set<string>();
  const forms: { element: Element; action: string; method: string; password: boolean; card: boolean }[] = [];

  for (const element of elements(document.childNodes)) {
    switch (element.tagName) {
      case 'base':
        base = URL.parse(attribute(element, 'href') ?? '', url) ?? base;
        break;
      case 'title':
        if (title === '') title = textOfElement(element);
        break;
      case 'meta':
        if (attribute(element, 'name')?.toLowerCase() === 'generator') {
          generator = (attribute(element, 'content') ?? '').slice(0, MAX_TEXT);
        }
        break;
      case 'script': {
        const source = attribute(element, 'src');
        const found = resolved(source, base);
        if (source === undefined) inlineScripts += 1;
        else if (found !== null)
          scripts.push({ url: found, integrity: (attribute(element, 'integrity') ?? '') !== '' });
        break;
      }
      case 'iframe':
      case 'frame': {
        const found = resolved(attribute(element, 'src'), base);
        if (found !== null) frames.add(found);
        break;
      }
      case 'a': {
        const found = resolved(attribute(element, 'href'), base);
        if (found !== null && new URL(found).host === url.host) links.add(found.replace(/#.*$/u, ''));
        break;
      }
      case 'form':
        forms.push({
          element,
          action: resolved(attribute(element, 'action') ?? '', base) ?? url.href,
          method: (attribute(element, 'method') ?? 'get').toLowerCase() === 'post' ? 'post' : 'get',
          password: false,
          card: false,
        });
        break;
      case 'input': {
        const form = forms.at(-1);
        if (form === undefined) break;
        if (attribute(element, 'type')?.toLowerCase() === 'password') form.password = true;
        const names = [
          attribute(element, 'autocomplete'),
          attribute(element, 'name'),
          attribute(element, 'id'),
        ];
        if (names.some((name) => name?.split(/\s+/u).some((word) => CARD_FIELD.test(word)))) form.card = true;
        break;
      }
      default:
    }
    if (url.protocol === 'https:') {
      for (const name of ['img', 'script', 'iframe', 'link', 'video', 'audio', 'source', 'object', 'embed']) {
        if (element.tagName !== name) continue;
        if (name === 'link' && !/\bstylesheet\b/iu.test(attribute(element, 'rel') ?? '')) continue;
        const value = attribute(element, 'src') ?? attribute(element, 'href') ?? attribute(element, 'data');
        if (resolved(value, base)?.startsWith('http:') === true) mixed.add(resolved(value, base) ?? '');
      }
    }
  }
  return {
    page: {
      url: url.href,
      title,
      generator,
      scripts: scripts.slice(0, MAX_ITEMS),
      inlineScripts,
      frames: [...frames].slice(0, MAX_ITEMS),
      forms: forms
        .slice(0, MAX_ITEMS)
        .map(({ action, method, password, card }): FormSeen => ({ action, method, password, card })),
      mixed: [...mixed].slice(0, MAX_ITEMS),
    },
    links: [...links].slice(0, MAX_ITEMS),
  };
}
