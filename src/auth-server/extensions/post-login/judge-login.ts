import type { Proven } from '../../login/logins.ts';
import type { LoginRequest } from '../../parts.ts';
import { type PostLoginEvent, type PostLoginHook, runPostLoginHook } from './post-login-hook.ts';

export interface PostLoginOptions {
  /** Whether a second factor is demanded. `connection`: where the connection's `mfa.active` says so. */
  secondFactor: 'never' | 'always' | 'connection';
  /** Runs at each login after the first factor, as Auth0's post-login Actions do. */
  onPostLogin?: PostLoginHook | undefined;
}

export interface Verdict {
  /** Why nobody is let in. */
  denied?: string | undefined;
  isSecondFactorDemanded: boolean;
}

/** Throws what the hook throws. */
export async function judgeLogin(
  request: LoginRequest,
  proven: Proven,
  options: PostLoginOptions,
): Promise<Verdict> {
  const { secondFactor, onPostLogin } = options;
  const isDemanded =
    secondFactor === 'always' || (secondFactor === 'connection' && request.connection.mfa?.active === true);
  if (!onPostLogin) return { isSecondFactorDemanded: isDemanded };
  const { denied, multifactor } = await runPostLoginHook(onPostLogin, eventOf(request, proven));
  return { denied, isSecondFactorDemanded: multifactor ? multifactor === 'any' : isDemanded };
}

const names = { phr: 'passkey', pwd: 'pwd', otp: 'mfa' } as const;

function eventOf(
  { parts, login, client, domain, req }: LoginRequest,
  { user, methods }: Proven,
): PostLoginEvent {
  const timestamp = new Date(parts.now()).toISOString();
  return {
    authentication: { methods: methods.map(({ name }) => ({ name: names[name], timestamp })) },
    // The hook's own copy: the login goes on with what the user store said.
    user: structuredClone(user),
    client: { client_id: client.client_id, name: client.client_name },
    organization: login.organization && { ...login.organization },
    connection: { name: parts.settings.bridge.connection, strategy: 'auth0' },
    request: { ip: req.ip, user_agent: req.headers['user-agent'], hostname: domain.host },
  };
}
