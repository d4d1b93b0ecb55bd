import { actionInputSchemas } from '../../scripts/action-inputs.ts';
import { UserProfile, withOrganization } from '../schemas.ts';
import { inputOf, scriptEndpoint } from './script-endpoint.ts';

const body = actionInputSchemas.create.extend(withOrganization).meta({ id: 'CreateUser' });

export const create = scriptEndpoint({
  operationId: 'create',
  path: '/v1/connections/:connection/create',
  script: 'create',
  summary: 'Create a user',
  description:
    'Runs the Create script alone; `signup` is the whole order with the look-ups before and the proof after.',
  body,
  status: 201,
  answer: { user: UserProfile },
  idempotent: true,
  errors: ['user_exists', 'idempotency_key_reused', 'invalid_profile'],
  run: (runner, connection, body, options) => runner.run(connection, 'create', inputOf(body), options),
});

export const signup = scriptEndpoint({
  operationId: 'signup',
  path: '/v1/connections/:connection/signup',
  script: 'signup',
  summary: 'Sign a user up',
  description:
    'get-user by every identifier given, create, then login (password) or get-user by user_id (passkey) as proof.',
  body,
  status: 201,
  answer: { user: UserProfile },
  idempotent: true,
  errors: [
    'user_exists',
    'idempotency_key_reused',
    'context_object_disabled',
    'wrong_username_or_password',
    'invalid_profile',
    'user_id_mismatch',
    'identifier_mismatch',
  ],
  run: (runner, connection, body, options) => runner.signup(connection, inputOf(body), options),
});
