import type { KoaContextWithOIDC } from 'oidc-provider';

type Grant = NonNullable<KoaContextWithOIDC['oidc']['grant']>;

/** The applications are the operator's own: nobody is asked whether they may have what they ask for. */
export async function loadGrant(context: KoaContextWithOIDC): Promise<Grant | undefined> {
  const grant = (await existingGrant(context)) ?? newGrant(context);
  await grant?.save();
  return grant;
}

export async function existingGrant({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, provider, result } = oidc;
  if (!client || !session?.accountId) return undefined;
  const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  return id ? provider.Grant.find(id) : undefined;
}

/** Not saved yet. */
export function newGrant({ oidc }: KoaContextWithOIDC): Grant | undefined {
  const { client, session, provider } = oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid profile email phone offline_access');
  return grant;
}
