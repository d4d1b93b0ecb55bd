import type { ConnectionSettings } from '../bridge/bridge-client.ts';

export const passkeysOffered = ({ authentication_methods }: ConnectionSettings): boolean =>
  authentication_methods?.passkey?.enabled === true;

/** How a passkey is asked for, by `passkey_options.challenge_ui`. */
export function passkeyUi({ passkey_options }: ConnectionSettings): { autofill: boolean; button: boolean } {
  const ui = passkey_options?.challenge_ui ?? 'both';
  return { autofill: ui !== 'button', button: ui !== 'autofill' };
}
