import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { CeremonyError } from './ceremony-error.ts';

const base64url = (max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(max);
/** The bounds are those of Auth0's enrollment API, with room for large keys. */
const common = {
  id: base64url(1364),
  rawId: base64url(1364),
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
  clientExtensionResults: z.looseObject({}).default({}),
};

const Registration = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url(4000),
    attestationObject: base64url(16_000),
    transports: z.array(z.string().max(100)).max(10).optional(),
  }),
});

const Authentication = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url(4000),
    authenticatorData: base64url(4000),
    signature: base64url(4000),
    userHandle: base64url(88).nullish(),
  }),
});

const ClientData = z.looseObject({ type: z.string(), challenge: z.string(), origin: z.string() });
type WithClientData<Response> = Response & { clientData: z.infer<typeof ClientData> };

/** What the browser sent, parsed. Both throw CeremonyError `response_invalid`. */
export const readRegistration = (given: unknown): WithClientData<RegistrationResponseJSON> =>
  read(Registration, given, 'webauthn.create') as never;
export const readAuthentication = (given: unknown): WithClientData<AuthenticationResponseJSON> =>
  read(Authentication, given, 'webauthn.get') as never;

function read<Response extends { id: string; rawId: string; response: { clientDataJSON: string } }>(
  schema: z.ZodType<Response>,
  given: unknown,
  type: string,
) {
  try {
    const response = schema.parse(typeof given === 'string' ? JSON.parse(given) : given);
    const clientData = ClientData.parse(
      JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString('utf8')),
    );
    if (clientData.type !== type || response.id !== response.rawId)
      throw new CeremonyError('response_invalid');
    return { ...response, clientData };
  } catch {
    throw new CeremonyError('response_invalid');
  }
}
