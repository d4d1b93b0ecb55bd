import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { type Observation, profileOf, type RunOutcome, type Upstream, upstreams } from './observation.ts';

/** A case of the fixtures that can be run, as it is written or with another answer to every HTTP call. */
export interface FixtureCase {
  name: string;
  action: ActionName;
  /** As the HTTP API takes it. */
  input: unknown;
  /** Where it is written down: `acme/fixtures/get_user.yaml`, and its line, 1-based. */
  file?: string;
  line?: number;
  /** What it expects of a look-up, where it says so. */
  expectFound?: boolean;
  /** The error code that it expects, if it expects one. */
  expectError?: string;
  /** Undefined where the script made a call that the case has no answer for: how it ends shows nothing then. */
  run(upstream?: Upstream): Promise<RunOutcome | undefined>;
}

/** A connection's fixtures, for whoever has an engine that runs them. */
export interface FixtureBehaviour {
  cases: readonly FixtureCase[];
}

/** Runs each case as it is written, and look-ups that find somebody again through outages of the store. */
export async function observeFixtures({ cases }: FixtureBehaviour): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const one of cases) {
    if (one.expectError !== undefined && one.expectError !== 'user_exists') continue;
    const outcome = await one.run('as_written');
    if (!outcome) continue;
    const usual = observationOf(one, 'as_written', outcome);
    observations.push(usual);
    if (one.action !== 'get_user' || !profileOf(usual)) continue;
    for (const upstream of upstreams.filter((each) => each !== 'as_written')) {
      const ended = await one.run(upstream);
      if (ended) observations.push(observationOf(one, upstream, ended));
    }
  }
  return observations;
}

function observationOf(one: FixtureCase, upstream: Upstream, outcome: RunOutcome): Observation {
  const { action, input, file, line, expectFound, expectError } = one;
  return {
    name: `the case ${JSON.stringify(one.name)}`,
    action,
    input,
    upstream,
    outcome,
    file,
    line,
    expected: expectFound === undefined ? undefined : expectFound ? 'present' : 'absent',
    signup: action === 'create' && expectError === 'user_exists' ? 'again' : undefined,
  };
}
