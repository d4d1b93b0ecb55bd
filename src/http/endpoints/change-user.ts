import { z } from 'zod';
import { actionInputSchemas } from '../../scripts/action-inputs.ts';
import { withOrganization } from '../schemas.ts';
import { inputOf, scriptEndpoint } from './script-endpoint.ts';

const changed = { changed: z.boolean() };

export const verify = scriptEndpoint({
  operationId: 'verify',
  path: '/v1/connections/:connection/verify',
  script: 'verify',
  summary: "Mark a user's email address as verified",
  body: actionInputSchemas.verify.extend(withOrganization).meta({ id: 'Verify' }),
  status: 200,
  answer: { verified: z.literal(true) },
  idempotent: false,
  errors: [],
  run: ({ runner }, connection, body, options) => runner.run(connection, 'verify', inputOf(body), options),
});

export const changePassword = scriptEndpoint({
  operationId: 'changePassword',
  path: '/v1/connections/:connection/change-password',
  script: 'change_password',
  summary: "Change a user's password",
  body: actionInputSchemas.change_password.extend(withOrganization).meta({ id: 'ChangePassword' }),
  status: 200,
  answer: { ...changed, last_password_reset: z.string().optional() },
  idempotent: false,
  errors: [],
  run: ({ runner }, connection, body, options) =>
    runner.run(connection, 'change_password', inputOf(body), options),
});

export const changeEmail = scriptEndpoint({
  operationId: 'changeEmail',
  path: '/v1/connections/:connection/change-email',
  script: 'change_email',
  summary: "Change a user's email address or whether it is verified",
  body: actionInputSchemas.change_email.extend(withOrganization).meta({ id: 'ChangeEmail' }),
  status: 200,
  answer: changed,
  idempotent: false,
  errors: [],
  run: ({ runner }, connection, body, options) =>
    runner.run(connection, 'change_email', inputOf(body), options),
});

export const changeUsername = scriptEndpoint({
  operationId: 'changeUsername',
  path: '/v1/connections/:connection/change-username',
  script: 'change_username',
  summary: "Change a user's username",
  body: actionInputSchemas.change_username.extend(withOrganization).meta({ id: 'ChangeUsername' }),
  status: 200,
  answer: changed,
  idempotent: false,
  errors: [],
  run: ({ runner }, connection, body, options) =>
    runner.run(connection, 'change_username', inputOf(body), options),
});

export const changePhoneNumber = scriptEndpoint({
  operationId: 'changePhoneNumber',
  path: '/v1/connections/:connection/change-phone-number',
  script: 'change_phone_number',
  summary: "Change a user's phone number or whether it is verified",
  body: actionInputSchemas.change_phone_number.extend(withOrganization).meta({ id: 'ChangePhoneNumber' }),
  status: 200,
  answer: changed,
  idempotent: false,
  errors: [],
  run: ({ runner }, connection, body, options) =>
    runner.run(connection, 'change_phone_number', inputOf(body), options),
});

export const deleteUser = scriptEndpoint({
  operationId: 'deleteUser',
  path: '/v1/connections/:connection/delete',
  script: 'delete',
  summary: 'Delete a user',
  description: 'Where user handles are kept, that of the user is forgotten.',
  body: actionInputSchemas.delete.extend(withOrganization).meta({ id: 'DeleteUser' }),
  status: 204,
  idempotent: false,
  errors: [],
  async run({ runner, userHandles }, connection, body, options) {
    const answer = await runner.run(connection, 'delete', inputOf(body), options);
    // Whoever is given the user_id next must not get the handle with it.
    userHandles?.forget(connection.name, body.user_id);
    return answer;
  },
});
