import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ConnectionSettings, Organization } from '../../bridge/bridge-client.ts';
import { connectionOf, passkeysOffered } from '../../login/connection.ts';
import { tell, tellFailure } from '../../login/tell.ts';
import type { EventContext } from '../../parts.ts';
import type { AuthServerSettings, ClientSettings } from '../../settings.ts';
import { checkOrigin } from './cors.ts';
import { jsonCall } from './json-call.ts';
import { authenticateClient, checkMayUsePasskeys } from './native-client.ts';
import { NativeError } from './native-error.ts';
import type { NativeParts } from './native-parts.ts';
import { parseBody } from './read-body.ts';

/** One request of an application that shows its own pages. */
export interface NativeCall extends EventContext {
  parts: NativeParts;
  client: ClientSettings;
  connection: ConnectionSettings;
  body: unknown;
  organization: Organization | undefined;
}

type Purpose = 'register' | 'login';

const Common = z.object({ realm: z.string().optional(), organization: z.string().optional() });

/** What `take` returns is the answer. */
export function nativeCall(
  parts: NativeParts,
  purpose: Purpose,
  take: (call: NativeCall) => Promise<object>,
): RequestHandler {
  const { settings } = parts;
  return jsonCall(parts, {
    method: 'POST',
    async take(about, req, res) {
      const client = authenticateClient(settings.clients, req.body);
      about.client = client;
      checkOrigin(req, res, client, about.domain.origin);
      checkMayUsePasskeys(client);
      const common = parseBody(Common, req.body);
      checkRealm(common.realm, settings);
      const organization = findOrganization(common.organization, parts.organizations);
      if (organization) about.login.organization = organization;
      const connection = await connectionOf(parts);
      checkPasskeysOffered(connection);
      const answer = await take({ ...about, parts, client, connection, organization, body: req.body });
      tell(about, 'passkey_challenge_started', { details: { purpose } });
      return answer;
    },
    tellFailed: (about, error) => tellFailure(about, 'passkey_challenge_failed', error, { purpose }),
  });
}

/** There is one directory; an application may name it. */
export function checkRealm(realm: string | undefined, { bridge: { connection } }: AuthServerSettings): void {
  if (realm === undefined || realm === connection) return;
  throw new NativeError(
    400,
    'invalid_request',
    `realm: there is "${connection}" only; leave it out or name it`,
  );
}

export function checkPasskeysOffered(connection: ConnectionSettings): void {
  if (passkeysOffered(connection)) return;
  throw new NativeError(
    403,
    'access_denied',
    'The connection has authentication_methods.passkey switched off',
  );
}

function findOrganization(
  named: string | undefined,
  organizations: readonly Organization[],
): Organization | undefined {
  if (named === undefined) return undefined;
  const found = organizations.find(({ id, name }) => id === named || name === named);
  if (!found)
    throw new NativeError(400, 'invalid_request', 'organization: there is none with this id or name');
  return found;
}
