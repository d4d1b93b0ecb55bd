import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor, type Visitor } from '../browser/open-visitor.ts';
import { beginOverHttp } from './support/form-client.ts';
import { asForm, claimsAfter, sendNewPasskey, sendPassword, signUpOverHttp } from './support/over-http.ts';
import { beginLogin, expectLoggedIn, typeIdentifier } from './support/pages.ts';
import { createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

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
      const { sub, device } = await signUpOverHttp(stack, 'mal@example.com', {
        issuer: stack.originOf(login),
      });
      const client = await beginOverHttp(stack, at(id));
      const bend = { origin: stack.originOf(id), rpId: id };
      const response = device.get(await client.options('/passkey'), bend, device.passkeys[0]);
      const answer = await client.post('/passkey', asForm(response));
      expect(answer.text).toContain('was not accepted');
      expect((await stack.events()).at(-1)).toMatchObject({
        type: 'gd_webauthn_challenge_failed',
        user_id: sub,
        hostname: new URL(stack.originOf(id)).host,
        details: { error: { code: 'rp_id_mismatch' } },
      });
    });
  });

  it('offer nobody another passkey who has one of the other domain that works', async () => {
    const logIn = async (host: string) => {
      const client = await beginOverHttp(stack, at(host));
      return { client, answer: await sendPassword(client, 'jane@example.com', 'janes-demo-password') };
    };
    const { client, answer } = await logIn(login);
    expect(answer.headers.get('location')).toBe(`${client.path}/enroll`);
    const device = createSoftwareAuthenticator({ origin: stack.originOf(login) });
    await claimsAfter(stack, client, await sendNewPasskey(client, device, {}, '/enroll'));
    const atId = await logIn(id);
    expect(atId.answer.headers.get('location')).not.toContain('/enroll');
    await claimsAfter(stack, atId.client, atId.answer);

    await stack.restart(domains(parent));
    const again = await logIn(id);
    expect(again.answer.headers.get('location')).toBe(`${again.client.path}/enroll`);
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
