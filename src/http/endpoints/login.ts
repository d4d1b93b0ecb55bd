import { actionInputSchemas } from '../../scripts/action-inputs.ts';
import { UserProfile, withOrganization } from '../schemas.ts';
import { inputOf, scriptEndpoint } from './script-endpoint.ts';

export const login = scriptEndpoint({
  operationId: 'login',
  path: '/v1/connections/:connection/login',
  script: 'login',
  summary: "Check a user's password",
  body: actionInputSchemas.login.extend(withOrganization).meta({ id: 'Login' }),
  status: 200,
  answer: { user: UserProfile },
  idempotent: false,
  identifierOf: ({ identifier }) => identifier,
  errors: ['wrong_username_or_password', 'too_many_attempts', 'invalid_profile'],
  run: ({ runner }, connection, body, options) => runner.run(connection, 'login', inputOf(body), options),
});
