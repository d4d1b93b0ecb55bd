import type { ConnectionSettings } from '../bridge/bridge-client.ts';
import type { AuthServerSettings } from '../settings.ts';
import type { Visit } from './visit.ts';

/** By the settings alone: whether those who log in have to give a second factor. */
export function demandsSecondFactor(
  { secondFactor }: AuthServerSettings,
  { mfa }: ConnectionSettings,
): boolean {
  return secondFactor === 'always' || (secondFactor === 'connection' && mfa?.active === true);
}

export async function wantsSecondFactor(_visit: Visit): Promise<boolean> {
  return false;
}
