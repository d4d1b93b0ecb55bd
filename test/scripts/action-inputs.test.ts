import { expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import { type ActionName, actionNames } from '../../sandbox/contract/actions.ts';
import { actionInputSchemas, checkActionInput } from '../../src/scripts/action-inputs.ts';
import type { ActionInputs } from '../../src/scripts/actions.ts';

const good: { [A in ActionName]: ActionInputs[A] } = {
  login: { identifier: 'jane', password: 'secret' },
  get_user: { identifier: 'jane', identifier_type: 'username' },
  create: { user: { email: 'jane@example.com', nickname: 'Jane' }, method: 'passkey', client_id: 'app' },
  verify: { email: 'jane@example.com' },
  delete: { user_id: '42' },
  change_password: { identifier: 'jane', new_password: 'secret' },
  change_email: { email: 'jane@example.com', new_email: 'j@example.com', verified: true },
  change_username: { username: 'jane', new_username: 'j' },
  change_phone_number: { phone_number: '+15550001', new_phone_number: '+15550002', verified: false },
};

test.each(actionNames)('takes the input of %s, and names a field that it does not know', (action) => {
  expect(checkActionInput(action, good[action])).toEqual([]);
  expect(checkActionInput(action, { ...good[action], extra: 1 })).toMatchObject([
    { path: 'extra', code: 'unknown_field', message: expect.stringContaining('allowed here: ') },
  ]);
});

test.each([
  [{ identifier: 'jane', user_id: '42' }, '', 'has both identifier and user_id: give one of the two'],
  [{ email: 'jane@example.com' }, '', 'must have either identifier or user_id'],
  [{ user_id: 42 }, 'user_id', 'must be a string, is a number'],
  [{ identifier: '' }, 'identifier', 'must not be empty'],
  [
    { identifier: 'jane', identifier_type: 'phone' },
    'identifier_type',
    'must be one of email, username, phone_number',
  ],
  [undefined, '', 'is required'],
  ['jane', '', 'must be an object, is a string'],
])('says what is wrong with the look-up %j', (input, path, message) => {
  expect(checkActionInput('get_user', input)).toMatchObject([{ path, message }]);
});

test('never repeats a value', () => {
  const issues = checkActionInput('login', {
    identifier: 3,
    password: 'the-secret',
    'passwort ': 'the-secret',
  });
  expect(issues).toHaveLength(2);
  expect(JSON.stringify(issues)).not.toContain('the-secret');
});

test('has the types of the inputs', () => {
  expectTypeOf<z.infer<typeof actionInputSchemas.login>>().toEqualTypeOf<ActionInputs['login']>();
  expectTypeOf(actionInputSchemas).toExtend<{ [A in ActionName]: z.ZodType<ActionInputs[A]> }>();
});
