import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor, type Visitor } from '../browser/open-visitor.ts';
import { localFetch } from './support/local-fetch.ts';
import { beginLogin, expectLoggedIn, logInWithPassword, typeIdentifier } from './support/pages.ts';
import { adminPassword, type Stack, startStack } from './support/start-stack.ts';

const login = 'login.acme.localhost';
const id = 'id.acme.localhost';
const parent = 'acme.localhost';

await describeInBrowser('relying parties', (browser) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ hosts: [login, id] });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const at = (host: string) => ({ issuer: stack.originOf(host) });
  const domains = (relying_party_identifier?: string) => ({
    domains: [login, id].map((host) => ({ origin: stack.originOf(host), relying_party_identifier })),
  });

  async function signUp(page: Page, host: string, identifier: string): Promise<void> {
    await beginLogin(page, stack, { ...at(host), screen_hint: 'signup' });
    await typeIdentifier(page, identifier);
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await expectLoggedIn(page, stack, identifier);
  }

  async function pressPasskey({ page, context }: Visitor, host: string): Promise<void> {
    await context.clearCookies();
    await beginLogin(page, stack, at(host));
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  }

  async function newestEvent() {
    const response = await localFetch(`${stack.originOf(login)}/v1/events?take=1`, {
      headers: { authorization: `Bearer ${adminPassword}` },
    });
    return ((await response.json()) as { events: Record<string, unknown>[] }).events[0];
  }

  describe('of two domains, each its own', () => {
    it('keep a passkey to the domain that it was made at', async () => {
      await using visitor = await openVisitor(browser());
      const device = await visitor.addAuthenticator();
      await signUp(visitor.page, login, 'lin@example.com');
      const [passkey] = await device.credentials();
      expect(passkey).toMatchObject({ rpId: login });

      await pressPasskey(visitor, id);
      await visitor.page.getByRole('alert').filter({ hasText: 'was not used' }).waitFor();
      await visitor.screenshot('none-at-the-other-domain');

      await pressPasskey(visitor, login);
      await expectLoggedIn(visitor.page, stack, 'lin@example.com');
      expect(visitor.problems()).toEqual([]);
    });

    it('refuse a forged one of the other domain', async () => {
      await using visitor = await openVisitor(browser());
      const device = await visitor.addAuthenticator();
      await signUp(visitor.page, login, 'mal@example.com');
      const { sub } = stack.app.last().claims!;
      const [passkey] = await device.credentials();
      await device.removeCredential(passkey!.id);
      await device.addCredential({ ...passkey!, rpId: id });

      await pressPasskey(visitor, id);
      await visitor.page.getByRole('alert').filter({ hasText: 'was not accepted' }).waitFor();
      expect(await newestEvent()).toMatchObject({
        type: 'gd_webauthn_challenge_failed',
        user_id: sub,
        hostname: new URL(stack.originOf(id)).host,
        details: { error: { code: 'rp_id_mismatch' } },
      });
    });
  });

  it('offer nobody another passkey who has one of the other domain that works', async () => {
    await using visitor = await openVisitor(browser());
    const { page, context } = visitor;
    await visitor.addAuthenticator();
    const logIn = async (host: string) => {
      await context.clearCookies();
      await beginLogin(page, stack, at(host));
      await logInWithPassword(page, 'jane@example.com', 'janes-demo-password');
    };
    await logIn(login);
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await page.waitForURL(`${stack.app.redirectUri}**`);
    await logIn(id);
    await page.waitForURL(`${stack.app.redirectUri}**`);

    await stack.restart(domains(parent));
    await logIn(id);
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await page.waitForURL(`${stack.app.redirectUri}**`);
    expect(visitor.problems()).toEqual([]);
  });

  it('of a parent domain share passkeys', async () => {
    await stack.restart(domains(parent));
    await using visitor = await openVisitor(browser());
    const device = await visitor.addAuthenticator();
    await signUp(visitor.page, login, 'sam@example.com');
    expect(await device.credentials()).toEqual([expect.objectContaining({ rpId: parent })]);
    const { sub } = stack.app.last().claims!;

    await pressPasskey(visitor, id);
    expect(await expectLoggedIn(visitor.page, stack, 'sam@example.com')).toMatchObject({
      sub,
      amr: ['phr'],
      iss: stack.originOf(id),
    });
    expect(visitor.problems()).toEqual([]);
  });
});
