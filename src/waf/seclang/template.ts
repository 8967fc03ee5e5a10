import { type Place, quoted, refusal } from './place.ts';
import type { Template } from './rule.ts';
import { variableNamed } from './variable.ts';

/** Reads text with `%{VARIABLE}` and `%{VARIABLE.member}` in it; a `%` that begins no reference is itself. */
export function readTemplate(source: string, place: Place): Template {
  const parts: (string | { variable: NonNullable<ReturnType<typeof variableNamed>>; name: string | null })[] =
    [];
  let at = 0;
  for (const found of source.matchAll(/%\{([^{}%]{0,200})\}/gu)) {
    if (found.index > at) parts.push(source.slice(at, found.index));
    const inner = found[1] ?? '';
    const dot = /[.:]/u.exec(inner)?.index ?? -1;
    const variable = variableNamed((dot < 0 ? inner : inner.slice(0, dot)).trim());
    if (variable === null) throw refusal(place, `the variable of ${quoted(found[0])} is not known`);
    parts.push({
      variable,
      name:
        dot < 0
          ? null
          : inner
              .slice(dot + 1)
              .trim()
              .toLowerCase(),
    });
    at = found.index + found[0].length;
  }
  if (at < source.length) parts.push(source.slice(at));
  return { source, parts };
}

/** The text of a template that refers to nothing; null where it does. */
export function constant(template: Template): string | null {
  const [only] = template.parts;
  if (only === undefined) return '';
  return template.parts.length === 1 && typeof only === 'string' ? only : null;
}
