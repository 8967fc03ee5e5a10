const MAX_RULES = 500;

/**
 * Whether robots.txt lets a robot fetch a path: the group that names it, else the group of `*`; the longest matching rule
 * wins, `Allow` on a tie (RFC 9309, section 2.2).
 */
export function mayFetch(robotsTxt: string, robot: string, path: string): boolean {
  const groups = parseGroups(robotsTxt);
  const own = groups.filter((group) =>
    group.agents.some((agent) => agent !== '*' && robot.toLowerCase().startsWith(agent)),
  );
  const chosen = own.length > 0 ? own : groups.filter((group) => group.agents.includes('*'));
  let best = { length: -1, allow: true };
  for (const { allow, pattern } of chosen.flatMap((group) => group.rules).slice(0, MAX_RULES)) {
    if (pattern === '' || !matches(pattern, path)) continue;
    if (pattern.length > best.length || (pattern.length === best.length && allow))
      best = { length: pattern.length, allow };
  }
  return best.allow;
}

interface Group {
  readonly agents: string[];
  readonly rules: { readonly allow: boolean; readonly pattern: string }[];
}

function parseGroups(text: string): Group[] {
  const groups: Group[] = [];
  let naming = false;
  for (const line of text.split(/\r\n?|\n/u)) {
    const match = /^\s*(user-agent|allow|disallow)\s*:\s*([^#]*)/iu.exec(line);
    const value = match?.[2]?.trim() ?? '';
    const word = match?.[1]?.toLowerCase();
    if (word === 'user-agent') {
      if (!naming) groups.push({ agents: [], rules: [] });
      groups.at(-1)?.agents.push(value.toLowerCase());
    } else if (word !== undefined) {
      groups.at(-1)?.rules.push({ allow: word === 'allow', pattern: value });
    }
    if (word !== undefined) naming = word === 'user-agent';
  }
  return groups;
}

/** `*` stands for anything, a last `$` for the end. Greedy search piece by piece: no pattern can make it slow. */
function matches(pattern: string, path: string): boolean {
  const anchored = pattern.endsWith('$');
  const pieces = (anchored ? pattern.slice(0, -1) : pattern).split('*');
  const first = pieces[0] ?? '';
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1)) {
    const found = path.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  if (!anchored) return true;
  const last = pieces.at(-1) ?? '';
  return pieces.length === 1
    ? at === path.length
    : path.length - last.length >= at - last.length && path.endsWith(last);
}
