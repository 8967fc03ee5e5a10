// Two documents out of a conversation: an agenda for the call, and what the developer says beside what Loupe says.
import type { Answer, Answers, AskView } from '@loupe/contract';
import { ACTION_WORD, OUTCOME_WORD, STATE_WORD } from '@loupe/contract/words';
import { html, raw } from 'hono/html';
import { TEN } from '../questions/catalogue.ts';
import type { ShopRow } from '../shops/shops.ts';
import { dateText, type Html } from './ask-form.ts';
import { ASK_STYLE } from './styles.ts';

function document(shop: ShopRow, title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${shop.name}</title>
<style>${raw(ASK_STYLE)}</style>
</head>
<body>
<header>
<p class="back"><a href="/shops/${shop.id}/asks">Questions and answers</a></p>
${shop.sample === 1 ? html`<p class="sample"><strong>SAMPLE.</strong> A shop that comes with Loupe, for a first try.</p>` : ''}
<h1>${title}</h1>
</header>
${body}
</body>
</html>`;
}

/** What to talk about: where word and sight differ first, then what is admitted, what is not known, what was agreed. Prints on a page or two. */
export function agendaPage(shop: ShopRow, view: AskView, now: number): Html {
  const items = view.sections.flatMap((section) => section.items);
  const groups = [
    { title: 'They say otherwise than was seen', items: items.filter((one) => one.standing === 'differs') },
    {
      title: 'They say that it is not as it should be',
      items: items.filter((one) => one.claims === 'falls-short' && one.standing !== 'differs'),
    },
    { title: 'They do not know', items: items.filter((one) => one.claims === 'unknown') },
    { title: 'Not answered', items: items.filter((one) => one.standing === 'unanswered') },
    { title: 'Asked back, and open', items: items.filter((one) => one.messages.at(-1)?.from === 'us') },
  ].filter((group) => group.items.length > 0);
  return document(
    shop,
    `Agenda: ${view.ask.to}`,
    html`<main class="agenda">
<p class="meta">${view.ask.title} · ${view.ask.answeredAt === null ? 'not answered yet' : `answered ${dateText(shop, view.ask.answeredAt)}`} · printed ${dateText(shop, now)}</p>
${groups.length === 0 ? html`<p>Nothing is open: every answer is as it should be, and nothing seen contradicts it.</p>` : ''}
${groups.map(
  (group) => html`<h2 class="part">${group.title}</h2>
<ol class="answers">${group.items.map(
    (one) => html`<li class="answer"><h2>${one.item.asks}</h2>
<p class="sentence"><b>They say:</b> ${one.choice ?? (one.text === '' ? '–' : '')} ${one.text}</p>
${one.seen
  .filter((seen) => seen.outcome === 'falls-short')
  .map(
    (seen) =>
      html`<p class="sentence"><b>We saw:</b> ${seen.sentence} <span class="ref">${seen.subject ?? ''}</span></p>`,
  )}
${one.item.good === null ? '' : html`<p class="next">A good answer: ${one.item.good}</p>`}
<p class="facts">Agreed: ______________________________ by whom: ______________ until: __________</p></li>`,
  )}</ol>`,
)}
${
  view.actions.length === 0
    ? ''
    : html`<h2 class="part">Agreed before</h2><ul>${view.actions.map(
        (action) =>
          html`<li>${action.text} (${action.person}, by ${dateText(shop, action.dueAt, false)}): ${ACTION_WORD[action.state]}</li>`,
      )}</ul>`
}
</main>`,
  );
}

/** The ten questions, what Loupe says and what the developer says, side by side. */
export function comparePage(shop: ShopRow, answers: Answers, view: AskView | null): Html {
  const said = new Map<string, Said>();
  for (const one of view?.sections.flatMap((section) => section.items) ?? []) {
    const id = one.item.question.replace(/[a-z]$/u, '');
    const own = said.get(id) ?? { words: [], differs: [] };
    if (one.choice !== null || one.text !== '')
      own.words.push([one.choice, one.text].filter((part) => part !== null && part !== '').join('. '));
    if (one.standing === 'differs')
      own.differs.push(
        ...one.seen.filter((seen) => seen.outcome === 'falls-short').map((seen) => seen.sentence),
      );
    said.set(id, own);
  }
  const ten = TEN.flatMap((id) => answers.answers.find((answer) => answer.id === id) ?? []);
  return document(
    shop,
    'Ten questions: their word, and what was seen',
    html`<main>
<p class="meta">${view === null ? 'Your developer has not been asked yet.' : `${view.ask.to}, ${view.ask.answeredAt === null ? 'not answered yet' : `answered ${dateText(shop, view.ask.answeredAt)}`}`}</p>
<table><thead><tr><th>Question</th><th>They say</th><th>Loupe</th></tr></thead>
<tbody>${ten.map((answer) => compareRow(answer, said.get(answer.id)))}</tbody></table>
</main>
<footer><p>What is said is somebody’s word, and is never taken for seen. ${OUTCOME_WORD.unknown} is no reproach.</p></footer>`,
  );
}

interface Said {
  readonly words: string[];
  readonly differs: string[];
}

function compareRow(answer: Answer, said: Said | undefined): Html {
  return html`<tr>
<td data-label="Question"><b>${answer.id}</b> ${answer.question}</td>
<td data-label="They say">${
    said === undefined || said.words.length === 0
      ? 'Not answered.'
      : html`${said.words.map((word) => html`<div>${word}</div>`)}${said.differs.map((seen) => html`<p class="beside differs">We saw: ${seen}</p>`)}`
  }</td>
<td data-label="Loupe"><span class="state ${answer.state}">${STATE_WORD[answer.state]}</span> ${answer.sentence}</td>
</tr>`;
}
