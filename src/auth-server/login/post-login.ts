import type { ConnectionSettings, User } from '../bridge/bridge-client.ts';
import type { ClientSettings } from '../settings.ts';
import type { Method } from './logins.ts';
import type { Told } from './tell.ts';

/** After the first factor: whether the user is let in, and whether a second factor is demanded. */
export async function judgeLogin(
  { parts, connection }: Told & { client: ClientSettings; connection: ConnectionSettings },
  _user: User,
  _method: Method,
): Promise<{ denied?: string | undefined; secondFactor: boolean }> {
  const { secondFactor } = parts.settings;
  return {
    secondFactor:
      secondFactor === 'always' || (secondFactor === 'connection' && connection.mfa?.active === true),
  };
}
