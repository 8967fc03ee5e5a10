// The questions as a form: the same for a link and for a file. Everything that anybody typed is text here and nothing else.
import type { AnsweredItem } from '@loupe/contract';
import { OUTCOME_WORD } from '@loupe/contract/words';
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { MAX_ANSWER } from '../asks/draft.ts';
import type { ShopRow } from '../shops/shops.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export function dateText(shop: Pick<ShopRow, 'locale' | 'time_zone'>, at: number, withTime = true): string {
  return new Intl.DateTimeFormat(shop.locale, {
    dateStyle: 'medium',
    ...(withTime ? { timeStyle: 'short' } : {}),
    timeZone: shop.time_zone,
  }).format(at);
}

/** One item: its options, a text, files, what was seen beside it, and the messages about it. By link, files can be taken off again. */
export function itemFields(
  shop: ShopRow,
  answered: AnsweredItem,
  handedIn: boolean,
  where: 'link' | 'file',
): Html {
  const { item } = answered;
  const chosen = item.options.find((option) => option.text === answered.choice)?.value;
  return html`<fieldset class="item" id="${item.id}">
<legend>${item.asks}${item.refs.length === 0 ? '' : html` <span class="ref">(${item.refs.join(', ')})</span>`}</legend>
${item.options.map(
  (option) =>
    html`<label class="option"><input type="radio" name="c:${item.id}" value="${option.value}"${
      option.value === chosen ? html` checked` : ''
    }> <span>${option.text}</span></label>`,
)}
<label class="more" for="t-${item.id}">${item.kind === 'text' ? 'Your answer' : 'A sentence, where it helps'}</label>
<textarea id="t-${item.id}" name="t:${item.id}" maxlength="${MAX_ANSWER}" rows="${item.kind === 'text' ? 3 : 2}">${answered.text}</textarea>
${
  item.papers.length === 0 && answered.files.length === 0
    ? ''
    : html`<label class="more" for="f-${item.id}">A paper that shows it (PDF, picture, text; 10 MB at most)</label>
<input type="file" id="f-${item.id}" name="f:${item.id}" accept=".pdf,.png,.jpg,.jpeg,.txt,.csv,.xlsx">`
}
${
  answered.files.length === 0
    ? ''
    : html`<ul class="files">${answered.files.map(
        (file) =>
          html`<li>${file.name}${fileWord(file)}${where === 'file' ? '' : html` <label class="option"><input type="checkbox" name="x:${item.id}" value="${file.id}"> <span>Take ${file.name} off</span></label>`}</li>`,
      )}</ul>`
}
${handedIn ? besideBlock(shop, answered) : ''}
${answered.messages.length === 0 ? '' : thread(answered)}
</fieldset>`;
}

function fileWord(file: AnsweredItem['files'][number]): string {
  if (file.state === 'refused') return `: not accepted. ${file.why ?? ''}`;
  return file.state === 'waiting' ? ' (being looked at)' : '';
}

/** What was seen, beside what was said; only of hosts that are the reader's own (see `seenFor`). */
function besideBlock(shop: ShopRow, answered: AnsweredItem): Html {
  if (answered.seen.length === 0) return html``;
  const differs = answered.standing === 'differs';
  return html`<div class="beside${differs ? ' differs' : ''}">
<p><strong>${differs ? 'You say otherwise than was seen.' : 'What was seen from outside:'}</strong></p>
${answered.seen.map(
  (seen) =>
    html`<p>${OUTCOME_WORD[seen.outcome]}: ${seen.sentence} <span class="ref">${seen.subject ?? ''}${
      seen.observedAt === null ? '' : `, ${dateText(shop, seen.observedAt)}`
    }</span></p>`,
)}
</div>`;
}

function thread(answered: AnsweredItem): Html {
  return html`<ul class="thread">${answered.messages.map(
    (message) =>
      html`<li><strong>${message.from === 'us' ? 'The shop asks' : 'You'}:</strong> ${message.text}</li>`,
  )}</ul>
<label class="more" for="m-${answered.item.id}">Your reply</label>
<textarea id="m-${answered.item.id}" name="m:${answered.item.id}" maxlength="${MAX_ANSWER}" rows="2"></textarea>`;
}
