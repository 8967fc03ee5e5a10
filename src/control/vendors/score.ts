// What a third party earns by the published criteria, point by point. Pure.
import { readFileSync } from 'node:fs';
import type { Score, VendorGiven } from '@loupe/contract';
import { z } from 'zod';
import type { Observation } from '#plane';

const criteriaSchema = z.strictObject({
  about: z.string(),
  version: z.number(),
  goodForDays: z.number(),
  criteria: z.array(
    z.strictObject({
      id: z.string(),
      text: z.string(),
      weight: z.number().positive(),
      from: z.union([
        z.strictObject({ check: z.string() }),
        z.strictObject({ said: z.string() }),
        z.strictObject({ paper: z.array(z.string()).min(1) }),
      ]),
      when: z
        .union([z.strictObject({ touches: z.array(z.string()) }), z.strictObject({ money: z.literal(true) })])
        .optional(),
    }),
  ),
});
type Criteria = z.infer<typeof criteriaSchema>;
type Criterion = Criteria['criteria'][number];
type Line = Score['lines'][number];

export const CRITERIA: Criteria = criteriaSchema.parse(
  JSON.parse(readFileSync(new URL('../../../rules/criteria.json', import.meta.url), 'utf8')),
);

/** What the score is judged from: fresh observations of this vendor alone, and papers that were looked into. */
export interface ScoreInput {
  readonly vendor: Pick<VendorGiven, 'touches' | 'money' | 'kind' | 'hosts' | 'apiHosts'>;
  /** The newest of each check and subject; only those still fresh. */
  readonly observations: readonly Observation[];
  readonly papers: readonly { readonly kind: string; readonly title: string; readonly standing: string }[];
  /** An observation in one sentence. */
  readonly sentenceOf: (observation: Observation) => string;
}

/** Judges every criterion. Points are earned, lost with a reason, or unknown; nothing else moves them. */
export function scoreOf(input: ScoreInput): Score {
  const lines = CRITERIA.criteria.map(
    (criterion): Line => ({
      id: criterion.id,
      text: criterion.text,
      weight: criterion.weight,
      ...judge(criterion, input),
    }),
  );
  const sum = (outcome: Line['outcome']): number =>
    lines.filter((line) => line.outcome === outcome).reduce((total, line) => total + line.weight, 0);
  return { earned: sum('earned'), lost: sum('lost'), unknown: sum('unknown'), lines };
}

type Judged = Pick<Line, 'outcome' | 'reason' | 'observation' | 'subject'>;

function line(outcome: Line['outcome'], reason: string, from?: Observation): Judged {
  return { outcome, reason, observation: from?.id ?? null, subject: from?.subject ?? null };
}

function judge(criterion: Criterion, input: ScoreInput): Judged {
  const { when, from } = criterion;
  if (when !== undefined && 'money' in when && !input.vendor.money)
    return line('not-applicable', 'It touches no payments.');
  if (when !== undefined && 'touches' in when) {
    const touched: readonly string[] = input.vendor.touches;
    if (!when.touches.some((data) => touched.includes(data)))
      return line('not-applicable', 'It touches no personal data.');
  }
  if ('paper' in from) return judgePapers(from.paper, input);
  if ('said' in from) return judgeObservations(`provider.said.${from.said}`, input);
  const without = withoutHosts(from.check, input.vendor);
  return without ?? judgeObservations(`vendor.${from.check}`, input);
}

/** What cannot be looked at because no host is known: an API that nobody uses is no gap, a feed's is one. */
function withoutHosts(check: string, vendor: ScoreInput['vendor']): Judged | null {
  if (check.startsWith('api.')) {
    if (vendor.apiHosts.length > 0) return null;
    return vendor.kind === 'feed'
      ? line('unknown', 'No API host of theirs is known.')
      : line('not-applicable', 'No API of theirs is used.');
  }
  const isTls = check.startsWith('tls.');
  const known = vendor.hosts.length + (isTls ? vendor.apiHosts.length : 0);
  return known > 0
    ? null
    : line('unknown', isTls ? 'No host of theirs is known.' : 'No website of theirs is known.');
}

function judgeObservations(check: string, { observations, sentenceOf }: ScoreInput): Judged {
  const own = observations.filter((observation) => observation.check === check);
  const short = own.find((observation) => observation.outcome === 'falls-short');
  if (short !== undefined) return line('lost', sentenceOf(short), short);
  const unknown = own.find((observation) => observation.outcome === 'unknown');
  if (unknown !== undefined) return line('unknown', sentenceOf(unknown), unknown);
  const holds = own.find((observation) => observation.outcome === 'holds');
  if (holds !== undefined) return line('earned', sentenceOf(holds), holds);
  const [other] = own;
  if (other !== undefined) return line('not-applicable', sentenceOf(other), other);
  return line(
    'unknown',
    check.startsWith('vendor.') ? 'Not looked at yet.' : 'Not asked yet, or not answered.',
  );
}

function judgePapers(kinds: readonly string[], { papers }: ScoreInput): Judged {
  const own = papers.filter((paper) => kinds.includes(paper.kind));
  const inDate = own.find((paper) => paper.standing === 'in-date' || paper.standing === 'ending');
  if (inDate !== undefined) return line('earned', `${inDate.title}, in date.`);
  const ended = own.find((paper) => paper.standing === 'ended');
  if (ended !== undefined) return line('lost', `${ended.title} is out of date.`);
  const undated = own.find((paper) => paper.standing === 'undated');
  return line(
    'unknown',
    undated === undefined ? 'No such paper on file.' : `${undated.title} has no date yet.`,
  );
}
