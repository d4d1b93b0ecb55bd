import { failedBy, unknown, type Verdict } from '../verdict.ts';
import type { BehaviourCode } from './behaviour-codes.ts';
import { failureOf, isToldElsewhere, lookedUp, type Observation, profileOf } from './observation.ts';
import { otherPerson } from './other-person.ts';

type LookupCode = Extract<
  BehaviourCode,
  | 'user_id_lookup_fails'
  | 'lookups_disagree'
  | 'login_and_get_user_disagree'
  | 'outage_reported_as_not_found'
  | 'not_found_reported_as_error'
>;

/** `undefined`: nothing that was seen shows it. */
export type Judged<Code extends string> = Record<Code, Verdict | undefined>;

/** A finding for each observation that `wrong` has something to say of; undefined where there is none to ask. */
export function judgeEach(
  observations: readonly Observation[],
  wrong: (observation: Observation) => string | undefined,
): Verdict | undefined {
  if (observations.length === 0) return undefined;
  const findings = observations.flatMap((one) => {
    const message = wrong(one);
    return message === undefined ? [] : [{ message, script: one.action, ...placeOf(one) }];
  });
  return failedBy(findings);
}

const failedOtherwise = unknown('what would show it failed, as another finding says');

/** The same without those whose error has a code of its own; there need be no others. */
export function judgeUntold(
  observations: readonly Observation[],
  wrong: (observation: Observation) => string | undefined,
): Verdict | undefined {
  const untold = observations.filter((one) => !isToldElsewhere(one));
  return untold.length === 0 && observations.length > 0 ? failedOtherwise : judgeEach(untold, wrong);
}

/** Where a finding about this observation is, as far as it is written down. */
export function placeOf({ file, line }: Observation): { file?: string; line?: number } {
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

const isAnotherUser = ({ outcome }: Observation) =>
  !outcome.ok && (outcome.code === 'user_id_mismatch' || outcome.code === 'identifier_mismatch');

export function judgeLookups(observations: readonly Observation[]): Judged<LookupCode> {
  const usual = observations.filter(({ upstream }) => upstream === 'as_written');
  const lookups = usual.filter(({ action }) => action === 'get_user');
  const byUserId = lookups.filter((one) => lookedUp(one).user_id !== undefined);
  const byIdentifier = lookups.filter((one) => lookedUp(one).identifier !== undefined);
  const idsFrom = (those: readonly Observation[]) => new Set(those.map((one) => profileOf(one)?.user_id));
  const created = idsFrom(usual.filter(({ action }) => action === 'create'));
  const known = idsFrom([...byIdentifier, ...usual.filter(({ action }) => action === 'login')]);

  const ofKnownUsers = byUserId.filter((one) => {
    const { user_id } = lookedUp(one);
    // That a user who was created is not found is judged with the signups.
    if (created.has(user_id) && !profileOf(one)) return false;
    return one.expected === 'present' || known.has(user_id) || profileOf(one);
  });

  return {
    user_id_lookup_fails: judgeUntold(ofKnownUsers, (one) =>
      profileOf(one) ? undefined : `${one.name} gives ${whatInstead(one)} by the user_id`,
    ),
    lookups_disagree: judgeDisagreement(byIdentifier, byUserId),
    login_and_get_user_disagree: judgeLogins(usual, byIdentifier),
    outage_reported_as_not_found: judgeEach(
      observations.filter(({ action, upstream, outcome }) => {
        // One that finds somebody all the same asked nobody: it shows nothing.
        return action === 'get_user' && upstream !== 'as_written' && !(outcome.ok && isFound(outcome.result));
      }),
      (one) =>
        one.outcome.ok
          ? `${one.name} finds nobody when ${outage(one)}: callback(null) is "not found"`
          : undefined,
    ),
    not_found_reported_as_error: judgeUntold(
      lookups.filter((one) => one.expected === 'absent' && !profileOf(one)),
      (one) => (one.outcome.ok ? undefined : `${one.name} ends with ${failureOf(one)}`),
    ),
  };
}

const isFound = (result: unknown) => (result as { found?: boolean } | null)?.found === true;

const whatInstead = (one: Observation) => (one.outcome.ok ? 'nobody' : failureOf(one));

function outage({ upstream }: Observation): string {
  return upstream === 'refused'
    ? 'the store cannot be reached'
    : `the store answers ${upstream.replace('status_', '')}`;
}

function judgeDisagreement(
  byIdentifier: readonly Observation[],
  byUserId: readonly Observation[],
): Verdict | undefined {
  const pairs = byUserId.flatMap((one) => {
    if (isAnotherUser(one)) return [{ one, message: `${one.name} gives another user: ${failureOf(one)}` }];
    const profile = profileOf(one);
    const same = byIdentifier.find((other) => profileOf(other)?.user_id === profile?.user_id);
    if (!profile || !same) return [];
    const field = otherPerson(profile, profileOf(same)!);
    const message = field && `${one.name} gives another ${field} than ${same.name}`;
    return [{ one, message }];
  });
  const mistaken = byIdentifier
    .filter(isAnotherUser)
    .map((one) => ({ one, message: `${one.name} gives another user: ${failureOf(one)}` }));
  const messages = new Map([...pairs, ...mistaken].map(({ one, message }) => [one, message]));
  return judgeEach([...messages.keys()], (one) => messages.get(one));
}

function judgeLogins(
  usual: readonly Observation[],
  byIdentifier: readonly Observation[],
): Verdict | undefined {
  const logins = usual.filter(({ action }) => action === 'login');
  const pairs = logins
    .filter((one) => profileOf(one))
    .flatMap((login) =>
      byIdentifier
        .filter((one) => profileOf(one) && lookedUp(one).identifier === lookedUp(login).identifier)
        .map((lookup) => [login, lookup] as const),
    );
  if (pairs.length === 0 && logins.some(isToldElsewhere)) return failedOtherwise;
  const lookupOf = new Map(pairs);
  return judgeEach([...lookupOf.keys()], (login) => {
    const lookup = lookupOf.get(login)!;
    if (profileOf(login)?.user_id === profileOf(lookup)?.user_id) return undefined;
    return `${login.name} gives another user_id than ${lookup.name}`;
  });
}
