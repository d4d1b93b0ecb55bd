import { isEmail } from '../../profile/email.ts';
import { isPhoneNumber } from '../../profile/phone-number.ts';
import type { ConnectionSettings, IdentifierType } from '../bridge/bridge-client.ts';

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
