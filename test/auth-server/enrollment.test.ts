import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPasskeys } from '../../src/auth-server/database/passkeys.ts';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor, type Visitor } from '../browser/open-visitor.ts';
import { changeConnection } from './support/change-connection.ts';
import { type Answer, beginOverHttp, type FormClient } from './support/form-client.ts';
import {
  asForm,
  beginSignUpOverHttp,
  claimsAfter,
  claimsIn,
  goOnInBrowser,
  sendPasskey,
  sendPassword,
  signUpOverHttp,
  toDevicePasskey,
} from './support/over-http.ts';
import { beginLogin, logInWithPassword } from './support/pages.ts';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

const day = 24 * 3600_000;
/** Another domain of the same auth server. */
const other = 'login.acme.localhost';
const progressive = 'Log in without a password next time';
const local = 'Log in with this device next time';

describe('enrollment', async () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ hosts: [other] });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const inDatabase = <T>(work: (passkeys: ReturnType<typeof createPasskeys>) => T): T => {
    using database = new DatabaseSync(stack.databaseFile);
    return work(createPasskeys(database));
  };
  const newest = async (type: 'gd_enrollment_complete' | 'gd_webauthn_enrollment_failed') =>
    (await stack.events(type)).at(-1);

  type Login = readonly [FormClient, Answer];
  async function logInAs(who: 'jane' | 'john', params?: Record<string, string>): Promise<Login> {
    const client = await beginOverHttp(stack, params);
    return [client, await sendPassword(client, `${who}@example.com`, `${who}s-demo-password`)];
  }
  async function usePhone(phone: SoftwareAuthenticator): Promise<Login> {
    const client = await beginOverHttp(stack);
    return [client, await sendPasskey(client, phone, { attachment: 'cross-platform' })];
  }
  /** At the page of the offer. */
  async function signUpWithPassword(email: string): Promise<Login> {
    const client = await beginSignUpOverHttp(stack, email);
    return [client, await client.post('/signup/password', { password: 'a-password-of-the-tests' })];
  }
  async function expectOffer([client, answer]: Login, title: string): Promise<void> {
    expect(answer.headers.get('location')).toBe(`${client.path}/enroll`);
    expect((await client.get(`${client.path}/enroll`)).text).toContain(`<h1>${title}</h1>`);
  }
  /** Nothing stood between the login and the application. */
  async function expectNoOffer([client, answer]: Login): Promise<void> {
    claimsIn(stack, await client.visit(answer.headers.get('location')!));
  }
  const decline = async ([client, answer]: Login) => claimsAfter(stack, client, answer);

  await describeInBrowser('in a browser', (browser) => {
    const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
    const isThere = ({ page }: Visitor) => page.waitForURL(`${stack.app.redirectUri}**`);
    const usePasskey = async ({ page, context }: Visitor) => {
      await context.clearCookies();
      await beginLogin(page, stack);
      await press(page, 'Log in with a passkey');
    };
    const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor();

    it('offers the first passkey after a password, until there is one', async () => {
      await using visitor = await openVisitor(browser());
      const { page } = visitor;
      const authenticator = await visitor.addAuthenticator();
      await beginLogin(page, stack);
      await logInWithPassword(page, 'jane@example.com', 'janes-demo-password');
      await heading(page, progressive);
      await visitor.screenshot('progressive');
      await press(page, 'Create a passkey');
      await isThere(visitor);
      expect(stack.app.last().claims).toMatchObject({ sub: '42', amr: ['pwd'] });
      const [passkey] = await authenticator.credentials();
      expect(passkey).toMatchObject({ userName: 'jane@example.com', userDisplayName: 'Jane Doe' });
      const handle = await stack.bridge.service.post('/v1/connections/acme/user-handle', { user_id: '42' });
      expect(passkey!.userHandle).toBe(handle.body.user_handle);
      expect(await newest('gd_enrollment_complete')).toMatchObject({
        user_id: '42',
        details: { authenticator: { type: 'passkey' }, enrollment: 'progressive' },
      });

      await usePasskey(visitor);
      await isThere(visitor);
      expect(stack.app.last().claims).toMatchObject({ sub: '42', amr: ['phr'] });
      await expectNoOffer(await logInAs('jane'));
      expect(visitor.problems()).toEqual([]);
    });

    it('says what to do when it was cancelled or refused, and goes on without one', async () => {
      await using visitor = await openVisitor(browser(), { isPhone: true, context: { colorScheme: 'dark' } });
      const { page } = visitor;
      const authenticator = await visitor.addAuthenticator();
      const [login] = await signUpWithPassword('quinn@example.com');
      await goOnInBrowser(stack, login, visitor, '/enroll');
      await heading(page, progressive);

      await authenticator.setUserVerified(false);
      await press(page, 'Create a passkey');
      const alert = page.getByRole('alert');
      await alert.filter({ hasText: /^No passkey was made: it was cancelled.*try again/ }).waitFor();
      await visitor.screenshot('cancelled-phone-dark');

      await authenticator.setUserVerified(true);
      await page.route('**/enroll', (route) => {
        const form = new URLSearchParams(route.request().postData() ?? '');
        const response = JSON.parse(form.get('response')!);
        response.rawId = 'another';
        form.set('response', JSON.stringify(response));
        return route.continue({ postData: form.toString() });
      });
      await press(page, 'Create a passkey');
      await alert.filter({ hasText: 'The passkey was not accepted. Try again' }).waitFor();
      expect(await newest('gd_webauthn_enrollment_failed')).toMatchObject({
        details: { enrollment: 'progressive', error: { code: 'response_invalid' } },
      });

      await press(page, 'Not now');
      await isThere(visitor);
      expect(inDatabase((passkeys) => passkeys.ofUser(stack.app.last().claims!.sub))).toEqual([]);
    });

    it('offers one for this device after a passkey on another, and the same authenticator makes no second', async () => {
      await using visitor = await openVisitor(browser());
      const { page } = visitor;
      const phone = await visitor.addAuthenticator({ kind: 'cross-device' });
      const { device: software, sub } = await signUpOverHttp(stack, 'sam@example.com');
      const passkey = toDevicePasskey(software.passkeys[0]!, 'sam@example.com');
      await phone.addCredential(passkey);

      await usePasskey(visitor);
      await heading(page, local);
      // There is nothing in this device that could keep one.
      await page.getByText('This browser cannot make one here.').waitFor();
      expect(await page.getByRole('button', { name: 'Create a passkey' }).count()).toBe(0);

      const device = await visitor.addAuthenticator();
      await device.addCredential(passkey);
      await page.reload();
      await visitor.screenshot('local');
      await press(page, 'Create a passkey');
      await page
        .getByRole('alert')
        .filter({ hasText: 'This device has a passkey for your account already' })
        .waitFor();

      await device.removeCredential(passkey.id);
      await press(page, 'Create a passkey');
      await isThere(visitor);
      expect(await newest('gd_enrollment_complete')).toMatchObject({ details: { enrollment: 'local' } });
      const handles = inDatabase((passkeys) => passkeys.ofUser(sub).map(({ userHandle }) => userHandle));
      expect(handles).toEqual([passkey.userHandle, passkey.userHandle]);

      await phone.close();
      await usePasskey(visitor);
      await isThere(visitor);
      expect(stack.app.last().claims).toMatchObject({ sub, amr: ['phr'] });
      expect(visitor.problems()).toEqual([]);
    });

    it('lets people go on where the browser knows no passkeys', async () => {
      await using visitor = await openVisitor(browser(), { context: { javaScriptEnabled: false } });
      const { page } = visitor;
      const [login] = await signUpWithPassword('rene@example.com');
      await goOnInBrowser(stack, login, visitor, '/enroll');
      await heading(page, progressive);
      expect(await page.getByRole('button', { name: 'Create a passkey' }).count()).toBe(0);
      await page.getByText('This browser cannot make one here.').waitFor();
      await press(page, 'Not now');
      await isThere(visitor);
    });
  });

  it('does not ask for a second one at another domain', async () => {
    const { sub } = await signUpOverHttp(stack, 'ria@example.com');
    const password = 'a-password-of-ria';
    const identifier = 'ria@example.com';
    await stack.bridge.service.run('acme', 'change-password', { identifier, new_password: password });
    expect(inDatabase((passkeys) => passkeys.ofUser(sub))).toHaveLength(1);
    const client = await beginOverHttp(stack, { issuer: stack.originOf(other) });
    await expectNoOffer([client, await sendPassword(client, identifier, password)]);
    // Who has none is asked there.
    await expectOffer(await logInAs('john', { issuer: stack.originOf(other) }), progressive);
  });

  it('asks again 30 days after "Not now"', async () => {
    const login = await logInAs('john');
    await expectOffer(login, progressive);
    await decline(login);
    stack.advance(30 * day - 60_000);
    await expectNoOffer(await logInAs('john'));
    stack.advance(60_000);
    await expectOffer(await logInAs('john'), progressive);
  });

  it('leaves people alone after "Not now", with 20 passkeys, and where it is switched off', async () => {
    const { device: phone, sub } = await signUpOverHttp(stack, 'toni@example.com');
    const login = await usePhone(phone);
    await expectOffer(login, local);
    await decline(login);
    await expectNoOffer(await usePhone(phone));

    stack.advance(30 * day);
    await expectOffer(await usePhone(phone), local);
    inDatabase((passkeys) => {
      const [passkey] = passkeys.ofUser(sub);
      for (let n = 2; n <= 20; n++) passkeys.add({ ...passkey!, credentialId: `copy-${n}` });
    });
    await expectNoOffer(await usePhone(phone));
    inDatabase((passkeys) => passkeys.remove('copy-20'));
    await expectOffer(await usePhone(phone), local);
    await expectOffer(await logInAs('john'), progressive);

    await changeConnection(stack, {
      passkeyOptions: { local_enrollment_enabled: false, progressive_enrollment_enabled: false },
    });
    await expectNoOffer(await usePhone(phone));
    await expectNoOffer(await logInAs('john'));
    await changeConnection(stack);
  });

  it('takes no answer to a challenge that another user of the same login was given', async () => {
    const device = createSoftwareAuthenticator({ origin: stack.origin });
    const login = await signUpWithPassword('uli@example.com');
    await expectOffer(login, progressive);
    const [client] = login;
    const response = device.create(await client.options('/enroll'));
    // The same browser and the same login: somebody else's password before the answer is sent.
    await sendPassword(client, 'john@example.com', 'johns-demo-password');
    const answer = await client.post('/enroll', asForm(response));
    expect(answer.text).toContain('The passkey was not accepted.');
    expect(inDatabase((passkeys) => passkeys.ofUser('43'))).toEqual([]);
    expect(await newest('gd_webauthn_enrollment_failed')).toMatchObject({
      user_id: '43',
      details: { error: { code: 'challenge_unknown' } },
    });
  });
});
