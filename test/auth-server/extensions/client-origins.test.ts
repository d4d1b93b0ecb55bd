import { describe, expect, it } from 'vitest';
import { ceremonyOrigins, originsOutside } from '../../../src/auth-server/extensions/client-origins.ts';
import { AuthServerSettings } from '../../../src/auth-server/settings.ts';

const allowed_origins = [
  'https://acme.com',
  'https://shop.acme.com:8443',
  'https://evilacme.com',
  'https://acme.com.evil.com',
  'https://other.com',
  'android:apk-key-hash:abc',
  'https://',
];
const domain = (rpId: string) => ({ origin: 'https://login.acme.com', rpId: () => rpId });

describe('origins of ceremonies', () => {
  it('are the domain, the pages of the application within the relying party, and apps', () => {
    expect(ceremonyOrigins(domain('acme.com'), { allowed_origins })).toEqual([
      'https://login.acme.com',
      'https://acme.com',
      'https://shop.acme.com:8443',
      'android:apk-key-hash:abc',
    ]);
  });

  it('are no pages where the relying party is its host', () => {
    expect(ceremonyOrigins(domain('login.acme.com'), { allowed_origins })).toEqual([
      'https://login.acme.com',
      'android:apk-key-hash:abc',
    ]);
  });

  it('leave out pages that are not within it, which are told', () => {
    expect(originsOutside('acme.com', { allowed_origins })).toEqual([
      'https://evilacme.com',
      'https://acme.com.evil.com',
      'https://other.com',
      'https://',
    ]);
  });
});

describe('settings', () => {
  const settings = (origin: string, relying_party_identifier?: string) => ({
    bridge: { url: 'http://127.0.0.1:3000', connection: 'acme' },
    databaseFile: 'auth.db',
    clients: [],
    domains: [{ origin, relying_party_identifier }],
  });
  const idOf = (origin: string, id?: string) =>
    AuthServerSettings.parse(settings(origin, id)).domains[0]!.relying_party_identifier;

  it('take the host, or a registrable domain above it', () => {
    expect(idOf('https://login.acme.com')).toBeUndefined();
    expect(idOf('https://login.acme.com', 'login.acme.com')).toBe('login.acme.com');
    expect(idOf('https://login.acme.com', 'Acme.com')).toBe('acme.com');
  });

  it.each([
    ['https://login.acme.com', 'other.com', '"other.com" is neither that domain nor one above it'],
    ['https://login.acme.com', 'com', '"com" is not registrable'],
    ['https://login.acme.co.uk', 'co.uk', '"co.uk" is not registrable'],
    ['https://acme.com', 'login.acme.com', 'is neither that domain nor one above it'],
    ['https://acme.com', 'https://acme.com', 'is no host name; write it without scheme'],
  ])('refuse at %s the relying party %s', (origin, id, message) => {
    const { error } = AuthServerSettings.safeParse(settings(origin, id));
    expect(error?.issues).toEqual([
      expect.objectContaining({
        path: ['domains', 0, 'relying_party_identifier'],
        message: expect.stringContaining(message),
      }),
    ]);
  });
});
