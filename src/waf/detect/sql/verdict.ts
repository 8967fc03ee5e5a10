// Whether a value, put into a statement where its writer did not mean it, would change what the statement says. It is read three times: as it would be outside of quotes, and
// as it would be behind each kind of quote that it contains. What counts is the shape that is left after folding.
import { type Fingerprint, fold } from './fold.ts';
import { type Context, type Token, tokenize } from './tokens.ts';
import { hasWayOut } from './ways-out.ts';
import { CALLED } from './words.ts';

/** The shape by which a value is told for SQL injection, or null where it is none. */
export function sqlInjection(text: string): string | null {
  // Without one of these there is no way out of a value, and nothing that could follow.
  if (!hasWayOut(text)) return null;
  if (CUT_OFF.test(text)) return 'sc';
  const found = judged(text, 'bare', false) ?? judged(text, 'bare', true);
  if (found !== null) return found;
  for (const quote of ["'", '"'] as const) {
    if (!text.includes(quote)) continue;
    const inside = judged(text, quote, true) ?? judged(text, quote, false);
    if (inside !== null) return inside;
  }
  return null;
}

/** One word, a quote that ends it, and the rest of the statement made a comment, whatever it says; 18" is a length. */
const CUT_OFF = /^[^\s'"]{0,63}(?:'|[^\s'"\d]")\)*\s*(?:;\s*)?(?:--(?:\s|$)|#)/u;

function judged(text: string, context: Context, mysql: boolean): string | null {
  const tokens = tokenize(text, context, { mysql });
  const fingerprint = fold(tokens);
  const attacks =
    ATTACKS.some((pattern) => pattern.test(fingerprint.shape)) && !isHarmless(fingerprint, tokens);
  return attacks || callsTelling(tokens) ? fingerprint.shape : null;
}

/** Shapes of a value that goes on as a statement. A value is `[1nsv]`; it may close one parenthesis. */
const ATTACKS: readonly RegExp[] = [
  // … UNION SELECT, with or without parentheses.
  /^[1nsv]?\)?o?U\(?E/u,
  // … AND something that is true, false, or takes time. A number with a word behind it (2 or 3 options) is none of these.
  /^[1s]\)?o?&(?:[1v](?!n)|s|f\(|\((?:E|f\(|s|v|\(|1\)?(?:[o&;c]|$))|E|n(?:[cBUo]|&[1svfE(]|;(?:[cET]|$)|\)?$))/u,
  // Behind a name it is what people write: gold and silver; rings and chains and more.
  /^[nv]\)?&(?:[1v](?!n)|s|f\(|\((?:E|f\(|s|v|\(|1\)?(?:[o&;c]|$))|E|n(?:[cBU]|\)?$))/u,
  /^&\(1\)/u,
  /^[1sv]o?E[of(1sv]/u,
  /^Tv/u,
  // … ; another statement.
  /^[1nsv]?\)?;[ET][nfvsE1(k]?/u,
  // Calls of known functions, alone or in an expression.
  /^(?:E\(?|k|&)?f\((?:[1fnvsE]|\))/u,
  /^[1sv]\)?o(?:f\(|\(?E|\([1fsv])/u,
  /^no\(E/u,
  /^[1s]f\(/u,
  // … ORDER BY, HAVING, LIMIT and their kin.
  /^[1nsv]\)?B(?:[1fvs(]|n?$|n[Bc;])/u,
  // CASE WHEN … THEN …, and a value with a query behind it.
  /^(?:E\(?)?kk/u,
  /^[1nsv]?\)?,\(E/u,
  // The rest of the statement cut off.
  /^[1s](?:\)?o[1sv])?c$/u,
  // A comment that MySQL carries out.
  /^[1nsvE]?\)?X/u,
  // A string that goes on as an expression.
  /^so(?:s$|1[c;&]|nc$)/u,
  /^s\)o[1sv](?:[c;)]|$)/u,
  /^[1sv]\)?k(?:f\(|1)/u,
  /^E(?:f\(|\(1|1[)ck]|k1k1)/u,
];

/** Functions and statements that nobody names in passing: they wait, read files or run programs. */
const TELLING =
  /^(?:sleep|pg_sleep|benchmark|load_file|extractvalue|updatexml|waitfor|xp_\w+|sys_exec|sys_eval|dbms_\w+\.\w+|utl_\w+\.\w+|randomblob|pg_read_file)$/u;

function callsTelling(tokens: readonly Token[]): boolean {
  return tokens.some(({ kind, text }, i) => {
    const before = tokens[i - 1]?.kind ?? ' ';
    const after = tokens[i + 1];
    if (kind === 'f') return TELLING.test(text) && after?.kind === '(' && 'o&(,E;'.includes(before);
    if (text === 'waitfor') return after?.text === 'delay' && 's1);'.includes(before);
    return (
      (text === 'into outfile' || text === 'into dumpfile') && (after?.kind === 's' || after?.kind === '(')
    );
  });
}

/** Keywords that go on with an expression, and are not what prepositions are. */
const EXPRESSING: ReadonlySet<string> = new Set('between case when then escape into where values'.split(' '));

function countOf(tokens: readonly Token[], kind: string): number {
  return tokens.filter((token) => token.kind === kind).length;
}

/** Shapes that people write, too. */
function isHarmless({ shape, tokens }: Fingerprint, all: readonly Token[]): boolean {
  const [first, , third] = tokens;
  if (shape === 'sos' || shape === 's&s') {
    // `a' = 'b` opens and closes the quotes around it; anything else is text with quotes in it.
    return !(first?.closed === false && third?.closed === false && first.text === third.text);
  }
  // Words in quotes, one after another, or with others behind them: "halo" or solitaire.
  if (shape === 's&n' && all.length <= 3) return true;
  if (shape.startsWith('s&n') || /^s(?:&s)+&?n*$/u.test(shape) || /^n\)?&s(?:[nck,&:.]|$)/u.test(shape))
    return tokens.every(({ kind, closed }) => kind !== 's' || closed === true);
  // (Gold) or silver.
  if (shape.startsWith('n)&n')) return countOf(all, '(') >= countOf(all, ')');
  // Names, one after another: Smith, Jackson and Miller-Lee.
  if (shape === 'n&n') return all.every(({ kind }) => kind !== 'c');
  if (/^(?:n&1|1&1|1&v|1&s|1&n)$/u.test(shape)) return all.length <= 3;
  // 16" or 18": inches, not quotes.
  if (shape.startsWith('s&1s')) return third?.text === '';
  // 'gold' and 'silver' ones: names in quotes.
  if (shape.startsWith('s&sn')) return first?.closed === true && third?.closed === true;
  // `left (north, south)`: words that are English as well as functions.
  if (shape.startsWith('f(n') && first !== undefined && CALLED.has(first.text)) return true;
  if (shape === 'sonc') return tokens.at(-1)?.text !== '--';
  // When all else fails.
  if (/^(?:E\(?)?kk/u.test(shape))
    return !(all.some(({ text }) => text === 'case') && all.some(({ text }) => text === 'then'));
  // 8" by 10" glossy; "As You Like It".
  if (/^[1sv]\)?k1/u.test(shape))
    return first?.closed === true || !tokens.some(({ text }) => EXPRESSING.has(text));
  // Dashes are punctuation, unless they are the last thing there is.
  return /^[1s](?:o[1sv])?c$/u.test(shape) && tokens.at(-1)?.text === '-- ';
}
