import type { ActionName } from '../../sandbox/contract/actions.ts';

export interface ActionContract {
  /** The arguments before the context object and the callback, in order. */
  arguments: readonly string[];
  /** Names of the entry function in Auth0's documentation and templates, old and new; the first is for messages. */
  entryNames: readonly string[];
}

/**
 * Auth0's signatures, the callback (and the context object before it) left out. `change_username` and
 * `change_phone_number` are not documented: their order follows `change_email`, the old value before the new one.
 */
export const contracts: Record<ActionName, ActionContract> = {
  login: { arguments: ['userNameOrEmail', 'password'], entryNames: ['login'] },
  get_user: {
    arguments: ['identifierValue'],
    entryNames: ['getUser', 'get_user', 'getByEmail', 'get_by_email'],
  },
  create: { arguments: ['user'], entryNames: ['create'] },
  verify: { arguments: ['email'], entryNames: ['verify'] },
  delete: {
    arguments: ['id'],
    entryNames: ['remove', 'deleteUser', 'delete_user'],
  },
  change_password: {
    arguments: ['email', 'newPassword'],
    entryNames: ['changePassword', 'change_password'],
  },
  change_email: {
    arguments: ['email', 'newEmail', 'verified'],
    entryNames: ['changeEmail', 'change_email'],
  },
  change_username: {
    arguments: ['username', 'newUsername'],
    entryNames: ['changeUsername', 'change_username'],
  },
  change_phone_number: {
    arguments: ['phoneNumber', 'newPhoneNumber', 'verified'],
    entryNames: ['changePhoneNumber', 'change_phone_number'],
  },
};

/** The parameters of an entry function as its author would write them: `identifierValue, context, callback`. */
export function parameterNames(action: ActionName, form: 'context' | 'plain'): string[] {
  return [...contracts[action].arguments, ...(form === 'context' ? ['context'] : []), 'callback'];
}
