import { isEmail } from '../../profile/email.ts';
import { isPhoneNumber } from '../../profile/phone-number.ts';
import type { ConnectionSettings, IdentifierType } from '../bridge/bridge-client.ts';
import type { Parts } from '../parts.ts';

/** The connection as its file has it, and extensions over it. Throws BridgeError. */
export async function connectionOf({ bridge, extensions }: Parts): Promise<ConnectionSettings> {
  const { settings } = await bridge.connection();
  return extensions.reduce((all, { connectionSettings }) => connectionSettings?.(all) ?? all, settings);
}

export const passkeysOffered = ({ authentication_methods }: ConnectionSettings): boolean =>
  authentication_methods?.passkey?.enabled === true;

/** How a passkey is asked for, by `passkey_options.challenge_ui`. */
export function passkeyUi({ passkey_options }: ConnectionSettings): { autofill: boolean; button: boolean } {
  const ui = passkey_options?.challenge_ui ?? 'both';
  return { autofill: ui !== 'button', button: ui !== 'autofill' };
}

/** Email alone where the connection has no attributes (the older form). */
export function activeIdentifiers({ attributes }: ConnectionSettings): IdentifierType[] {
  if (!attributes) return ['email'];
  const all = ['email', 'phone_number', 'username'] as const;
  return all.filter((type) => attributes[type]?.identifier?.active !== false && attributes[type]);
}

/** What somebody typed is by its form; undefined where the connection does not take such. */
export function identifierType(text: string, connection: ConnectionSettings): IdentifierType | undefined {
  const type = isEmail(text) ? 'email' : isPhoneNumber(text) ? 'phone_number' : 'username';
  const isUsername = /^[^\s@]{1,128}$/u.test(text);
  if (type === 'username' && !isUsername) return undefined;
  return activeIdentifiers(connection).includes(type) ? type : undefined;
}

const names = { email: 'email address', phone_number: 'phone number', username: 'username' };

/** `Email address, phone number or username` */
export function identifierLabel(connection: ConnectionSettings): string {
  const words = activeIdentifiers(connection).map((type) => names[type]);
  const last = words.pop() ?? 'identifier';
  const label = words.length ? `${words.join(', ')} or ${last}` : last;
  return label[0]!.toUpperCase() + label.slice(1);
}
