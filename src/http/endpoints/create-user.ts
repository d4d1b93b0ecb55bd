import { actionInputSchemas } from '../../scripts/action-inputs.ts';
import { UserProfile, withOrganization } from '../schemas.ts';
import { UserHandle } from '../user-handle-schemas.ts';
import { bindOnCreate } from './bind-on-create.ts';
import { inputOf, scriptEndpoint } from './script-endpoint.ts';

const body = actionInputSchemas.create
  .extend({
    ...withOrganization,
    user_handle: UserHandle.optional().meta({
      description: 'Of a passkey signup: one that is bound to nobody, to be bound to the new user.',
    }),
  })
  .meta({ id: 'CreateUser' });

const answer = {
  user: UserProfile,
  user_handle: UserHandle.optional().meta({
    description: 'The one of the request, when it is bound to the new user now.',
  }),
};

const handleErrors = ['user_handle_not_found', 'user_handle_taken', 'user_handles_off'] as const;

export const create = scriptEndpoint({
  operationId: 'create',
  path: '/v1/connections/:connection/create',
  script: 'create',
  summary: 'Create a user',
  description:
    'Runs the Create script alone; `signup` is the whole order with the look-ups before and the proof after.',
  body,
  status: 201,
  answer,
  idempotent: true,
  errors: ['user_exists', 'idempotency_key_reused', 'invalid_profile', ...handleErrors],
  run(parts, connection, { user_handle: handle, ...body }, options) {
    const input = inputOf(body);
    return bindOnCreate(parts, { connection, input, handle, options }, (withBinding) =>
      parts.runner.run(connection, 'create', input, withBinding),
    );
  },
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
  answer,
  idempotent: true,
  errors: [
    'user_exists',
    'idempotency_key_reused',
    'context_object_disabled',
    'wrong_username_or_password',
    'invalid_profile',
    'user_id_mismatch',
    'identifier_mismatch',
    ...handleErrors,
  ],
  run(parts, connection, { user_handle: handle, ...body }, options) {
    const input = inputOf(body);
    return bindOnCreate(parts, { connection, input, handle, options }, (withBinding) =>
      parts.runner.signup(connection, input, withBinding),
    );
  },
});
