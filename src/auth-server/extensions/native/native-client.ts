import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { ClientSettings } from '../../settings.ts';
import { webauthnGrant } from './grant-types.ts';
import { NativeError } from './native-error.ts';

const Credentials = z.object({
  client_id: z.string().catch(''),
  client_secret: z.string().optional().catch(''),
});

const Named = z.object({ client_id: z.unknown(), client_secret: z.unknown() }).partial();

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The application that calls. Throws NativeError. */
export function authenticateClient(clients: readonly ClientSettings[], body: unknown): ClientSettings {
  const { client_id, client_secret } = Credentials.catch({ client_id: '' }).parse(body);
  const client = clients.find((each) => each.client_id === client_id);
  const secret = client?.client_secret;
  const isRight =
    secret === undefined || client_secret === undefined
      ? secret === client_secret
      : timingSafeEqual(digest(secret), digest(client_secret));
  if (client && isRight) return client;
  throw new NativeError(401, 'invalid_client', 'There is no such client_id, or the client_secret is wrong');
}

/**
 * The application that a call with a token of its own names, if any. It may leave its secret out, as Auth0's clients do, for
 * the token is enough; a wrong one is refused. Throws NativeError.
 */
export function nameClient(clients: readonly ClientSettings[], body: unknown): ClientSettings | undefined {
  const { client_id, client_secret } = Named.catch({}).parse(body);
  if (client_id === undefined) return undefined;
  const known = clients.find((each) => each.client_id === client_id);
  return known && client_secret === undefined ? known : authenticateClient(clients, body);
}

/** Throws NativeError for an application that passkeys are not for. */
export function checkMayUsePasskeys({ is_first_party, grant_types }: ClientSettings): void {
  if (!is_first_party)
    throw new NativeError(
      400,
      'unauthorized_client',
      'The native passkey calls are for first-party applications',
    );
  if (grant_types.includes(webauthnGrant)) return;
  throw new NativeError(400, 'unauthorized_client', `The application's grant_types lack ${webauthnGrant}`);
}
