import { unknown, type Verdict } from '../verdict.ts';
import type { BehaviourCode } from './behaviour-codes.ts';
import { type Judged, judgeEach, judgeUntold } from './judge-lookups.ts';
import { failureOf, lookedUp, type Observation, profileOf } from './observation.ts';
import { otherPerson } from './other-person.ts';

type SignupCode = Extract<
  BehaviourCode,
  | 'passkey_signup_fails'
  | 'create_without_profile'
  | 'create_returns_other_profile'
  | 'created_user_not_found'
  | 'second_signup_not_refused'
>;

/** Answers that say nothing of the script: it was not run, or rightly refused. */
const saysNothing = new Set(['invalid_request', 'user_exists']);

const codeOf = ({ outcome }: Observation) => (outcome.ok ? undefined : outcome.code);

const lacksProfile = ({ outcome }: Observation) =>
  !outcome.ok && outcome.issues.some(({ code }) => code === 'profile_missing');

export function judgeSignups(observations: readonly Observation[]): Judged<SignupCode> {
  const usual = observations.filter(({ upstream }) => upstream === 'as_written');
  const creates = usual.filter(({ action }) => action === 'create');
  const firsts = creates.filter((one) => one.signup !== 'again' && !saysNothing.has(codeOf(one) ?? ''));
  const lookups = usual.filter(({ action }) => action === 'get_user');
  return {
    passkey_signup_fails: judgeUntold(firsts.filter(isPasskeySignup), (one) =>
      one.outcome.ok ? undefined : `${one.name} ends with ${failureOf(one)}`,
    ),
    create_without_profile: judgeEach(
      firsts.filter((one) => one.outcome.ok || lacksProfile(one)),
      (one) => (lacksProfile(one) ? `${one.name} calls callback(null) without a profile` : undefined),
    ),
    create_returns_other_profile: judgeProfiles(firsts, lookups),
    created_user_not_found: judgeUntold(
      lookups.filter((one) => createdBy(firsts, lookedUp(one).user_id)),
      (one) => {
        if (profileOf(one)) return undefined;
        return `${one.name} gives ${one.outcome.ok ? 'nobody' : failureOf(one)} by the user_id that create gave`;
      },
    ),
    second_signup_not_refused: judgeEach(
      creates.filter((one) => one.signup === 'again' && codeOf(one) !== 'invalid_request'),
      (one) => {
        if (codeOf(one) === 'user_exists') return undefined;
        return one.outcome.ok
          ? `${one.name} creates the user once more`
          : `${one.name} ends with ${failureOf(one)}`;
      },
    ),
  };
}

function isPasskeySignup({ input }: Observation): boolean {
  const { method, user } = input as { method?: string; user?: { password?: unknown } };
  return method === 'passkey' || (method === undefined && user?.password === undefined);
}

function createdBy(creates: readonly Observation[], userId: string | undefined): Observation | undefined {
  return userId === undefined ? undefined : creates.find((one) => profileOf(one)?.user_id === userId);
}

function judgeProfiles(
  creates: readonly Observation[],
  lookups: readonly Observation[],
): Verdict | undefined {
  const [newest] = creates.filter((one) => profileOf(one)).slice(-1);
  const pairs = lookups.flatMap((lookup) => {
    const create = createdBy(creates, lookedUp(lookup).user_id) ?? (lookup.afterCreate ? newest : undefined);
    return create ? [[lookup, create] as const] : [];
  });
  const createOf = new Map(pairs.filter(([lookup]) => profileOf(lookup)));
  if (createOf.size === 0 && pairs.length > 0)
    return unknown('the look-up of the user who was created failed');
  return judgeEach([...createOf.keys()], (lookup) => {
    const create = createOf.get(lookup)!;
    const [found, made] = [profileOf(lookup)!, profileOf(create)!];
    const field = found.user_id === made.user_id ? otherPerson(found, made) : 'user_id';
    return field && `${create.name} gives another ${field} than ${lookup.name}`;
  });
}
