import { z } from 'zod';
import { Identifier, IdentifierType, UserId, UserProfile, withOrganization } from '../schemas.ts';
import { inputOf, scriptEndpoint } from './script-endpoint.ts';

const ByIdentifier = z
  .strictObject({
    identifier: Identifier,
    identifier_type: IdentifierType.optional(),
    ...withOrganization,
  })
  .meta({ id: 'GetUserByIdentifier' });

const ByUserId = z.strictObject({ user_id: UserId, ...withOrganization }).meta({ id: 'GetUserByUserId' });

type Body = z.infer<typeof ByIdentifier> | z.infer<typeof ByUserId>;

const Neither = z.custom<never>(() => false, { error: 'must have either identifier or user_id' });
const Both = z.custom<never>(() => false, { error: 'has both identifier and user_id: give one of the two' });

/** A plain union would answer every mistake with "Invalid input". */
function schemaFor(body: unknown): z.ZodType<Body> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return ByIdentifier;
  const byUserId = 'user_id' in body;
  const byIdentifier = 'identifier' in body;
  if (byUserId && byIdentifier) return Both;
  if (!byUserId && !byIdentifier) return Neither;
  return byUserId ? ByUserId : ByIdentifier;
}

export const getUser = scriptEndpoint<Body>({
  operationId: 'getUser',
  path: '/v1/connections/:connection/get-user',
  script: 'get_user',
  summary: 'Look up a user by identifier or by user_id',
  description:
    'A user that does not exist is `found: false` with status 200; an error means that the store could not be asked.',
  body: z.union([ByIdentifier, ByUserId]),
  schemaFor,
  status: 200,
  answer: { found: z.boolean(), user: UserProfile.nullable() },
  idempotent: false,
  errors: ['context_object_disabled', 'invalid_profile', 'user_id_mismatch', 'identifier_mismatch'],
  run: (runner, connection, body, options) => runner.run(connection, 'get_user', inputOf(body), options),
});
