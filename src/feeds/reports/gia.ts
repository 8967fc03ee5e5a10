// GIA's report results, GraphQL, by its published documentation: a number in, what the laboratory found out; a key in `Authorization`, a quota of questions. What it says of a stone is compared with what a feed says of it. That
// both agree does not make a stone genuine: a number can be another stone's.
import { type Json, SECOND_MS, textOf } from '#kernel';
import { feedError } from '../errors.ts';
import type { FetchSession } from '../fetch/session.ts';
import { flatJson } from '../read/json-value.ts';
import { type WordTable, wordTable } from '../read/word-table.ts';
import { CLARITIES, COLORS, GROWTHS, SHAPES } from '../stone/words.ts';
import type { GiaReport } from './report-book.ts';

const HOST = 'api.reportresults.gia.edu';
export const GIA_HOSTS: readonly string[] = [HOST];
/** The least time from one question to the next. */
export const GIA_GAP_MS: number = SECOND_MS / 10;
const BOUNDS = { maxDepth: 8, maxScalars: 200 };
const FIELDS = 'shape_and_cutting_style carat_weight color_grade clarity_grade';
const QUESTION = `query ($number: String!) {
  getReport(report_number: $number) {
    report_number
    results {
      __typename
      ... on DiamondGradingReportResults { ${FIELDS} }
      ... on LabGrownDiamondGradingReportResults { ${FIELDS} }
    }
    quota { remaining }
  }
}`;

/** What of GIA's names for cutting styles says a shape that feeds have, too; those that are left out are not compared. */
const SHAPE = wordTable({
  ...codes(SHAPES),
  'round brilliant': SHAPES.indexOf('round'),
  'oval brilliant': SHAPES.indexOf('oval'),
  'pear brilliant': SHAPES.indexOf('pear'),
  'marquise brilliant': SHAPES.indexOf('marquise'),
  'heart brilliant': SHAPES.indexOf('heart'),
  'emerald cut': SHAPES.indexOf('emerald'),
  'square emerald cut': SHAPES.indexOf('asscher'),
  'cushion brilliant': SHAPES.indexOf('cushion'),
  'cushion modified brilliant': SHAPES.indexOf('cushion'),
});
const COLOR = wordTable(codes(COLORS));
const CLARITY = wordTable({ ...codes(CLARITIES), flawless: 0, 'internally flawless': 1 });
const [NATURAL, LAB] = [GROWTHS.indexOf('natural'), GROWTHS.indexOf('lab')];

function codes(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(words.map((word, code) => [word, code]));
}

/** Looks a report up; null where GIA has none of that number. Throws `feeds/not-fetched`, also where the quota is used up. */
export async function lookUpAtGia(session: FetchSession, number: string): Promise<GiaReport | null> {
  const variables: Json = { number };
  const bytes = await session.ask({
    url: new URL(`https://${HOST}/`),
    method: 'POST',
    headers: {
      authorization: session.credentials['key'] ?? '',
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify({ query: QUESTION, variables }),
  });
  const answer = flatJson(textOf(bytes) ?? '', BOUNDS);
  if (answer === null) throw notFetched('unexpected-answer');
  const text = (name: string): string => answer.get(`data.getReport.${name}`) ?? '';
  const kind = text('results.__typename');
  if (kind === '') {
    // Only in so many words is a number one that there is no report of: any other error says nothing of the stone.
    const says = [...answer].filter(([path]) => path.startsWith('errors.')).map(([, one]) => one);
    if (says.some((one) => /not.?found/iu.test(one))) return null;
    throw notFetched('provider-error');
  }
  if (text('report_number') !== number) throw notFetched('unexpected-answer');
  const [, carats] = /^(\d{1,3}(?:\.\d{1,3})?) carats?$/u.exec(text('results.carat_weight')) ?? [];
  return {
    number,
    growth: kind.startsWith('LabGrown') ? LAB : NATURAL,
    shape: code(SHAPE, text('results.shape_and_cutting_style')),
    caratMilli: carats === undefined ? -1 : Math.round(Number(carats) * 1_000),
    color: code(COLOR, text('results.color_grade')),
    clarity: code(CLARITY, text('results.clarity_grade')),
  };
}

function code(table: WordTable, word: string): number {
  const bytes = Buffer.from(word);
  return table.find(bytes, 0, bytes.length);
}

function notFetched(why: string): Error {
  return feedError('feeds/not-fetched', { details: { why, host: HOST } });
}
