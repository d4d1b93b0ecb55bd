import type { ReadinessCode } from '../finding.ts';

export type SourceCode = keyof typeof table;

/** What can be wrong with the action scripts of a connection, as far as reading them tells. */
const table = {
  script_missing: {
    severity: 'error',
    title: 'A script is missing',
    why: 'Passkeys with one’s own user store need Login, Get User and Create; without one of them signup or login ends in an error.',
    fix: 'Write the script and name it in options.customScripts.',
  },
  script_unparsable: {
    severity: 'error',
    title: 'The script is not JavaScript that can be run',
    why: 'The script cannot be loaded, so everything that needs it fails.',
    fix: 'Correct the syntax at the line that is named; of a pasted diff, keep the new lines alone.',
  },
  entry_missing: {
    severity: 'error',
    title: 'The script has no function to call',
    why: 'Nothing of the script is ever run.',
    fix: 'Declare one function at the top level, such as getUser(identifierValue, context, callback).',
  },
  context_parameter_missing: {
    severity: 'error',
    title: 'The entry does not take the context object',
    why: 'With the context object on, the parameter named callback holds the context at Auth0, and calling it throws; a Get User cannot tell a lookup by user_id from one by identifier.',
    fix: 'Put context before callback in the parameters.',
  },
  parameters_swapped: {
    severity: 'error',
    title: 'The callback stands where something else is passed',
    why: 'Parameters are filled by position: calling what is no function throws, and nobody gets an answer.',
    fix: 'Keep the order of the contract; the callback is last.',
  },
  parameter_count: {
    severity: 'error',
    title: 'The entry has too few or too many parameters',
    why: 'The callback is passed in a place of its own; an entry with another number of parameters takes something else for it.',
    fix: 'Declare the parameters of the contract, all and no more.',
  },
  identifier_type_unread: {
    severity: 'error',
    title: 'Get User never asks what it looks up by',
    why: 'After a passkey was proved, Get User is asked by user_id. A script that takes it for an email address finds nobody.',
    fix: "Look up by id where context.identifierType === 'user_id', else by identifier.",
  },
  identifier_type_misread: {
    severity: 'error',
    title: 'Get User compares the identifier type with a value that it never has',
    why: "context.identifierType is 'user_id' or not set: a comparison with 'email' never holds, and every lookup takes the other way.",
    fix: "Compare with 'user_id'.",
  },
  callback_not_called: {
    severity: 'error',
    title: 'On one path the callback is never called',
    why: 'The user waits until the script is given up, and sees an error that says nothing.',
    fix: 'Call the callback on every path, with an Error where something failed.',
  },
  callback_called_twice: {
    severity: 'warning',
    title: 'On one path the callback is called twice',
    why: 'Only the first call counts. What the second was to say is lost, and what lies between them is done although it was not to be.',
    fix: 'Write return before the first call.',
  },
  rejection_unhandled: {
    severity: 'warning',
    title: 'A promise that may fail has nobody to hear of it',
    why: 'When the store is down the callback is not called: the failure is reported as a defect of the script or as a timeout, not as what it was.',
    fix: 'End the chain with .catch(callback), or await it in a try that calls the callback.',
  },
  outage_as_not_found: {
    severity: 'error',
    title: 'An outage is answered as “no such user”',
    why: 'A signup during the outage creates the person a second time, and a login with a passkey is told that there is no account.',
    fix: 'Answer callback(null) only where the store said so (404, no row), and callback(error) otherwise.',
  },
  generated_user_id: {
    severity: 'error',
    title: 'The user_id is made up for the answer and kept nowhere',
    why: 'A passkey belongs to a user_id. One that is new with each call is found by no lookup, and the passkey is lost.',
    fix: 'Return the id that the store keeps; a new one is stored before it is returned.',
  },
  user_id_missing: {
    severity: 'error',
    title: 'A profile is returned without user_id',
    why: 'A passkey is tied to the user_id; a profile without one is refused.',
    fix: 'Return the id that the store keeps as user_id.',
  },
  identifier_as_user_id: {
    severity: 'warning',
    title: 'An identifier serves as user_id',
    why: 'When the email address, username or phone number changes, the user_id changes with it, and the passkeys stay with the old one.',
    fix: 'Return an id that never changes.',
  },
  identifier_unencoded: {
    severity: 'error',
    title: 'A value goes into a URL as it is',
    why: 'A slash, ? or # in it leads to another address, and so to another user; a + is read as a space.',
    fix: 'Wrap it in encodeURIComponent, or hand it over in params.',
  },
  identifier_in_sql: {
    severity: 'error',
    title: 'A value becomes part of an SQL statement',
    why: 'Whoever types an identifier can change the statement, and become any user.',
    fix: 'Write a placeholder into the statement and pass the value beside it.',
  },
  secret_in_source: {
    severity: 'error',
    title: 'The script holds a secret',
    why: 'Scripts are read by many and kept for long: in repositories, exports and support cases.',
    fix: 'Move it to options.configuration, read it as configuration.NAME, and replace it in the store: it is known by now.',
  },
  configuration_key_unknown: {
    severity: 'warning',
    title: 'The script reads a configuration value that there is not',
    why: 'It is undefined, and becomes part of a URL or of credentials.',
    fix: 'Add the key to options.configuration, or correct its name.',
  },
  module_unavailable: {
    severity: 'error',
    title: 'The script requires a module that there is not',
    why: 'The require throws, and with it every call of the script.',
    fix: 'Use one of the modules on board, which docs/modules.md lists, or a helper file.',
  },
  module_version: {
    severity: 'warning',
    title: 'Another version of a module is used than the one named',
    why: 'What changed between the versions may change what the script does.',
    fix: 'Name the version on board, and test the script with it.',
  },
  legacy_global: {
    severity: 'warning',
    title: 'The script uses a global of an old runtime',
    why: 'It is there for old scripts alone, or no longer there.',
    fix: 'Require the module.',
  },
  password_required: {
    severity: 'error',
    title: 'Create cannot do without a password',
    why: 'A signup with a passkey has none: it ends in an error, every time.',
    fix: 'Store the user without a password where user.password is not set.',
  },
  create_returns_nothing: {
    severity: 'error',
    title: 'Create does not return the profile',
    why: 'A signup with a passkey needs the new user_id from Create, for no login follows that could tell it.',
    fix: 'Call callback(null, profile), with user_id.',
  },
  password_logged: {
    severity: 'error',
    title: 'A password goes into the log',
    why: 'Logs are read by many, and passwords are used elsewhere too.',
    fix: 'Log nothing of the user but the user_id.',
  },
  passkey_material_stored: {
    severity: 'warning',
    title: 'Create hands on the whole user object',
    why: 'Beside the profile it holds the passkey ceremony and the login transaction, which are not for the store to keep.',
    fix: 'Name the fields that the store needs one by one.',
  },
} as const satisfies Record<string, ReadinessCode>;

export const sourceCodes: Record<SourceCode, ReadinessCode> = table;
