import * as openid from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor } from '../browser/open-visitor.ts';
import { beginOverHttp } from './support/form-client.ts';
import { claimsAfter, sendPassword } from './support/over-http.ts';
import { beginLogin, expectLoggedIn, logInWithPassword } from './support/pages.ts';
import { clientId, type Stack, startStack } from './support/start-stack.ts';

await describeInBrowser('OpenID Connect', (browser) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const authorize = (params: Record<string, string>) =>
    fetch(stack.app.startUrl(), { redirect: 'manual' }).then((answer) => {
      const url = new URL(answer.headers.get('location')!);
      for (const [name, value] of Object.entries(params)) {
        if (value === '') url.searchParams.delete(name);
        else url.searchParams.set(name, value);
      }
      return fetch(url, { redirect: 'manual' });
    });

  it('refuses a request without PKCE, back at the application', async () => {
    const answer = await authorize({ code_challenge: '', code_challenge_method: '' });
    const back = new URL(answer.headers.get('location')!);
    expect(back.href).toContain(stack.app.redirectUri);
    expect(back.searchParams.get('error')).toBe('invalid_request');
    expect(back.searchParams.get('error_description')).toMatch(/PKCE/);
  });

  it('shows a page, and goes nowhere, for an address that is not the application’s', async () => {
    const answer = await authorize({ redirect_uri: 'https://evil.example/' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(await answer.text()).toMatch(/redirect_uri/);
    const unknown = await authorize({ client_id: 'nobody' });
    expect(unknown.status).toBe(400);
  });

  it('gives the profile in the ID token, refreshes it, and stops when the user is gone', async () => {
    const client = await beginOverHttp(stack, {
      scope: 'openid profile email offline_access',
      prompt: 'consent',
    });
    const answer = await sendPassword(client, 'john@example.com', 'johns-demo-password');
    const claims = await claimsAfter(stack, client, answer);
    expect(claims).toMatchObject({
      iss: stack.origin,
      aud: clientId,
      sub: '43',
      name: 'John Roe',
      preferred_username: 'john',
      user_metadata: { language: 'en' },
      email_verified: true,
      amr: ['pwd'],
    });
    const { refresh_token: first, access_token: token } = stack.app.last().tokens!;
    const config = await openid.discovery(new URL(stack.origin), clientId, undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
    });
    expect(await openid.fetchUserInfo(config, token, '43')).toMatchObject({ email: 'john@example.com' });
    const refreshed = await openid.refreshTokenGrant(config, first!);
    expect(refreshed.claims()).toMatchObject({ sub: '43', email: 'john@example.com' });

    const underWay = await beginOverHttp(stack);
    const proven = await sendPassword(underWay, 'john@example.com', 'johns-demo-password');
    await stack.bridge.service.run('acme', 'delete', { user_id: '43' });
    const { url, text } = await underWay.follow(proven);
    expect([url.origin, url.pathname, text]).toEqual([
      stack.origin,
      expect.stringMatching(/^\/login\/[^/]+$/),
      expect.stringContaining('<h1>Log in'),
    ]);
    await expect(openid.refreshTokenGrant(config, refreshed.refresh_token ?? first!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(openid.fetchUserInfo(config, token, '43')).rejects.toThrow();
  });

  it('logs out', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    await beginLogin(page, stack);
    await logInWithPassword(page, 'jane@example.com', 'janes-demo-password');
    await expectLoggedIn(page, stack, 'jane@example.com');
    // Single sign-on: no page comes up.
    await beginLogin(page, stack);
    await expectLoggedIn(page, stack, 'jane@example.com');

    const end = new URL(`${stack.origin}/.well-known/openid-configuration`);
    const { end_session_endpoint: logout } = (await (await fetch(end)).json()) as Record<string, string>;
    await page.goto(`${logout}?id_token_hint=${stack.app.last().tokens!.id_token}`);
    await visitor.screenshot('log-out');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'You are logged out' }).waitFor();
    await beginLogin(page, stack);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(visitor.problems()).toEqual([]);
  });
});
