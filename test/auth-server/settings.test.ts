import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type AuthServerOptions, createAuthServer } from '../../src/auth-server/create-auth-server.ts';
import { allExtensions } from '../../src/auth-server/extensions/all-extensions.ts';

type Settings = AuthServerOptions['settings'];

const app = { client_id: 'app', client_name: 'App', redirect_uris: ['https://app.example.com/callback'] };
const login = { origin: 'https://login.example.com' };
const settings = (more: Partial<Settings> = {}): Settings => ({
  bridge: { url: 'http://127.0.0.1:9', connection: 'acme' },
  databaseFile: ':memory:',
  domains: [login],
  clients: [app],
  ...more,
});

function start(more: Partial<Settings>) {
  const authServer = createAuthServer({ settings: settings(more) });
  onTestFinished(() => authServer.close());
  return authServer.listen(0);
}

/** Where each mistake is, and what is wrong there. */
function mistakes(more: Partial<Settings>): string[] {
  try {
    createAuthServer({ settings: settings(more) });
  } catch (error) {
    return mistakesOf(error);
  }
  return [];
}
function mistakesOf(error: unknown): string[] {
  const { name, message } = error as Error;
  expect(name).toBe('SettingsError');
  const [first, ...lines] = message.split('\n');
  if (lines.length === 0) return [first!];
  expect(first).toBe('The settings are not valid:');
  return lines.map((line) => line.replace(/^ {2}- /, ''));
}
const ofOrigin = (origin: string) => mistakes({ domains: [{ origin }] });

it('takes no address that is no origin', () => {
  for (const origin of [
    'login.example.com',
    'ftp://login.example.com',
    `${login.origin}/`,
    `${login.origin}/x`,
  ])
    expect([origin, ...ofOrigin(origin)]).toEqual([
      origin,
      'domains[0].origin: must be an origin such as https://login.example.com, with no path',
    ]);
});

it('takes no address where browsers make no passkeys', () => {
  for (const origin of ['https://192.0.2.1', 'http://127.0.0.1:4000', 'http://[::1]:4000'])
    expect([origin, ...ofOrigin(origin)]).toEqual([
      origin,
      'domains[0].origin: browsers make no passkeys at an IP address; take a host name, localhost on your own machine',
    ]);
  for (const origin of ['http://login.example.com', 'http://notlocalhost'])
    expect([origin, ...ofOrigin(origin)]).toEqual([
      origin,
      'domains[0].origin: browsers make passkeys over https only, save at localhost; put TLS before it',
    ]);
});

it('takes an RP ID only of the domain, or above it', () => {
  expect(mistakes({ domains: [{ ...login, relying_party_identifier: 'example.org' }] })).toEqual([
    'domains[0].relying_party_identifier: "example.org" is neither that domain nor one above it; take login.example.com, or a registrable domain above it',
  ]);
});

it('takes each domain and each application once', () => {
  expect(mistakes({ domains: [login, login], clients: [app, app] })).toEqual([
    'domains: two have the same origin',
    'clients: two have the same client_id',
  ]);
});

it('takes as allowed origins those of pages and of apps', async () => {
  const of = (...allowed_origins: string[]) => mistakes({ clients: [{ ...app, allowed_origins }] });
  expect(of('https://app.example.com/', 'https://app.example.com/in', 'https:app')).toEqual(
    [0, 1, 2].map(
      (index) =>
        `clients[0].allowed_origins[${index}]: must be an origin such as https://login.example.com, with no path`,
    ),
  );
  const fine = { ...app, allowed_origins: ['https://app.example.com', 'android:apk-key-hash:x'] };
  await expect(start({ clients: [fine] })).resolves.toBeDefined();
});

it('names each setting that is wrong and says what is allowed, without what was given', () => {
  const given = {
    databaseFile: undefined,
    bridge: { url: 'http://127.0.0.1:9', connection: 'acme', apiKey: 'hunter2' },
    clients: [{ ...app, client_secret: 'hunter3', redirect_uri: 'https://app.example.com/callback' }],
  };
  expect(mistakes(given as unknown as Partial<Settings>)).toEqual([
    'bridge.apiKey: Too small: expected string to have >=16 characters',
    'databaseFile: Invalid input: expected string, received undefined',
    'clients[0].client_secret: Too small: expected string to have >=16 characters',
    'clients[0]: there is no "redirect_uri"; there is client_id, client_name, client_secret, redirect_uris, initiate_login_uri, post_logout_redirect_uris, allowed_origins, grant_types, is_first_party',
  ]);
  expect(mistakes({ admin: true } as Partial<Settings>)).toEqual([
    'settings: there is no "admin"; there is bridge, databaseFile, eventsFile, name, domains, clients',
  ]);
  const error = tryExtensions({ adminPassword: 'short', secondFactor: 'sometimes' });
  expect(mistakesOf(error)).toEqual([
    'adminPassword: Too small: expected string to have >=16 characters',
    'secondFactor: Invalid option: expected one of "never"|"always"|"connection"',
  ]);
});

function tryExtensions(given: object): unknown {
  try {
    return allExtensions(given);
  } catch (error) {
    return error;
  }
}

it('starts where all is well', async () => {
  for (const origin of ['http://localhost:4000', 'http://login.acme.localhost', login.origin])
    await expect(start({ domains: [{ origin }] })).resolves.toMatchObject({ port: expect.any(Number) });
});

it('takes the schemes of apps on a phone', async () => {
  const phone = { ...app, client_id: 'phone', redirect_uris: ['com.acme.app:/callback'] };
  await expect(start({ clients: [app, phone] })).resolves.toBeDefined();
});

it('tells of a connection that the bridge does not know, when it starts', async () => {
  const bridge = createServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'application/problem+json' });
    response.end('{"code":"connection_not_found","detail":"There is no connection \\"acme\\"."}');
  }).listen(0, '127.0.0.1');
  await once(bridge, 'listening');
  onTestFinished(() => void bridge.close());
  const url = `http://127.0.0.1:${(bridge.address() as AddressInfo).port}`;
  const onFault = vi.fn();
  const authServer = createAuthServer({
    settings: settings({ bridge: { url, connection: 'acme' } }),
    onFault,
  });
  onTestFinished(() => authServer.close());
  await authServer.listen(0);
  await vi.waitFor(() => expect(onFault).toHaveBeenCalled());
  expect(onFault.mock.calls).toEqual([[expect.objectContaining({ code: 'connection_not_found' })]]);
});

it('does not start for an application that nobody could log in to, and names it', async () => {
  await expect(start({ clients: [{ ...app, redirect_uris: [] }] })).rejects.toThrow(
    'client "app": redirect_uris must contain members',
  );
  await expect(
    start({ clients: [app, { ...app, client_id: 'spa', redirect_uris: ['https://spa.example.com/#/in'] }] }),
  ).rejects.toThrow('client "spa": redirect_uris must not contain fragments');
});
