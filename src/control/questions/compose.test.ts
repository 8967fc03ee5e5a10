import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOOK_CHECKS } from '#look';
import {
  type CheckDefinition,
  type Observation,
  type Outcome,
  OUTCOMES,
  QUESTION_IDS,
  SEVERITIES,
  SHOP_KINDS,
  type Source,
  SOURCES,
} from '#plane';
import { answerOf } from '../messages/answers.ts';
import { CHECK_TEXT, NOT_APPLICABLE_TEXT, UNKNOWN_TEXT } from '../messages/checks.ts';
import { QUESTION_TEXT } from '../messages/questions.ts';
import { gapOf } from './catalogue.ts';
import { PROVIDER_CHECKS } from '../vendors/checks.ts';
import { SHOP_CHECKS } from './answers.ts';
import { compose } from './compose.ts';

const NOW = 1_795_446_000_000;
const FRESH = 3_600_000;

const aCheck = (i: number): fc.Arbitrary<CheckDefinition> =>
  fc
    .record({
      said: fc.constantFrom('no', 'no', 'no', 'needed', 'shown'),
      id: fc.constant(`c${i}`),
      question: fc.constant('Q1' as const),
      responsible: fc.constant('developer' as const),
      kinds: fc.subarray([...SHOP_KINDS], { minLength: 1 }),
      freshForMs: fc.constant(FRESH),
      severity: fc.constantFrom(...SEVERITIES),
    })
    .map(({ said, ...check }) => (said === 'needed' || said === 'shown' ? { ...check, said } : check));

const anObservation = (check: string): fc.Arbitrary<Observation> =>
  fc
    .record({
      // Good news is drawn more often, so that a Yes is within reach.
      outcome: fc.oneof(
        { weight: 4, arbitrary: fc.constant<Outcome>('holds') },
        fc.constantFrom<Outcome>(...OUTCOMES),
      ),
      source: fc.oneof(
        { weight: 4, arbitrary: fc.constant<Source>('seen') },
        fc.constantFrom<Source>(...SOURCES),
      ),
      ageMs: fc.oneof(fc.integer({ min: 0, max: FRESH - 1 }), fc.integer({ min: -FRESH, max: 3 * FRESH })),
    })
    .map(({ outcome, source, ageMs }) => ({
      id: `o-${check}-${ageMs}`,
      shop: 's',
      check,
      subject: 'shop.example',
      outcome,
      source,
      figure: null,
      facts: {},
      observedAt: NOW - ageMs,
      validUntil: NOW - ageMs + FRESH,
      evidence: null,
    }));

const world = fc.integer({ min: 0, max: 5 }).chain((n) =>
  fc.record({
    checks: fc.tuple(...Array.from({ length: n }, (_, i) => aCheck(i))),
    observations: fc
      .tuple(...Array.from({ length: n }, (_, i) => fc.array(anObservation(`c${i}`), { maxLength: 3 })))
      .map((lists) => lists.flat()),
    kind: fc.constantFrom(null, ...SHOP_KINDS),
  }),
);

const NO_GAP = null;

