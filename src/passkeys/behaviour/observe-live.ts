import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { NEEDED_LOOKUPS } from './judge-runs.ts';
import { failureOf, type Observation, profileOf, type RunOutcome, type Upstream } from './observation.ts';

/** The scripts of a connection with the store that they really call. */
export interface LiveScripts {
  has(action: ActionName): boolean;
  run(action: ActionName, input: object): Promise<RunOutcome>;
  /** The same with nothing to be reached, and nothing kept of earlier runs. */
  runUnreachable(action: ActionName, input: object): Promise<RunOutcome>;
  /** Which scripts have called their callback again so far; left out where that is not heard. */
  calledAgain?: () => ReadonlySet<ActionName>;
}

export interface TestUsers {
  /** Of somebody who exists. */
  identifier?: string | undefined;
  password?: string | undefined;
  /** That nobody has. */
  unknownIdentifier: string;
  /** That nobody has, to create a user with; nothing is written without it. */
  createIdentifier?: string | undefined;
}

export interface LiveObservations {
  observations: Observation[];
  /** What the tester has to know, such as a user who is left behind. */
  notes: string[];
}

/** Answers that any further call would get: nothing runs. */
const nothingRuns = new Set(['script_not_found', 'script_invalid', 'overloaded', 'connection_quarantined']);

/**
 * Runs the scripts for the test users. Writes only with `createIdentifier`, and takes away what it has written.
 * After `enoughMs` no look-up is made for the sake of the time it takes.
 */
export async function observeLive(
  scripts: LiveScripts,
  users: TestUsers,
  { enoughMs = 60_000 }: { enoughMs?: number } = {},
): Promise<LiveObservations> {
  const until = performance.now() + enoughMs;
  const observations: Observation[] = [];
  const notes: string[] = [];
  const observe = async (
    name: string,
    action: ActionName,
    input: object,
    about: Partial<Observation> = {},
  ): Promise<Observation> => {
    const upstream: Upstream = about.upstream ?? 'as_written';
    const run = upstream === 'refused' ? scripts.runUnreachable : scripts.run;
    const observation = { name, action, input, upstream, ...about, outcome: await run(action, input) };
    observations.push(observation);
    return observation;
  };

  const { identifier, password, unknownIdentifier, createIdentifier } = users;
  const first = await observe(
    `the look-up of ${unknownIdentifier}`,
    'get_user',
    { identifier: unknownIdentifier },
    {
      expected: 'absent',
    },
  );
  if (!first.outcome.ok && nothingRuns.has(first.outcome.code)) {
    return {
      observations: [],
      notes: [`Nothing more was run: ${first.name} ended with ${failureOf(first)}.`],
    };
  }
  const lookups: (() => Promise<Observation>)[] = [];
  if (identifier !== undefined) {
    const name = `the look-up of ${identifier}`;
    const byIdentifier = () => observe(name, 'get_user', { identifier }, { expected: 'present' });
    lookups.push(byIdentifier);
    const userId = profileOf(await byIdentifier())?.user_id;
    if (userId !== undefined) {
      const byUserId = () =>
        observe(`${name} by user_id`, 'get_user', { user_id: userId }, { expected: 'present' });
      lookups.push(byUserId);
      await byUserId();
      await observe(`${name} by user_id`, 'get_user', { user_id: userId }, { upstream: 'refused' });
    }
    await observe(name, 'get_user', { identifier }, { upstream: 'refused' });
    if (password !== undefined)
      await observe(`the login of ${identifier}`, 'login', { identifier, password });
  }
  if (createIdentifier !== undefined)
    notes.push(...(await observeSignup(scripts, createIdentifier, observe)));
  for (let index = 0; lookups.length > 0 && index < NEEDED_LOOKUPS && performance.now() < until; index++) {
    await lookups[index % lookups.length]!();
  }
  notes.push(...observations.filter(isNoAnswer).map((one) => `${one.name} ended with ${failureOf(one)}.`));
  const again = scripts.calledAgain?.();
  return {
    observations: again
      ? observations.map((one) => ({
          ...one,
          outcome: { ...one.outcome, lateCallback: again.has(one.action) },
        }))
      : observations,
    notes: [...new Set(notes)],
  };
}

/** Of a user who is said to exist: without it much is unknown, and the reason should not be. */
function isNoAnswer({ action, upstream, expected, outcome }: Observation): boolean {
  if (outcome.ok || upstream !== 'as_written') return false;
  return action === 'login' || expected === 'present';
}

type Observe = (
  name: string,
  action: ActionName,
  input: object,
  about?: Partial<Observation>,
) => Promise<Observation>;

async function observeSignup(scripts: LiveScripts, identifier: string, observe: Observe): Promise<string[]> {
  const name = `the look-up of ${identifier}`;
  const before = await observe(name, 'get_user', { identifier }, { expected: 'absent' });
  // Whoever has the identifier already could be overwritten by create, and would be deleted in the end.
  if (!before.outcome.ok || profileOf(before)) {
    const why = before.outcome.ok ? 'somebody has that identifier' : 'the look-up of that identifier failed';
    return [`Nobody was created for ${identifier}: ${why}.`];
  }
  if (!scripts.has('create')) return ['Nobody was created: there is no create script.'];
  const input = { user: { [typeOf(identifier)]: identifier }, method: 'passkey' };
  const signup = `the passkey signup of ${identifier}`;
  const first = await observe(signup, 'create', input, { signup: 'first' });
  const created = profileOf(first)?.user_id;
  if (created === undefined) {
    return [`If create has stored ${identifier} before it failed, remove that user by hand.`];
  }
  await observe(`${name} by user_id`, 'get_user', { user_id: created });
  await observe(name, 'get_user', { identifier }, { afterCreate: true });
  const second = await observe(`the second signup of ${identifier}`, 'create', input, { signup: 'again' });
  const userIds = new Set([created, profileOf(second)?.user_id].filter((id) => id !== undefined));
  const notes: string[] = [];
  for (const userId of userIds) notes.push(...(await removeUser(scripts, identifier, userId)));
  return notes;
}

async function removeUser(scripts: LiveScripts, identifier: string, userId: string): Promise<string[]> {
  const left = `The user ${userId} (${identifier}) is still in the store: remove it by hand.`;
  if (!scripts.has('delete')) return [`There is no delete script. ${left}`];
  const outcome = await scripts.run('delete', { user_id: userId });
  return outcome.ok ? [] : [`delete ended with ${outcome.code}. ${left}`];
}

function typeOf(identifier: string): 'email' | 'phone_number' | 'username' {
  if (identifier.includes('@')) return 'email';
  return /^\+\d+$/.test(identifier) ? 'phone_number' : 'username';
}
