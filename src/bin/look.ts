import { STATE_WORD, WHO } from '@loupe/contract/words';
import { answerOf, bareGapOf, compose, type Reach, PUBLIC_REACH, TEN } from '#control';
import { steadyClock } from '#kernel';
import { LOOK_CHECKS, lookAt, type LookResult, readTarget } from '#look';
import { openOutbound } from '#outbound';
import type { Observation } from '#plane';
import type { Settings } from './settings.ts';
import { readSamples } from './samples.ts';
import { samplesFile, USER_AGENT } from './settings.ts';
import type { Say } from './start.ts';

/** Looks at an address and answers the ten questions from that alone; nothing is stored. */
export async function lookOnce(
  settings: Settings,
  address: string,
  allow: readonly string[],
  say: Say,
): Promise<{ readonly result: LookResult; readonly answers: ReturnType<typeof answerOf>[] }> {
  const target = readTarget(address);
  const sample = readSamples(samplesFile(settings)).find((s) => new URL(s.address).hostname === target.host);
  const reach: Reach = settings.reach[target.host] ??
    sample?.reach ?? { ...PUBLIC_REACH, allowNetworks: allow };
  const outbound = openOutbound({ ...reach, userAgent: USER_AGENT });
  const clock = steadyClock();
  say(`looking at ${target.url.href}${sample === undefined ? '' : ' (a SAMPLE shop)'} …`);
  const result = await lookAt(outbound, target, {
    clock,
    browser: { mode: settings.look.browser, executable: settings.look.chromium },
    onPart: (part) => say(`  ${part}`),
  });
  const observations = result.findings.map((finding, i): Observation => {
    const { evidenceName, ...seen } = finding;
    return { ...seen, id: `${evidenceName}/${i}`, shop: '', evidence: null };
  });
  const answers = TEN.map((id) =>
    answerOf(compose(id, LOOK_CHECKS, observations, bareGapOf(id), result.kind, result.at)),
  );
  return { result, answers };
}

/** The ten answers for a terminal. */
export function answersText(answers: readonly ReturnType<typeof answerOf>[]): string {
  const lines = answers.flatMap((answer) => [
    `${answer.id.padEnd(4)}${STATE_WORD[answer.state].padEnd(10)} ${answer.question}`,
    `              ${answer.sentence}`,
    ...answer.checks
      .filter((check) => check.outcome === 'falls-short' && check.sentence !== answer.sentence)
      .map((check) => `              ✕ ${check.sentence}`),
    ...(answer.nextStep === null
      ? []
      : [`              → ${WHO[answer.nextStep.who]}: ${answer.nextStep.text}`]),
    '',
  ]);
  return lines.join('\n');
}
