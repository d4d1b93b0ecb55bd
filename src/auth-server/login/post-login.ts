import type { User } from '../bridge/bridge-client.ts';
import { type PostLoginEvent, runPostLoginHook } from '../post-login-hook.ts';
import type { Login, Method } from './logins.ts';
import type { Visit } from './visit.ts';

/** After the first factor: whether the user is let in, and whether a second factor is demanded. Throws what the hook throws. */
export async function judgeLogin(
  visit: Visit,
  user: User,
  method: Method,
): Promise<NonNullable<Login['verdict']>> {
  const { secondFactor, onPostLogin } = visit.parts.settings;
  const demanded =
    secondFactor === 'always' || (secondFactor === 'connection' && visit.connection.mfa?.active === true);
  if (!onPostLogin) return { secondFactor: demanded };
  const { denied, multifactor } = await runPostLoginHook(onPostLogin, eventOf(visit, user, method));
  return { denied, secondFactor: multifactor ? multifactor === 'any' : demanded };
}

const names = { phr: 'passkey', pwd: 'pwd', otp: 'mfa' } as const;

function eventOf({ parts, login, client, domain, req }: Visit, user: User, { name }: Method): PostLoginEvent {
  const timestamp = new Date(parts.now()).toISOString();
  return {
    authentication: { methods: [{ name: names[name], timestamp }] },
    // The hook's own copy: the login goes on with what the user store said.
    user: structuredClone(user),
    client: { client_id: client.client_id, name: client.client_name },
    organization: login.organization,
    connection: { name: parts.settings.bridge.connection, strategy: 'auth0' },
    request: { ip: req.ip, user_agent: req.headers['user-agent'], hostname: domain.host },
  };
}
