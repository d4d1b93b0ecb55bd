import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { organizationAskedFor, organizationOfGrant } from './organization-grant.ts';

/** When an application's request needs a login though there is a session. */
export function loginPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const check = new interactionPolicy.Check(
    'session_not_enough',
    'End-User authentication is required',
    'login_required',
    needsLogin,
  );
  policy.get('login')?.checks.add(check);
  return policy;
}

function needsLogin(context: KoaContextWithOIDC): boolean {
  const { result, account, grant, params } = context.oidc;
  if (result?.login) return false;
  return (
    // The session's user is gone, or blocked.
    !account ||
    params?.invitation !== undefined ||
    // Within the second of the last login, too.
    Number(params?.max_age ?? 1) === 0 ||
    // The session was in no organization, or in another.
    (organizationAskedFor(context) ?? '') !== ((grant && organizationOfGrant(grant)) ?? '')
  );
}
