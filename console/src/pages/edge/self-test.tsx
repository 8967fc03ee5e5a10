import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SelfTestResult } from '@loupe/contract';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';

const TEST_TEXT: Readonly<Record<SelfTestResult['test'], string>> = {
  refuses: 'Nobody gets in without a proof, with a forged token or a made-up key',
  limits: 'Who asks too often is refused',
  lockout: 'Who gives wrong passwords is locked out',
  leaks: 'A card number in an answer is hidden',
  paths: 'An address that climbs is refused',
  attack: 'Attacks are stopped, and an honest request passes',
};

interface Line {
  readonly key: string;
  readonly test: SelfTestResult['test'];
  readonly edge: string;
  readonly route: string | null;
  readonly passed: boolean;
  /** What came back, or what was not as it should be. */
  readonly detail: string;
}

/** Attacks of one edge and route are one line: how many, and which came through. */
function linesOf(tests: readonly SelfTestResult[]): readonly Line[] {
  const lines = new Map<string, SelfTestResult[]>();
  for (const one of tests) {
    const key = `${one.edge} ${one.test} ${one.route ?? ''}`;
    lines.set(key, [...(lines.get(key) ?? []), one]);
  }
  return [...lines].flatMap(([key, same]) => {
    const [first] = same;
    if (first === undefined) return [];
    const failed = same.filter(({ passed }) => !passed);
    const detail =
      first.test !== 'attack'
        ? first.statuses.join(', ')
        : failed.length === 0
          ? `${same.length - 1} attacks`
          : failed.map(({ attack }) => attack ?? '').join(', ');
    const { test, edge, route } = first;
    return [{ key, test, edge, route, passed: failed.length === 0, detail }];
  });
}

interface SelfTestProps {
  readonly shop: string;
  /** Names of routes by id. */
  readonly routes: ReadonlyMap<string, string>;
}

/** The daily self-test, made now. */
export function SelfTest({ shop, routes }: SelfTestProps) {
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => api.selfTest(shop),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['answers', shop] }),
  });
  return (
    <section>
      <h2>Self-test</h2>
      <p className="soft">
        Every day Loupe calls its own edges as an attacker would, harmlessly, and what comes back is signed
        into the answers.
      </p>
      <p className="actions">
        <button type="button" className="quiet" disabled={test.isPending} onClick={() => test.mutate()}>
          Test now
        </button>
        {test.isPending ? <span className="soft">Testing …</span> : null}
      </p>
      <ProblemNote error={test.error} />
      {test.data === undefined ? null : test.data.tests.length === 0 ? (
        <p className="warn">No edge on this machine could be tested.</p>
      ) : (
        <ul className="parts" aria-live="polite">
          {linesOf(test.data.tests).map((one) => (
            <li key={one.key} className={one.passed ? 'done' : 'warn'}>
              {TEST_TEXT[one.test]}
              {one.route === null ? '' : ` (${routes.get(one.route) ?? one.route})`}, {one.edge}:{' '}
              {one.passed ? 'as it should be' : 'NOT so'} <span className="soft">{one.detail}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