describe('an answer', () => {
  it('is Yes only on a fresh observation that was seen to hold, with nothing open and nothing short', () => {
    let yes = 0;
    fc.assert(
      fc.property(world, ({ checks, observations, kind }) => {
        const answer = compose('Q1', checks, observations, NO_GAP, kind, NOW);
        if (answer.state !== 'yes') return;
        yes += 1;
        const seen = answer.standings.filter(
          (s) => s.outcome === 'holds' && s.observation?.source === 'seen' && s.check.said === undefined,
        );
        expect(seen.length).toBeGreaterThan(0);
        for (const { observation } of seen) {
          expect(observation!.observedAt).toBeLessThanOrEqual(NOW);
          expect(observation!.validUntil).toBeGreaterThan(NOW);
        }
        for (const s of answer.standings) expect(s.outcome).not.toBe('falls-short');
        // Of what is to be seen nothing was only said; and nobody whose word is needed is unasked.
        for (const { check, outcome, observation } of answer.standings) {
          if (check.said === undefined && outcome === 'holds') expect(observation?.source).not.toBe('said');
          if (check.said === 'needed') expect(outcome).not.toBe('unknown');
        }
      }),
      { numRuns: 3000 },
    );
    expect(yes).toBeGreaterThan(20);
  });

  it('to an empty set of checks is never Yes', () => {
    for (const kind of [null, ...SHOP_KINDS])
      expect(compose('Q1', [], [], NO_GAP, kind, NOW).state).toBe('unknown');
  });

  it('with a part that nothing observes is never Yes', () => {
    fc.assert(
      fc.property(world, ({ checks, observations, kind }) => {
        expect(compose('Q1', checks, observations, gapOf('Q1'), kind, NOW).state).not.toBe('yes');
      }),
    );
  });

  it('turns Unknown within one freshness window of the source stopping, whatever it was', () => {
    fc.assert(
      fc.property(world, ({ checks, observations, kind }) => {
        const later = compose('Q1', checks, observations, NO_GAP, kind, NOW + 3 * FRESH);
        expect(later.state).toBe('unknown');
      }),
    );
  });

  it('says about each subject what was seen of it: a good host does not hide a bad one', () => {
    const check = LOOK_CHECKS.find((c) => c.id === 'tls.versions')!;
    const of = (subject: string, outcome: Outcome, ageMs: number): Observation => ({
      id: `${subject}${ageMs}`,
      shop: 's',
      check: check.id,
      subject,
      outcome,
      source: 'seen',
      figure: null,
      facts: {},
      observedAt: NOW - ageMs,
      validUntil: NOW + FRESH,
      evidence: null,
    });
    const both = [of('a.example', 'falls-short', 9), of('b.example', 'holds', 1)];
    const answer = compose(check.question, [check], both, NO_GAP, null, NOW);
    expect(answer.standings.map((s) => s.outcome).toSorted()).toEqual(['falls-short', 'holds']);
    expect(answer.state).toBe('needs-you');
  });

  it('does not wait for what is only shown where somebody said it', () => {
    const check = LOOK_CHECKS.find((c) => c.id === 'http.nosniff')!;
    const shown: CheckDefinition = { ...check, id: 'said.Q4a', said: 'shown' };
    const needed: CheckDefinition = { ...check, id: 'provider.said.P1', said: 'needed' };
    const seen: Observation = {
      id: 'o',
      shop: 's',
      check: check.id,
      subject: 'x',
      outcome: 'holds',
      source: 'seen',
      figure: null,
      facts: {},
      observedAt: NOW,
      validUntil: NOW + FRESH,
      evidence: null,
    };
    expect(compose(check.question, [check, shown], [seen], NO_GAP, 'self-hosted', NOW).state).toBe('yes');
    expect(compose(check.question, [check, needed], [seen], NO_GAP, 'self-hosted', NOW).state).toBe(
      'unknown',
    );
    const admitted: Observation = { ...seen, check: shown.id, source: 'said', outcome: 'falls-short' };
    expect(compose(check.question, [check, shown], [seen, admitted], NO_GAP, 'self-hosted', NOW).state).toBe(
      'needs-you',
    );
  });

  it('does not change when its checks and observations come in another order', () => {
    fc.assert(
      fc.property(world, ({ checks, observations, kind }) => {
        const unique = [...new Map(observations.map((o) => [`${o.check}/${o.observedAt}`, o])).values()];
        const one = compose('Q1', checks, unique, NO_GAP, kind, NOW);
        const two = compose('Q1', checks.toReversed(), unique.toReversed(), NO_GAP, kind, NOW);
        expect(two.state).toBe(one.state);
      }),
    );
  });

  it('gets no better by an observation from the future', () => {
    fc.assert(
      fc.property(world, ({ checks, observations, kind }) => {
        const past = observations.filter((o) => o.observedAt <= NOW);
        expect(compose('Q1', checks, observations, NO_GAP, kind, NOW).state).toBe(
          compose('Q1', checks, past, NO_GAP, kind, NOW).state,
        );
      }),
    );
  });

  it('is No exactly when an applicable critical check falls short', () => {
    fc.assert(
      fc.property(world, ({ checks, observations, kind }) => {
        const answer = compose('Q1', checks, observations, NO_GAP, kind, NOW);
        const critical = answer.standings.some(
          (s) => s.outcome === 'falls-short' && s.check.severity === 'critical',
        );
        expect(answer.state === 'no').toBe(critical);
      }),
    );
  });
});

describe('the message catalogue', () => {
  it('has words for every check and every question, and none for others', () => {
    const used = SHOP_CHECKS.concat(PROVIDER_CHECKS).map((check) =>
      /(^|\.)said\./u.test(check.id) ? 'said' : check.id.replace(/^vendor\./u, ''),
    );
    expect(Object.keys(CHECK_TEXT).toSorted()).toEqual([...new Set(used)].toSorted());
    expect(Object.keys(QUESTION_TEXT).toSorted()).toEqual([...QUESTION_IDS].toSorted());
  });

  it('keeps every sentence to 25 words and free of codes', () => {
    const sentences = [
      ...Object.values(CHECK_TEXT).flatMap((text) => [
        text.holds,
        text.mend,
        ...(typeof text.short === 'string' ? [text.short] : Object.values(text.short)),
      ]),
      ...Object.values(UNKNOWN_TEXT),
      ...Object.values(NOT_APPLICABLE_TEXT),
      ...Object.values(QUESTION_TEXT).flatMap((text) => [text.asks, text.unobserved]),
    ];
    for (const sentence of sentences) {
      expect(sentence.split(/\s+/u).length, sentence).toBeLessThanOrEqual(25);
      expect(sentence).toMatch(/[.?]$/u);
    }
  });

  it('never calls what was only said seen', () => {
    const check = LOOK_CHECKS.find((c) => c.id === 'http.nosniff')!;
    const said: Observation = {
      id: 'o',
      shop: 's',
      check: check.id,
      subject: 'x',
      outcome: 'holds',
      source: 'said',
      figure: null,
      facts: {},
      observedAt: NOW,
      validUntil: NOW + FRESH,
      evidence: null,
    };
    const answer = answerOf(compose(check.question, [check], [said], NO_GAP, 'self-hosted', NOW));
    expect(answer.state).not.toBe('yes');
    expect(answer.checks[0]?.source).toBe('said');
  });
});
