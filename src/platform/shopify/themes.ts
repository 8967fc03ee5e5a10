import { fieldsOf, isObject, type JsonObject } from '#plane';
import type { Collector } from '../collector.ts';
import { type Item, type KnownText, plainName } from '../item.ts';
import { hostsIn } from '../text.ts';
import { type Admin, nodesOf } from './admin.ts';
import { ReadFailed } from '../failed.ts';

const THEMES = `query Themes($after: String) {
  themes(first: 50, after: $after) { nodes { id name role updatedAt } pageInfo { hasNextPage endCursor } }
}`;

const FILES = `query ThemeFiles($theme: ID!, $after: String) {
  theme(id: $theme) {
    files(first: 250, after: $after) {
      nodes { filename size checksumMd5 updatedAt contentType }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

const BODIES = `query ThemeFileBodies($theme: ID!, $names: [String!]!) {
  theme(id: $theme) {
    files(first: 50, filenames: $names) {
      nodes { filename body { __typename ... on OnlineStoreThemeFileBodyText { content } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

const MAX_FILES = 5_000;
const BODIES_AT_ONCE = 50;
/** Files that hold text; pictures and fonts are known by their checksum. */
const TEXTUAL = /\.(?:liquid|js|css|json|html?|svg|txt|md)$/iu;

/**
 * The themes, and the files of the published one. Bodies are fetched where the platform's mark is another than was known, and all of them where `deep`.
 */
export async function readThemes(
  admin: Admin,
  into: Collector,
  known: ReadonlyMap<string, KnownText>,
  deep: boolean,
): Promise<void> {
  const themes = await nodesOf(admin, THEMES, ['themes'], 200);
  if (themes === null) {
    into.gap('theme', 'too-many');
    return;
  }
  let live: string | null = null;
  for (const node of themes) {
    const theme = fieldsOf(node);
    const role = theme.text('role');
    if (role === 'MAIN') live = theme.text('id');
    // What is being tried out is not watched by its time of change: it changes at every keystroke.
    into.items.push({
      kind: 'theme',
      key: theme.text('id'),
      name: plainName(theme.text('name')),
      facts: { role },
      text: null,
      mark: null,
    });
  }
  into.covered.add('theme');
  if (live === null) {
    into.gap('theme-file', 'failed');
    return;
  }
  const files = await nodesOf(admin, FILES, ['theme', 'files'], MAX_FILES, { theme: live });
  if (files === null) {
    into.gap('theme-file', 'too-many');
    return;
  }
  const wanted: FileHead[] = [];
  for (const head of files.map(headOf)) {
    const before = known.get(head.name);
    if (TEXTUAL.test(head.name) && (deep || before?.mark !== head.mark)) wanted.push(head);
    else into.items.push(itemOf(head, before?.text ?? null, String(before?.facts['hosts'] ?? '')));
  }
  for (let at = 0; at < wanted.length; at += BODIES_AT_ONCE) {
    const heads = wanted.slice(at, at + BODIES_AT_ONCE);
    const bodies = await bodiesOf(admin, live, heads);
    for (const head of heads) {
      const body = bodies.get(head.name);
      // A file that went away between the list and its body is gone; one whose body is kept elsewhere is known by its checksum.
      if (body === undefined) continue;
      const text = body === null ? null : into.keep(body);
      into.items.push(itemOf(head, text, body === null ? '' : hostsIn(body).join(' ')));
    }
  }
  into.covered.add('theme-file');
}

interface FileHead {
  readonly name: string;
  readonly size: number;
  readonly md5: string;
  readonly mark: string;
}

function headOf(node: JsonObject): FileHead {
  const file = fieldsOf(node);
  const name = file.text('filename');
  const size = Number(file.json('size'));
  const md5 = file.textOrNull('checksumMd5') ?? '';
  return { name, size, md5, mark: `${md5} ${size} ${file.text('updatedAt')}` };
}

function itemOf(head: FileHead, text: string | null, hosts: string): Item {
  return {
    kind: 'theme-file',
    key: head.name,
    name: plainName(head.name),
    // A text speaks for itself by its hash; whatever has none, by the platform's checksum.
    facts: text === null ? { md5: head.md5, size: head.size, hosts } : { hosts },
    text,
    mark: head.mark,
  };
}

/** Bodies by file name; null where a file's body is no text, absent where there is no such file any more. */
async function bodiesOf(
  admin: Admin,
  theme: string,
  heads: readonly FileHead[],
): Promise<ReadonlyMap<string, string | null>> {
  const data = await admin.ask(BODIES, { theme, names: heads.map((head) => head.name) });
  const nodes = fieldsOf(fieldsOf(data).object('theme')).object('files')['nodes'];
  if (!Array.isArray(nodes)) throw new ReadFailed('bad-answer');
  return new Map(
    nodes.filter(isObject).map((node) => {
      const content = fieldsOf(node).object('body')['content'];
      return [fieldsOf(node).text('filename'), typeof content === 'string' ? content : null];
    }),
  );
}
