import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ActionInputs } from './actions.ts';

/** `context.organization`, as Auth0 documents it. */
export interface ContextOrganization {
  id: string;
  name?: string;
  display_name?: string;
  metadata?: Record<string, unknown>;
}

/** The object that scripts receive before the callback where the connection has `enable_script_context`. */
export interface ScriptContext {
  /** Only for a get_user by user_id; not set for a lookup by identifier, whichever identifier it is. */
  identifierType?: 'user_id';
  organization?: ContextOrganization;
}

/** `delete` always gets an empty context, even within an organization. */
export function buildContext<A extends ActionName>(
  action: A,
  input: ActionInputs[A],
  organization?: ContextOrganization | undefined,
): ScriptContext {
  if (action === 'delete') return {};
  const byUserId = action === 'get_user' && 'user_id' in input;
  return {
    ...(byUserId ? { identifierType: 'user_id' as const } : {}),
    ...(organization ? { organization: { ...organization, metadata: organization.metadata ?? {} } } : {}),
  };
}

/**
 * The `user` argument of create: what the caller gave, with tenant, connection and client_id as Auth0 adds them; they
 * win over fields of these names. A passkey signup has no password, whatever was given.
 */
export function buildCreateUser(
  input: ActionInputs['create'],
  origin: { tenant: string; connection: string },
): Record<string, unknown> {
  const { password, ...rest } = input.user;
  return {
    ...rest,
    ...(password !== undefined && input.method !== 'passkey' ? { password } : {}),
    ...(input.client_id === undefined ? {} : { client_id: input.client_id }),
    tenant: origin.tenant,
    connection: origin.connection,
  };
}

/**
 * The arguments before the callback, in the order of the contract. Give `context` for scripts whose `arguments` are
 * `context`, leave it out for `plain`. For create, `input.user` is passed as it is: see buildCreateUser.
 */
export function buildArguments<A extends ActionName>(
  action: A,
  input: ActionInputs[A],
  { context }: { context?: ScriptContext | undefined } = {},
): unknown[] {
  const own = builders[action](input);
  return context === undefined ? own : [...own, context];
}

const builders: { [A in ActionName]: (input: ActionInputs[A]) => unknown[] } = {
  login: ({ identifier, password }) => [identifier, password],
  get_user: (input) => ['user_id' in input ? input.user_id : input.identifier],
  create: ({ user }) => [user],
  verify: ({ email }) => [email],
  delete: ({ user_id }) => [user_id],
  change_password: ({ identifier, new_password }) => [identifier, new_password],
  change_email: ({ email, new_email, verified }) => [email, new_email, verified],
  change_username: ({ username, new_username }) => [username, new_username],
  change_phone_number: (input) => [input.phone_number, input.new_phone_number, input.verified],
};
