import { z } from 'zod';
import { lookupInputs, lookupSchema } from '../../scripts/action-inputs.ts';
import { UserProfile, withOrganization } from '../schemas.ts';
import { inputOf, scriptEndpoint } from './script-endpoint.ts';

const byIdentifier = lookupInputs.byIdentifier.extend(withOrganization).meta({ id: 'GetUserByIdentifier' });
const byUserId = lookupInputs.byUserId.extend(withOrganization).meta({ id: 'GetUserByUserId' });

type Body = z.infer<typeof byIdentifier> | z.infer<typeof byUserId>;

export const getUser = scriptEndpoint<Body>({
  operationId: 'getUser',
  path: '/v1/connections/:connection/get-user',
  script: 'get_user',
  summary: 'Look up a user by identifier or by user_id',
  description:
    'A user that does not exist is `found: false` with status 200; an error means that the store could not be asked.',
  body: z.union([byIdentifier, byUserId]),
  schemaFor: (body) => lookupSchema<Body>(body, { byIdentifier, byUserId }),
  status: 200,
  answer: { found: z.boolean(), user: UserProfile.nullable() },
  idempotent: false,
  errors: ['context_object_disabled', 'invalid_profile', 'user_id_mismatch', 'identifier_mismatch'],
  run: ({ runner }, connection, body, options) => runner.run(connection, 'get_user', inputOf(body), options),
});
