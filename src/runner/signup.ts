import { ServiceError } from '../errors.ts';
import type { ActionInputs, UserProfile } from '../scripts/actions.ts';
import { checkCreate, type GivenIdentifier, identifiersOf, type SignupMethod } from './check-create.ts';
import { checkLookupByUserId, checkScript } from './check-script.ts';
import { runCreate } from './create-user.ts';
import type { Execution } from './execution.ts';
import { logIn } from './log-in.ts';
import { lookUp } from './look-up.ts';
import type { RunnerParts } from './runner-parts.ts';

type CreateInput = ActionInputs['create'];

/** The whole order, observed as one where that is wanted: some failures are of no script alone. */
export async function signUp(
  parts: RunnerParts,
  execution: Execution,
  input: CreateInput,
): Promise<UserProfile> {
  const { connection, organization, id } = execution;
  const observer = parts.observeSignup?.({ connection, input, organization, execution: id });
  if (!observer) return signUpInOrder(parts, execution, input);
  try {
    return await signUpInOrder(parts, { ...execution, onExchange: observer.onExchange }, input);
  } catch (error) {
    if (error instanceof ServiceError) {
      const { code, details } = error;
      observer.onEnd?.({ code, error, timings: details.timings ?? noTimings });
    }
    throw error;
  }
}

const noTimings = { queueMs: 0, scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };

/**
 * The whole order: nobody has any of the identifiers, create, and proof that the new user can come back. Whatever
 * the proof needs is checked before anything runs. Answers the profile of the proof: the one of later logins.
 */
async function signUpInOrder(
  parts: RunnerParts,
  execution: Execution,
  input: CreateInput,
): Promise<UserProfile> {
  checkScript(execution, 'get_user');
  checkScript(execution, 'create');
  const method = checkCreate(execution, input);
  if (method === 'passkey') checkLookupByUserId(execution);
  else checkScript(execution, 'login');
  const identifiers = identifiersOf(execution, input);
  const [first] = identifiers;
  if (!first) throw identifierNeeded(execution);

  await checkNobodyHas(parts, execution, identifiers);
  const created = await runCreate(parts, execution, input, method);
  const proven = await prove(parts, execution, { method, identifier: first, input, created });
  if (created && created.user_id !== proven.user_id) {
    throw execution.error('user_id_mismatch', 'login', {
      detail:
        'create and login returned different user_ids for the new user. Return the same, permanent id from both.',
    });
  }
  return proven;
}

/** An error of a lookup ends the signup: taken for "not found", an outage would let create make a double. */
async function checkNobodyHas(
  parts: RunnerParts,
  execution: Execution,
  identifiers: readonly GivenIdentifier[],
): Promise<void> {
  for (const { type, value } of identifiers) {
    const { found } = await lookUp(parts, execution, { identifier: value });
    if (found) {
      throw execution.error('user_exists', 'get_user', {
        detail: `A user with this ${type} exists already`,
        issues: [{ path: `user.${type}`, code: 'user_exists', message: `This ${type} is taken` }],
      });
    }
  }
}

interface Proof {
  method: SignupMethod;
  identifier: GivenIdentifier;
  input: CreateInput;
  created: UserProfile | undefined;
}

async function prove(parts: RunnerParts, execution: Execution, proof: Proof): Promise<UserProfile> {
  try {
    return proof.method === 'password'
      ? await logIn(parts, execution, {
          identifier: proof.identifier.value,
          password: String(proof.input.user.password),
        })
      : await findAgain(parts, execution, proof.created);
  } catch (error) {
    throw error instanceof ServiceError ? proofFailed(execution, error) : error;
  }
}

async function findAgain(
  parts: RunnerParts,
  execution: Execution,
  created: UserProfile | undefined,
): Promise<UserProfile> {
  // runCreate refuses a passkey signup without a profile, so there is an id to ask for.
  const found = await lookUp(parts, execution, { user_id: String(created?.user_id) });
  if (found.found) return found.user;
  throw execution.error('script_error', 'get_user', {
    detail: 'get_user, asked for the user_id that create returned, finds nobody',
  });
}

/**
 * The caller has to know that there is a user now. A login that refuses the password just set is a fault of the
 * scripts: as a 401 it would tell the user that the password was wrong.
 */
function proofFailed(execution: Execution, error: ServiceError): ServiceError {
  const script =
    execution.connection.scripts.login && error.details.script === 'login' ? 'login' : 'get_user';
  const refused = error.code === 'wrong_username_or_password';
  const reason = refused ? 'login refused the new user and its password' : error.message;
  const { cause: _, ...details } = error.details;
  return execution.error(refused ? 'script_error' : error.code, script, {
    ...details,
    detail: `The user was created, but could not be proven to exist: ${reason}`,
  });
}

function identifierNeeded(execution: Execution): ServiceError {
  const message = 'A signup needs at least one of user.email, user.phone_number, user.username';
  return execution.error('invalid_request', 'create', {
    detail: message,
    issues: [{ path: 'user', code: 'identifier_required', message }],
  });
}
