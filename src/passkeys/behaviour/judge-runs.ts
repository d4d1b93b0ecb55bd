import { failedBy, type Verdict } from '../verdict.ts';
import type { BehaviourCode } from './behaviour-codes.ts';
import { type Judged, judgeEach, placeOf } from './judge-lookups.ts';
import { type Observation, profileOf } from './observation.ts';

type RunCode = Extract<BehaviourCode, 'profile_invalid' | 'callback_more_than_once' | 'slow'>;

/** Below that a percentile says nothing. */
export const NEEDED_LOOKUPS = 20;

/** What is true of every run. Without a budget nothing is said of time. */
export function judgeRuns(
  observations: readonly Observation[],
  budgetMs: number | undefined,
): Judged<RunCode> {
  const usual = observations.filter(({ upstream }) => upstream === 'as_written');
  return {
    profile_invalid: judgeEach(
      usual.filter((one) => profileOf(one) || issuesOf(one).length > 0),
      (one) => {
        const issues = issuesOf(one);
        return issues.length === 0
          ? undefined
          : `${one.name} gives a profile that breaks rules: ${issues.join(', ')}`;
      },
    ),
    callback_more_than_once: judgeCallbacks(observations),
    slow: budgetMs === undefined ? undefined : judgeTime(usual, budgetMs),
  };
}

/** As `email_invalid at email`; never the values. */
function issuesOf({ outcome }: Observation): string[] {
  if (outcome.ok || outcome.code !== 'invalid_profile') return [];
  return outcome.issues
    .filter(({ code }) => code !== 'profile_missing')
    .map(({ code, path }) => (path === '' ? code : `${code} at ${path}`));
}

/** One finding for each script, however often it was run. */
function judgeCallbacks(observations: readonly Observation[]): Verdict | undefined {
  const listened = observations.filter(({ outcome }) => outcome.lateCallback !== undefined);
  if (listened.length === 0) return undefined;
  const byScript = Map.groupBy(
    listened.filter(({ outcome }) => outcome.lateCallback),
    ({ action }) => action,
  );
  return failedBy(
    [...byScript].map(([script, [first]]) => {
      // Live it is heard of the script, not of the run.
      const where = first!.file === undefined ? '' : ` in ${first!.name}`;
      return { script, message: `${script} calls its callback again${where}`, ...placeOf(first!) };
    }),
  );
}

function judgeTime(usual: readonly Observation[], budgetMs: number): Verdict | undefined {
  const durations = usual
    .flatMap(({ action, outcome }) => (action === 'get_user' && outcome.ok ? [outcome.durationMs] : []))
    .sort((one, other) => one - other);
  if (durations.length < NEEDED_LOOKUPS) return undefined;
  const p95 = Math.round(durations[Math.ceil(durations.length * 0.95) - 1]!);
  const said = `95 of 100 look-ups take ${p95} ms at most`;
  if (p95 <= budgetMs) return { status: 'passed', detail: `${said}, of ${durations.length}` };
  return failedBy([{ script: 'get_user', message: `${said}; the budget is ${budgetMs} ms` }]);
}
