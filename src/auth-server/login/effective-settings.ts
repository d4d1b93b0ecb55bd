import type { ConnectionSettings } from '../bridge/bridge-client.ts';
import type { PanelSettings } from '../database/panel-settings.ts';

/** The connection as the pages go by it: what was saved in the panel stands over what the connection's file says. */
export function effectiveSettings(
  connection: ConnectionSettings,
  { passkeyOptions }: Pick<PanelSettings, 'passkeyOptions'>,
): ConnectionSettings {
  return { ...connection, passkey_options: { ...connection.passkey_options, ...passkeyOptions } };
}
