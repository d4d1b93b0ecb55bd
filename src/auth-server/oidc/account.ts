import type { Account } from 'oidc-provider';
import type { BridgeClient, Organization } from '../bridge/bridge-client.ts';
import { claimsOf } from './claims.ts';

/** Asked anew each time: a user who is gone from the store, or blocked there, gets nothing more. Throws BridgeError. */
export async function findAccount(
  bridge: BridgeClient,
  sub: string,
  organization?: Organization,
): Promise<Account | undefined> {
  const user = await bridge.findByUserId(sub, organization);
  if (!user || user.blocked) return undefined;
  return { accountId: sub, claims: () => claimsOf(user) };
}
