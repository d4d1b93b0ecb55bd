import { unknown, type Verdict } from '../verdict.ts';
import { type BehaviourCode, behaviourCodes } from './behaviour-codes.ts';
import { judgeLookups } from './judge-lookups.ts';
import { judgeRuns } from './judge-runs.ts';
import { judgeSignups } from './judge-signups.ts';
import type { Observation } from './observation.ts';
import { type ObservedFrom, unseen } from './unseen.ts';

export interface JudgeSettings {
  from: ObservedFrom;
  /** Milliseconds that 95 of 100 look-ups may take. */
  budgetMs: number;
  /** The connection's `disable_signup`: no create is run then, whatever asks for one. */
  signupDisabled: boolean;
}

/** What was seen of the scripts, by code. A behaviour that nothing shows is unknown, with what would show it. */
export function judgeBehaviour(
  observations: readonly Observation[],
  { from, budgetMs, signupDisabled }: JudgeSettings,
): Record<BehaviourCode, Verdict> {
  const seen = {
    ...judgeLookups(observations),
    ...judgeSignups(signupDisabled ? observations.filter(({ action }) => action !== 'create') : observations),
    ...judgeRuns(observations, from === 'fixtures' ? undefined : budgetMs),
  };
  const entries = Object.entries(seen) as [BehaviourCode, Verdict | undefined][];
  return Object.fromEntries(
    entries.map(([code, verdict]) => [code, verdict ?? { status: 'unknown', detail: unseen[from][code] }]),
  ) as Record<BehaviourCode, Verdict>;
}

/** Of a connection of which nothing was run, for one reason. */
export function nothingSeen(reason: string): Record<BehaviourCode, Verdict> {
  const codes = Object.keys(behaviourCodes) as BehaviourCode[];
  return Object.fromEntries(codes.map((code) => [code, unknown(reason)])) as Record<BehaviourCode, Verdict>;
}
