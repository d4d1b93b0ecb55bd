import { describe, expect, it } from 'vitest';
import { actionNames } from '../../sandbox/contract/actions.ts';
import type { ActionInputs } from '../../src/scripts/actions.ts';
import { buildArguments, buildContext, buildCreateUser } from '../../src/scripts/build-arguments.ts';
import { contracts, parameterNames } from '../../src/scripts/contracts.ts';

const inputs: ActionInputs = {
  login: { identifier: 'jane', password: 'pw' },
  get_user: { identifier: 'jane' },
  create: { user: { email: 'j@x.org' } },
  verify: { email: 'j@x.org' },
  delete: { user_id: '42' },
  change_password: { identifier: 'jane', new_password: 'new' },
  change_email: { email: 'old', new_email: 'new', verified: true },
  change_username: { username: 'old', new_username: 'new' },
  change_phone_number: { phone_number: '+1', new_phone_number: '+2', verified: false },
};

const expected: Record<string, unknown[]> = {
  login: ['jane', 'pw'],
  get_user: ['jane'],
  create: [{ email: 'j@x.org' }],
  verify: ['j@x.org'],
  delete: ['42'],
  change_password: ['jane', 'new'],
  change_email: ['old', 'new', true],
  change_username: ['old', 'new'],
  change_phone_number: ['+1', '+2', false],
};

describe('buildArguments', () => {
  it.each(actionNames)('puts the arguments of %s in the order of the contract', (action) => {
    expect(buildArguments(action, inputs[action])).toEqual(expected[action]);
    expect(expected[action]).toHaveLength(contracts[action].arguments.length);
  });

  it.each(actionNames)('puts the context object of %s last, before the callback', (action) => {
    const context = { organization: { id: 'org_1' } };
    expect(buildArguments(action, inputs[action], { context })).toEqual([...expected[action]!, context]);
    expect(parameterNames(action, 'context').slice(-2)).toEqual(['context', 'callback']);
  });

  it('passes the user_id of a lookup by user_id', () => {
    expect(buildArguments('get_user', { user_id: '42' })).toEqual(['42']);
  });
});

describe('buildContext', () => {
  it('sets identifierType for a lookup by user_id alone', () => {
    expect(buildContext('get_user', { user_id: '42' })).toEqual({ identifierType: 'user_id' });
    expect(buildContext('get_user', { identifier: 'a@b.c', identifier_type: 'email' })).toEqual({});
    expect(buildContext('login', inputs.login)).toEqual({});
  });

  it('carries the organization, with metadata', () => {
    expect(buildContext('login', inputs.login, { id: 'org_1', name: 'acme' })).toEqual({
      organization: { id: 'org_1', name: 'acme', metadata: {} },
    });
  });

  it('is empty for delete, in an organization too', () => {
    expect(buildContext('delete', inputs.delete, { id: 'org_1' })).toEqual({});
  });
});

describe('buildCreateUser', () => {
  const origin = { tenant: 'main', connection: 'acme' };

  it('adds tenant, connection and client_id, whatever the caller gave for them', () => {
    const user = { email: 'j@x.org', password: 'pw', tenant: 'other', connection: 'other' };
    expect(buildCreateUser({ user, client_id: 'app' }, origin)).toEqual({
      email: 'j@x.org',
      password: 'pw',
      client_id: 'app',
      ...origin,
    });
  });

  it('has no password for a passkey signup', () => {
    const user = { email: 'j@x.org', password: 'pw' };
    expect(buildCreateUser({ user, method: 'passkey' }, origin)).not.toHaveProperty('password');
  });
});
