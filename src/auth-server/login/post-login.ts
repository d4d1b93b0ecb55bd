import type { ConnectionSettings, User } from '../bridge/bridge-client.ts';
import { type PostLoginEvent, runPostLoginHook } from '../post-login-hook.ts';
import type { ClientSettings } from '../settings.ts';
import type { Login, Method } from './logins.ts';
import type { Told } from './tell.ts';

/** A Visit, or a call of an application's own. */
type By = Told & { client: ClientSettings; connection: ConnectionSettings };

/** After the first factor: whether the user is let in, and whether a second factor is demanded. Throws what the hook throws. */
export async function judgeLogin(by: By, user: User, method: Method): Promise<NonNullable<Login['verdict']>> {
  const { secondFactor, onPostLogin } = by.parts.settings;
  const demanded =
    secondFactor === 'always' || (secondFactor === 'connection' && by.connection.mfa?.active === true);
  if (!onPostLogin) return { secondFactor: demanded };
  const { denied, multifactor } = await runPostLoginHook(onPostLogin, eventOf(by, user, method));
  return { denied, secondFactor: multifactor ? multifactor === 'any' : demanded };
}

const names = { phr: 'passkey', pwd: 'pwd', otp: 'mfa' } as const;

function eventOf({ parts, login, client, domain, req }: By, user: User, { name }: Method): PostLoginEvent {
  const timestamp = new Date(parts.now()).toISOString();
  return {
    authentication: { methods: [{ name: names[name], timestamp }] },
    // The hook's own copy: the login goes on with what the user store said.
    user: structuredClone(user),
    client: { client_id: client.client_id, name: client.client_name },
    organization: login.organization && { ...login.organization },
    connection: { name: parts.settings.bridge.connection, strategy: 'auth0' },
    request: { ip: req.ip, user_agent: req.headers['user-agent'], hostname: domain.host },
  };
}
