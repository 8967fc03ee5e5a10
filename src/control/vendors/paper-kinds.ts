import { readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.strictObject({
  about: z.string(),
  papers: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      goodForDays: z.number(),
      about: z.string(),
      ends: z.array(z.string()),
      begins: z.array(z.string()),
    }),
  ),
});

/** A kind of paper that a third party can show. */
export type PaperKind = z.infer<typeof schema>['papers'][number];

export const PAPER_KINDS: readonly PaperKind[] = schema.parse(
  JSON.parse(readFileSync(new URL('../../../rules/papers.json', import.meta.url), 'utf8')),
).papers;

export function paperTitle(kind: string): string {
  return PAPER_KINDS.find((paper) => paper.id === kind)?.title ?? 'Paper';
}
