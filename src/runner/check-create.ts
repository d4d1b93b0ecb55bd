import type { Issue } from '../errors.ts';
import type { ActionInputs, IdentifierType } from '../scripts/actions.ts';
import type { Execution } from './execution.ts';

type CreateInput = ActionInputs['create'];
export type SignupMethod = 'password' | 'passkey';

export interface GivenIdentifier {
  type: IdentifierType;
  value: string;
}

const identifierTypes = ['email', 'phone_number', 'username'] as const;

/** The password decides where it is not stated. */
export function signupMethod({ user, method }: CreateInput): SignupMethod {
  return method ?? (user.password === undefined ? 'passkey' : 'password');
}

/**
 * What create and signup ask of their input beyond its shape; answers the method. Throws access_denied when signup is disabled and invalid_request naming each field.
 */
export function checkCreate(execution: Execution, input: CreateInput): SignupMethod {
  const { options } = execution.connection;
  if (options.disable_signup === true) {
    throw execution.error('access_denied', 'create', {
      detail: 'Signup is disabled on this connection (options.disable_signup)',
    });
  }
  const { password } = input.user;
  const method = signupMethod(input);
  const issues = [...passwordIssues(method, password), ...missingIdentifiers(execution, input)];
  if (issues.length > 0) {
    throw execution.error('invalid_request', 'create', {
      detail: issues.map((issue) => issue.message).join('; '),
      issues,
    });
  }
  return method;
}

function passwordIssues(method: SignupMethod, password: unknown): Issue[] {
  const path = 'user.password';
  if (method === 'passkey') {
    if (password === undefined) return [];
    return [{ path, code: 'password_not_allowed', message: 'A passkey signup has no user.password' }];
  }
  if (typeof password === 'string' && password !== '') return [];
  return [{ path, code: 'password_required', message: 'A password signup needs user.password' }];
}

/** `signup.status: required` is a promise that the auth server has asked for it. */
function missingIdentifiers(execution: Execution, input: CreateInput): Issue[] {
  const { attributes } = execution.connection.options;
  return identifierTypes
    .filter((type) => attributes?.[type]?.signup?.status === 'required' && !isGiven(input.user[type]))
    .map((type) => ({
      path: `user.${type}`,
      code: 'attribute_required',
      message: `This connection requires user.${type} on signup`,
    }));
}

/** In the connection's order of precedence; those that users can log in with before those that they cannot. */
export function identifiersOf(execution: Execution, input: CreateInput): GivenIdentifier[] {
  const { precedence, attributes } = execution.connection.options;
  const order = [...new Set<IdentifierType>([...(precedence ?? []), ...identifierTypes])];
  const given = order.flatMap((type) => {
    const value = input.user[type];
    return isGiven(value) ? [{ type, value }] : [];
  });
  const isActive = ({ type }: GivenIdentifier) => attributes?.[type]?.identifier?.active === true;
  return [...given.filter(isActive), ...given.filter((one) => !isActive(one))];
}

function isGiven(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
