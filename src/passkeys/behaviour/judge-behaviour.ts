import type { Verdict } from '../verdict.ts';
import type { BehaviourCode } from './behaviour-codes.ts';
import { judgeLookups } from './judge-lookups.ts';
import { judgeRuns } from './judge-runs.ts';
import { judgeSignups } from './judge-signups.ts';
import type { Observation } from './observation.ts';
import { type ObservedFrom, unseen } from './unseen.ts';

export interface JudgeSettings {
  from: ObservedFrom;
  /** Milliseconds that 95 of 100 look-ups may take. */
  budgetMs: number;
}

/** What was seen of the scripts, by code. A behaviour that nothing shows is unknown, with what would show it. */
export function judgeBehaviour(
  observations: readonly Observation[],
  { from, budgetMs }: JudgeSettings,
): Record<BehaviourCode, Verdict> {
  const seen = {
    ...judgeLookups(observations),
    ...judgeSignups(observations),
    ...judgeRuns(observations, from === 'fixtures' ? undefined : budgetMs),
  };
  const entries = Object.entries(seen) as [BehaviourCode, Verdict | undefined][];
  return Object.fromEntries(
    entries.map(([code, verdict]) => [code, verdict ?? { status: 'unknown', detail: unseen[from][code] }]),
  ) as Record<BehaviourCode, Verdict>;
}
