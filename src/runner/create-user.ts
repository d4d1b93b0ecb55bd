import { attributesEnabled } from '../profile/profile-rules.ts';
import type { ActionInputs, UserProfile } from '../scripts/actions.ts';
import { buildCreateUser } from '../scripts/build-arguments.ts';
import { checkCreate, identifiersOf, type SignupMethod } from './check-create.ts';
import { checkScript } from './check-script.ts';
import type { Execution } from './execution.ts';
import { lookUp } from './look-up.ts';
import { readProfile } from './read-profile.ts';
import { isNothing } from './returned.ts';
import { runScript } from './run-script.ts';
import type { RunnerParts } from './runner-parts.ts';

type CreateInput = ActionInputs['create'];

/** Create alone: the caller answers for the order around it. */
export async function createUser(
  parts: RunnerParts,
  execution: Execution,
  input: CreateInput,
): Promise<UserProfile> {
  checkScript(execution, 'create');
  const method = checkCreate(execution, input);
  const user = await runCreate(parts, execution, input, method);
  return user ?? lookUpCreated(parts, execution, input);
}

/**
 * Runs create. `undefined`: the script called `callback(null)`, which was the contract before create had to return a
 * profile; it still is where neither `attributes` nor a passkey need it. Throws invalid_profile where they do.
 */
export async function runCreate(
  parts: RunnerParts,
  execution: Execution,
  input: CreateInput,
  method: SignupMethod,
): Promise<UserProfile | undefined> {
  const { connection } = execution;
  const user = buildCreateUser({ ...input, method }, { tenant: parts.tenant, connection: connection.name });
  const created = await runScript(parts, execution, 'create', { ...input, method, user }, (returned) => {
    const returnedNone = returned.value === undefined || returned.value === null;
    if (!returnedNone || !isNothing(returned)) return readProfile(parts, execution, 'create', returned);
    if (method === 'passkey') throw profileMissing(execution, 'A passkey signup needs the profile');
    if (attributesEnabled(connection.options))
      throw profileMissing(execution, 'This connection has attributes enabled and needs the profile');
    return undefined;
  });
  if (created) execution.onCreated?.(created);
  return created;
}

async function lookUpCreated(
  parts: RunnerParts,
  execution: Execution,
  input: CreateInput,
): Promise<UserProfile> {
  const [identifier] = identifiersOf(execution, input);
  if (!identifier || !execution.connection.scripts.get_user)
    throw profileMissing(execution, 'There is no get_user or no identifier to look the new user up by');
  const found = await lookUp(parts, execution, { identifier: identifier.value });
  if (!found.found) throw profileMissing(execution, 'get_user does not find the new user');
  return found.user;
}

function profileMissing(execution: Execution, reason: string) {
  const message = `create called callback(null) without a profile. ${reason}: call callback(null, { user_id: String(row.id), email: row.email }) with the fields that get_user returns.`;
  return execution.error('invalid_profile', 'create', {
    detail: message,
    issues: [{ path: '', code: 'profile_missing', message }],
  });
}
