// The window as pages within a Shopify shop's own theme, through its app proxy: a search, and one stone. No script, no style but a few lines; links lead to the shop's own address.
import { type Asked, facetsOf, isStone, type WindowStone } from '#feeds';
import { type Liquid, liquid } from './liquid.ts';
import type { Page } from './shop-window.ts';

/** What can be chosen on the page, one word each. */
const CHOICES = [
  ['shape', 'Shape'],
  ['color', 'Color'],
  ['clarity', 'Clarity'],
  ['cut', 'Cut'],
  ['lab', 'Report'],
  ['growth', 'Origin'],
] as const;
const SPANS = [
  ['carat', 'Carat'],
  ['price', 'Price'],
] as const;
const SORTS = [
  ['price', 'Price, low first'],
  ['-price', 'Price, high first'],
  ['carat', 'Carat, low first'],
  ['-carat', 'Carat, high first'],
] as const;

/**
 * The query that a form of the page asks: fields that were left empty are none, and two ends are one span.
 */
export function formQuery(form: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of form)
    if (value !== '' && !/^(?:carat|price)-(?:from|to)$/u.test(name)) query.append(name, value);
  for (const [name] of SPANS) {
    const ends = [form.get(`${name}-from`) ?? '', form.get(`${name}-to`) ?? ''];
    if (ends.some((end) => end !== '')) query.append(name, ends.join('-'));
  }
  return query;
}

/** The search, as one page of the shop's. */
export function searchPage(prefix: string, form: URLSearchParams, { perPage }: Asked, found: Page): Liquid {
  const path = `${prefix}/page`;
  const last = Math.max(1, Math.ceil(found.total / perPage));
  return liquid`${STYLE}<div class="loupe">
<form method="get" action="${path}">
${CHOICES.map(([facet, says]) => choice(facet, says, form, found))}
${SPANS.map(
  ([
    name,
    says,
  ]) => liquid`<label>${says} <input name="${name}-from" inputmode="decimal" size="7" placeholder="from" value="${
    form.get(`${name}-from`) ?? ''
  }"> <input name="${name}-to" inputmode="decimal" size="7" placeholder="to" aria-label="${says} to" value="${
    form.get(`${name}-to`) ?? ''
  }"></label>
`,
)}
<label>Order <select name="sort">${SORTS.map(([value, says]) => option(value, says, form.get('sort') === value))}</select></label>
<button type="submit">Show</button>
</form>
<p>${found.total === 1 ? '1 diamond' : `${found.total.toLocaleString('en')} diamonds`}</p>
<ul>
${found.shown.filter(isStone).map((stone) => card(prefix, stone))}
</ul>
<p>${found.page > 1 ? turn(path, form, found.page - 1, 'Back') : ''} Page ${found.page} of ${last} ${
    found.page < last ? turn(path, form, found.page + 1, 'More') : ''
  }</p>
</div>
`;
}

/** One stone, as a page of the shop's. */
export function stonePage(prefix: string, stone: WindowStone): Liquid {
  const rows = [
    ['Shape', word(stone.shape)],
    ['Carat', stone.carat.toFixed(2)],
    ['Color', stone.fancy === '' ? stone.color : stone.fancy],
    ['Clarity', stone.clarity],
    ['Cut', stone.cut],
    ['Polish', stone.polish],
    ['Symmetry', stone.symmetry],
    ['Fluorescence', word(stone.fluorescence)],
    ['Measurements', stone.measurements[0] === 0 ? 'none' : `${stone.measurements.join(' × ')} mm`],
    ['Origin', stone.growth === 'lab' ? 'lab-grown' : stone.growth],
    ['Treatment', stone.treatments.join(', ') || 'none'],
    ['Report', stone.lab === 'none' ? 'none' : `${stone.lab} ${stone.texts['certificate'] ?? ''}`],
    ['Number', stone.ref],
  ].filter(([, text]) => text !== 'none' && text !== 'unknown');
  return liquid`${STYLE}<div class="loupe">
<p><a href="${prefix}/page">All diamonds</a></p>
<h1>${titleOf(stone)}</h1>
${picture(stone)}
<p><strong>${priceOf(stone)}</strong></p>
<table>${rows.map(
    ([name = '', text = '']) => liquid`<tr><th>${name}</th><td>${text}</td></tr>
`,
  )}</table>
${stone.texts['comment'] === undefined ? '' : liquid`<p>${stone.texts['comment']}</p>`}
${link(stone.texts['report'], 'The report')} ${link(stone.texts['video'], 'A video')}
</div>
`;
}

/** What is said where a query cannot be read, or a stone is gone. */
export function otherPage(prefix: string, says: string): Liquid {
  return liquid`<div class="loupe"><p>${says}</p><p><a href="${prefix}/page">All diamonds</a></p></div>
`;
}

const STYLE = liquid`<style>
.loupe form { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: end }
.loupe ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; list-style: none; padding: 0 }
.loupe img { max-width: 100%; height: auto }
.loupe th { text-align: left; padding-right: 1rem }
</style>
`;

const FACETS = facetsOf('stones');

function choice(facet: string, says: string, form: URLSearchParams, { facets }: Page): Liquid {
  const chosen = form.get(facet) ?? '';
  const all = FACETS.find(({ name }) => name === facet)?.words ?? [];
  const words = all.filter((one) => one === chosen || (facets[facet]?.[one] ?? 0) > 0);
  return liquid`<label>${says} <select name="${facet}">${[
    option('', 'any', chosen === ''),
    ...words.map((one) => option(one, word(one), one === chosen)),
  ]}</select></label>
`;
}

function option(value: string, says: string, isChosen: boolean): Liquid {
  return liquid`<option value="${value}"${isChosen ? liquid` selected` : ''}>${says}</option>`;
}

function card(prefix: string, stone: WindowStone): Liquid {
  return liquid`<li>${picture(stone)}<p><a href="${prefix}/page/${stone.ref}">${titleOf(stone)}</a><br>${
    stone.lab === 'none' ? '' : `${stone.lab} · `
  }${stone.growth === 'lab' ? 'lab-grown' : stone.growth}<br><strong>${priceOf(stone)}</strong></p></li>
`;
}

function turn(path: string, form: URLSearchParams, page: number, says: string): Liquid {
  const query = new URLSearchParams([...form].filter(([, value]) => value !== ''));
  query.set('page', String(page));
  return liquid`<a href="${path}?${query.toString()}">${says}</a>`;
}

function titleOf({ carat, shape, color, fancy, clarity }: WindowStone): string {
  return `${carat.toFixed(2)} ct ${word(shape)}, ${fancy === '' ? color : fancy}, ${clarity}`;
}

/** Pictures come from suppliers: over https, and told nothing of the page. */
function picture({ texts, shape }: WindowStone): Liquid | string {
  const { image } = texts;
  if (image?.startsWith('https:') !== true) return '';
  return liquid`<img src="${image}" alt="${word(shape)} diamond" loading="lazy" referrerpolicy="no-referrer" width="300" height="300">`;
}

function link(address: string | undefined, says: string): Liquid | string {
  return address === undefined
    ? ''
    : liquid`<a href="${address}" target="_blank" rel="noopener noreferrer nofollow">${says}</a>`;
}

function priceOf({ price }: WindowStone): string {
  if (price === null) return 'Price on request';
  return (price.amountMinor / 100).toLocaleString('en', { style: 'currency', currency: price.currency });
}

function word(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replaceAll('-', ' ');
}
