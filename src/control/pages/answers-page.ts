// The ten answers as a document: server-rendered, no script, phone first, two printed sides. It is what a jeweler shows an
// insurer, so it says what was seen, what was not, and when.
import type { Answer, Answers, CheckNow, Ending, Exception } from '@loupe/contract';
import { OUTCOME_WORD, STATE_WORD, WHO } from '@loupe/contract/words';
import { html, raw } from 'hono/html';
import { followUpsOf, PROVIDER_QUESTIONS, TEN } from '../questions/catalogue.ts';
import type { ShopRow } from '../shops/shops.ts';
import { dateText, type Html } from './ask-form.ts';
import { DOCUMENT_STYLE } from './styles.ts';

const SOURCE_WORD = { seen: 'seen', said: 'said', provider: 'provider’s paper' } as const;

/** What the page says about the ledger: whether anything outside this machine bears it out. */
export interface LedgerLine {
  readonly leaves: number;
  readonly anchoredTo: number | null;
}

export function answersPage(
  shop: ShopRow,
  answers: Answers,
  third: { readonly exceptions: readonly Exception[]; readonly endings: readonly Ending[] },
  ledger: LedgerLine,
): Html {
  const of = (ids: readonly string[]): Answer[] =>
    ids.flatMap((id) => answers.answers.filter((answer) => answer.id === id));
  const ten = of(TEN);
  const tally = (['no', 'needs-you', 'unknown', 'yes'] as const).map((state) => ({
    state,
    count: ten.filter((answer) => answer.state === state).length,
  }));
  const short = answers.answers
    .flatMap((answer) => answer.checks)
    .filter((check) => check.outcome === 'falls-short').length;
  const checked = ten.flatMap((answer) => answer.checkedAt ?? []);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ten answers · ${shop.name}</title>
<style>${raw(DOCUMENT_STYLE)}</style>
</head>
<body>
<header>
<p class="back"><a href="/">All shops</a> · <a href="/shops/${shop.id}/asks">Ask your developer</a> · <a href="/shops/${shop.id}/changes">Changes</a> · <a href="/shops/${shop.id}/third-parties">Third parties</a></p>
${shop.sample === 1 ? html`<p class="sample"><strong>SAMPLE.</strong> A shop that comes with Loupe, for a first try. Its proofs say SAMPLE.</p>` : ''}
<h1>${shop.name}: ten questions, answered</h1>
<p class="meta">${shop.host}${shop.platform === null ? '' : ` · ${shop.platform}`} · ${checked.length === 0 ? 'not looked at yet' : `checked ${dateText(shop, Math.min(...checked))}`}</p>
<ul class="tally">${tally.filter((t) => t.count > 0).map((t) => html`<li><span class="state ${t.state}">${t.count} ${STATE_WORD[t.state]}</span></li>`)}</ul>
${short === 0 ? '' : html`<p class="short">${short} ${short === 1 ? 'thing falls' : 'things fall'} short of what a careful shop does. Each says whose it is to mend.</p>`}
${third.exceptions.length === 0 ? '' : exceptionsPart(shop, third.exceptions)}
${third.endings.length === 0 ? '' : endingsPart(shop, third.endings)}
</header>
<main>
<ol class="answers">${ten.map((answer) => answerItem(shop, answer, of(followUpsOf(TEN.find((id) => id === answer.id) ?? 'Q1'))))}</ol>
<h2 class="part">To ask every provider</h2>
<ol class="answers">${of(PROVIDER_QUESTIONS).map((answer) => answerItem(shop, answer, []))}</ol>
</main>
<footer>
<p>“Seen” was observed by Loupe itself: from outside without a login, or through the connected platform. Yes needs a fresh observation of every part; what nobody observed is Unknown, and that is no reproach.</p>
<p>${ledgerText(ledger)} A signature shows that a record was not changed, not that it is true. This is not a penetration test, not an approved scan and not legal advice.</p>
</footer>
</body>
</html>`;
}

/** Exceptions stand on the first page, with who answers for each and until when. */
function exceptionsPart(shop: ShopRow, exceptions: readonly Exception[]): Html {
  return html`<div class="exceptions"><p><strong>${exceptions.length} ${exceptions.length === 1 ? 'exception' : 'exceptions'}: let in without an assessment.</strong></p>
<ul>${exceptions.map((one) => html`<li>${one.name}: ${one.reason} <span class="how">${one.owner} answers for it, until ${dateText(shop, one.until, false)}.</span></li>`)}</ul></div>`;
}

/** What ends within a month, or has ended. */
function endingsPart(shop: ShopRow, endings: readonly Ending[]): Html {
  return html`<div class="exceptions"><p><strong>Look after these:</strong></p>
<ul>${endings.slice(0, MAX_ENDINGS).map((one) => html`<li>${one.name} ${one.ended ? 'ended' : 'ends'} ${dateText(shop, one.until, false)}.</li>`)}</ul></div>`;
}

/** The first page names the nearest; the console has them all. */
const MAX_ENDINGS = 5;

function ledgerText({ leaves, anchoredTo }: LedgerLine): string {
  if (anchoredTo === null) {
    return `${leaves} records signed in the ledger; none of them is anchored outside this machine yet, so whoever runs it could rewrite them.`;
  }
  return anchoredTo >= leaves
    ? `${leaves} records signed in the ledger, all anchored outside this machine.`
    : `${leaves} records signed in the ledger, the first ${anchoredTo} anchored outside this machine.`;
}

function answerItem(shop: ShopRow, answer: Answer, followUps: readonly Answer[]): Html {
  return html`<li class="answer" id="${answer.id}${answer.about === null ? '' : `-${answer.about.id}`}">
<p class="state ${answer.state}">${STATE_WORD[answer.state]}</p>
<h2><span class="id">${answer.id}</span>${answer.about === null ? '' : html`<span class="id">${answer.about.name}:</span>`}${answer.question}</h2>
<p class="sentence">${answer.sentence}</p>
${factsLine(shop, answer)}
${answer.nextStep === null ? '' : html`<p class="next"><b>${WHO[answer.nextStep.who]}:</b> ${answer.nextStep.text}</p>`}
${answer.checks.length === 0 ? '' : checksPart(shop, answer)}
${followUps.length === 0 ? '' : followUpsPart(shop, followUps)}
</li>`;
}

function factsLine(shop: ShopRow, answer: Answer): Html {
  const parts = [
    answer.figure?.text,
    answer.checkedAt === null ? undefined : `checked ${dateText(shop, answer.checkedAt)}`,
  ];
  const text = parts.filter((part) => part !== undefined).join(' · ');
  return text === '' ? html`` : html`<p class="facts">${text}</p>`;
}

function checksPart(shop: ShopRow, answer: Answer): Html {
  return html`<details>
<summary>${answer.checks.length} ${answer.checks.length === 1 ? 'check' : 'checks'} behind this</summary>
<ul class="checks">${answer.checks.map((check) => checkItem(shop, check))}</ul>
</details>`;
}

function checkItem(shop: ShopRow, check: CheckNow): Html {
  const seen =
    check.observedAt === null || check.source === null
      ? ''
      : `${SOURCE_WORD[check.source]} ${dateText(shop, check.observedAt)}`;
  return html`<li><span class="outcome">${OUTCOME_WORD[check.outcome]}:</span> ${check.title}. ${check.sentence}
<div class="how">${seen}${
    check.observation === null || check.evidence === null
      ? ''
      : html` · <a href="/api/v1/shops/${shop.id}/evidence/${check.evidence}">raw evidence</a> · <a href="/api/v1/shops/${shop.id}/observations/${check.observation}/proof">proof</a>`
  }</div></li>`;
}

function followUpsPart(shop: ShopRow, followUps: readonly Answer[]): Html {
  return html`<details>
<summary>Follow-ups: ${followUps.map((f) => f.id).join(', ')}</summary>
<ul class="checks">${followUps.map(
    (
      f,
    ) => html`<li id="${f.id}"><span class="state ${f.state}">${STATE_WORD[f.state]}</span> <strong>${f.question}</strong> ${f.sentence}
${f.nextStep === null ? '' : html`<div class="next"><b>${WHO[f.nextStep.who]}:</b> ${f.nextStep.text}</div>`}
${f.checks.length === 0 ? '' : html`<ul class="checks">${f.checks.map((check) => checkItem(shop, check))}</ul>`}</li>`,
  )}</ul>
</details>`;
}
