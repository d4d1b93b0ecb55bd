import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor } from '../browser/open-visitor.ts';
import { type Stack, startStack } from './support/start-stack.ts';

interface Result {
  options: { rp?: object };
  tokens: { id_token: string };
}

await describeInBrowser('an application in the browser with pages of its own', (browser) => {
  let stack: Stack;
  let server: Server;
  let shop: string;
  let login: string;

  beforeAll(async () => {
    stack = await startStack();
    const script = await readFile(join(import.meta.dirname, 'support/native-page.js'), 'utf8');
    const page = `<!doctype html><link rel="icon" href="data:,"><title>Shop</title><script>${script}</script>`;
    server = createServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(page),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    shop = `http://shop.acme.localhost:${port}`;
    login = stack.originOf('login.acme.localhost');
    await stack.restart({
      domains: [{ origin: login, relying_party_identifier: 'acme.localhost' }],
      clients: [
        {
          client_id: 'shop',
          client_name: 'Shop',
          allowed_origins: [shop],
          grant_types: ['urn:okta:params:oauth:grant-type:webauthn'],
        },
      ],
    });
  });
  afterAll(async () => {
    server.close();
    await stack[Symbol.asyncDispose]();
  });

  const useNativeCalls = (page: Page, profile: { email: string } | null = null): Promise<Result> =>
    page.evaluate(`useNativeCalls(${JSON.stringify(login)}, ${JSON.stringify(profile)})`);
  const claimsIn = (idToken: string) =>
    JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8'));

  it('signs people up and logs them in, at a subdomain beside the login’s', async () => {
    await using visitor = await openVisitor(browser());
    const authenticator = await visitor.addAuthenticator();
    await visitor.page.goto(shop);
    const signedUp = await useNativeCalls(visitor.page, { email: 'cleo@example.com' });
    expect(signedUp.options.rp).toEqual({ id: 'acme.localhost', name: 'acme.localhost' });
    const claims = claimsIn(signedUp.tokens.id_token);
    expect(claims).toMatchObject({ iss: login, aud: 'shop', email: 'cleo@example.com', amr: ['phr'] });
    expect(await authenticator.credentials()).toMatchObject([
      { rpId: 'acme.localhost', userName: 'cleo@example.com' },
    ]);
    const loggedIn = await useNativeCalls(visitor.page);
    expect(claimsIn(loggedIn.tokens.id_token).sub).toBe(claims.sub);
    expect(visitor.problems()).toEqual([]);
  });

  it('is kept from it at an origin that is not the application’s', async () => {
    await using visitor = await openVisitor(browser());
    await visitor.page.goto(shop.replace('shop.', 'elsewhere.'));
    await expect(useNativeCalls(visitor.page)).rejects.toThrow('Failed to fetch');
    expect(visitor.problems().join()).toContain('CORS');
  });
});
