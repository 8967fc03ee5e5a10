import { NamePattern } from './name-pattern.ts';
import { type Place, quoted, refusal } from './place.ts';
import type { CountedTarget, Selector, Target, Targets } from './rule.ts';
import { VARIABLES, variableNamed } from './variable.ts';

/** The only paths into XML that rules may name: all text, and all attributes. */
const XML_PATHS = ['/*', '//@*'];

/** Reads `ARGS|!ARGS:/^id_/|&TX:score`. */
export function readTargets(text: string, place: Place): Targets {
  const included: CountedTarget[] = [];
  const excluded: Target[] = [];
  for (const piece of pieces(text, place)) {
    const sign = piece[0] === '!' || piece[0] === '&' ? piece[0] : '';
    const target = readTarget(piece.slice(sign.length), place);
    if (sign === '!') excluded.push(target);
    else included.push({ ...target, count: sign === '&' });
  }
  return { included, excluded };
}

/** Reads one target without a sign. */
export function readTarget(text: string, place: Place): Target {
  const colon = text.indexOf(':');
  const written = colon < 0 ? text : text.slice(0, colon);
  const variable = variableNamed(written.trim());
  if (variable === null) throw refusal(place, `the variable ${quoted(written)} is not known`);
  if (colon < 0) return { variable, selector: null };
  const kind = VARIABLES[variable];
  if (kind === 'one' || kind === 'changing')
    throw refusal(place, `${variable} is one value and has no members`);
  return { variable, selector: selectorOf(variable, text.slice(colon + 1).trim(), place) };
}

function selectorOf(variable: string, written: string, place: Place): Selector {
  const text =
    written.length > 1 && written.startsWith("'") && written.endsWith("'") ? written.slice(1, -1) : written;
  if (text === '') throw refusal(place, `${variable} with an empty member name`);
  if (variable === 'XML') {
    if (!XML_PATHS.includes(text))
      throw refusal(place, `the path ${quoted(text)} into XML: only ${XML_PATHS.join(' and ')} are known`);
    return { kind: 'name', name: text };
  }
  if (text.length > 2 && text.startsWith('/') && text.endsWith('/'))
    return { kind: 'pattern', pattern: memberPattern(text.slice(1, -1), place) };
  return { kind: 'name', name: text.toLowerCase() };
}

function memberPattern(source: string, place: Place): NamePattern {
  try {
    return new NamePattern(source);
  } catch (error) {
    throw refusal(
      place,
      `the pattern /${source}/: ${error instanceof Error ? error.message : 'cannot be read'}`,
    );
  }
}

/** Splits at `|`, but not within a pattern or quotes. */
function pieces(text: string, place: Place): readonly string[] {
  const found: string[] = [];
  let start = 0;
  let at = 0;
  const end = () => {
    const piece = text.slice(start, at).trim();
    if (piece === '') throw refusal(place, `an empty target in ${quoted(text)}`);
    found.push(piece);
  };
  while (at < text.length) {
    if (text[at] === '|' || text[at] === ',') {
      end();
      start = at + 1;
    } else if (text[at] === ':' && !/^!?XML$/iu.test(text.slice(start, at).trim())) {
      const close = text[at + 1] === "'" ? "'" : text[at + 1] === '/' ? '/' : null;
      if (close !== null) {
        at = closing(text, at + 2, close);
        if (at < 0) throw refusal(place, `a pattern or quote without end in ${quoted(text)}`);
      }
    }
    at += 1;
  }
  end();
  return found;
}

function closing(text: string, from: number, close: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === close) return at;
  }
  return -1;
}
