import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

/** When an application's request needs a login though there is a session. */
export function loginPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  // Within the second of the last login, too.
  demandLogin(policy, ({ params }) => Number(params?.max_age ?? 1) === 0);
  return policy;
}

export function demandLogin(
  policy: interactionPolicy.DefaultPolicy,
  isDue: (oidc: KoaContextWithOIDC['oidc']) => boolean,
): void {
  const check = new interactionPolicy.Check(
    'session_not_enough',
    'End-User authentication is required',
    'login_required',
    // The user may be gone, or blocked, even since the login.
    ({ oidc }) => !oidc.account || (!oidc.result?.login && isDue(oidc)),
  );
  policy.get('login')?.checks.add(check);
}
