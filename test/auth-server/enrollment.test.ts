import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPasskeys } from '../../src/auth-server/database/passkeys.ts';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor, type Visitor } from '../browser/open-visitor.ts';
import { changeConnection } from './support/change-connection.ts';
import { beginLogin, logInWithPassword, signUpWithPasskey, signUpWithPassword } from './support/pages.ts';
import { eventsFile } from './support/read-events.ts';
import { type Stack, startStack } from './support/start-stack.ts';

const day = 24 * 3600_000;
/** Another domain of the same auth server. */
const other = '127.0.0.1';
const progressive = 'Log in without a password next time';
const local = 'Log in with this device next time';

await describeInBrowser('enrollment', (browser) => {
  let stack: Stack;
  const events = eventsFile();
  beforeAll(async () => {
    stack = await startStack({ hosts: [other], settings: { eventsFile: events.path } });
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    events[Symbol.dispose]();
  });

  const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
  const expectOffer = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor();
  const logInAs = async (
    { page, context }: Visitor,
    who: 'jane' | 'john',
    params?: Record<string, string>,
  ) => {
    await context.clearCookies();
    await beginLogin(page, stack, params);
    await logInWithPassword(page, `${who}@example.com`, `${who}s-demo-password`);
  };
  /** Nothing stood between the login and the application. */
  const expectNoOffer = ({ page }: Visitor) => page.waitForURL(`${stack.app.redirectUri}**`);
  const usePasskey = async ({ page, context }: Visitor) => {
    await context.clearCookies();
    await beginLogin(page, stack);
    await press(page, 'Log in with a passkey');
  };
  const inDatabase = <T>(work: (passkeys: ReturnType<typeof createPasskeys>) => T): T => {
    using database = new DatabaseSync(stack.databaseFile);
    return work(createPasskeys(database));
  };

  it('offers the first passkey after a password, until there is one', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    const authenticator = await visitor.addAuthenticator();
    await logInAs(visitor, 'jane');
    await expectOffer(page, progressive);
    await visitor.screenshot('progressive');
    await press(page, 'Create a passkey');
    await expectNoOffer(visitor);
    expect(stack.app.last().claims).toMatchObject({ sub: '42', amr: ['pwd'] });
    const [passkey] = await authenticator.credentials();
    expect(passkey).toMatchObject({ userName: 'jane@example.com', userDisplayName: 'Jane Doe' });
    const handle = await stack.bridge.service.post('/v1/connections/acme/user-handle', { user_id: '42' });
    expect(passkey!.userHandle).toBe(handle.body.user_handle);
    expect(events.of('gd_enrollment_complete').at(-1)).toMatchObject({
      user_id: '42',
      details: { authenticator: { type: 'passkey' }, enrollment: 'progressive' },
    });

    await usePasskey(visitor);
    await expectNoOffer(visitor);
    expect(stack.app.last().claims).toMatchObject({ sub: '42', amr: ['phr'] });
    await logInAs(visitor, 'jane');
    await expectNoOffer(visitor);
    expect(visitor.problems()).toEqual([]);
  });

  it('does not ask for a second one at another domain', async () => {
    await using visitor = await openVisitor(browser());
    await logInAs(visitor, 'jane', { issuer: stack.originOf(other) });
    await expectNoOffer(visitor);
  });

  it('asks again 30 days after "Not now"', async () => {
    await using visitor = await openVisitor(browser(), { isPhone: true, context: { colorScheme: 'dark' } });
    const { page } = visitor;
    await visitor.addAuthenticator();
    await logInAs(visitor, 'john');
    await expectOffer(page, progressive);
    await visitor.screenshot('progressive-phone-dark');
    await press(page, 'Not now');
    await expectNoOffer(visitor);
    stack.advance(30 * day - 60_000);
    await logInAs(visitor, 'john');
    await expectNoOffer(visitor);
    stack.advance(60_000);
    await logInAs(visitor, 'john');
    await expectOffer(page, progressive);
    expect(visitor.problems()).toEqual([]);
  });

  it('says what to do when it was cancelled or refused, and goes on without one', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    const authenticator = await visitor.addAuthenticator();
    await signUpWithPassword(page, stack, 'quinn@example.com');
    await expectOffer(page, progressive);

    await authenticator.setUserVerified(false);
    await press(page, 'Create a passkey');
    const alert = page.getByRole('alert');
    await alert.filter({ hasText: /^No passkey was made: it was cancelled.*try again/ }).waitFor();
    await visitor.screenshot('cancelled');

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
    await visitor.screenshot('refused');
    expect(events.of('gd_webauthn_enrollment_failed').at(-1)).toMatchObject({
      details: { enrollment: 'progressive', error: { code: 'response_invalid' } },
    });

    await press(page, 'Not now');
    await expectNoOffer(visitor);
    expect(inDatabase((passkeys) => passkeys.ofUser(stack.app.last().claims!.sub))).toEqual([]);
  });

  it('lets people go on where the browser knows no passkeys', async () => {
    await using visitor = await openVisitor(browser(), { context: { javaScriptEnabled: false } });
    await signUpWithPassword(visitor.page, stack, 'rene@example.com');
    await expectOffer(visitor.page, progressive);
    expect(await visitor.page.getByRole('button', { name: 'Create a passkey' }).count()).toBe(0);
    await visitor.page.getByText('This browser cannot make one here.').waitFor();
    await press(visitor.page, 'Not now');
    await expectNoOffer(visitor);
  });

  it('offers one for this device after a passkey on another, and the same authenticator makes no second', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    const phone = await visitor.addAuthenticator({ kind: 'cross-device' });
    await signUpWithPasskey(page, stack, 'sam@example.com');
    const [passkey] = await phone.credentials();

    await usePasskey(visitor);
    await expectOffer(page, local);
    // There is nothing in this device that could keep one.
    await page.getByText('This browser cannot make one here.').waitFor();
    expect(await page.getByRole('button', { name: 'Create a passkey' }).count()).toBe(0);

    const device = await visitor.addAuthenticator();
    await device.addCredential(passkey!);
    await page.reload();
    await visitor.screenshot('local');
    await press(page, 'Create a passkey');
    await page
      .getByRole('alert')
      .filter({ hasText: 'This device has a passkey for your account already' })
      .waitFor();
    await visitor.screenshot('already-there');

    await device.removeCredential(passkey!.id);
    await press(page, 'Create a passkey');
    await expectNoOffer(visitor);
    expect(events.of('gd_enrollment_complete').at(-1)).toMatchObject({ details: { enrollment: 'local' } });
    const { sub } = stack.app.last().claims!;
    const handles = inDatabase((passkeys) => passkeys.ofUser(sub).map(({ userHandle }) => userHandle));
    expect(handles).toEqual([passkey!.userHandle, passkey!.userHandle]);

    await phone.close();
    await usePasskey(visitor);
    await expectNoOffer(visitor);
    expect(stack.app.last().claims).toMatchObject({ sub, amr: ['phr'] });
    expect(visitor.problems()).toEqual([]);
  });

  it('leaves people alone after "Not now", with 20 passkeys, and where it is switched off', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    await visitor.addAuthenticator({ kind: 'cross-device' });
    await signUpWithPasskey(page, stack, 'toni@example.com');
    const { sub } = stack.app.last().claims!;
    await usePasskey(visitor);
    await expectOffer(page, local);
    await press(page, 'Not now');
    await expectNoOffer(visitor);
    await usePasskey(visitor);
    await expectNoOffer(visitor);

    stack.advance(30 * day);
    await usePasskey(visitor);
    await expectOffer(page, local);
    inDatabase((passkeys) => {
      const [passkey] = passkeys.ofUser(sub);
      for (let n = 2; n <= 20; n++) passkeys.add({ ...passkey!, credentialId: `copy-${n}` });
    });
    await usePasskey(visitor);
    await expectNoOffer(visitor);
    inDatabase((passkeys) => passkeys.remove('copy-20'));
    await usePasskey(visitor);
    await expectOffer(page, local);

    await changeConnection(stack, {
      passkeyOptions: { local_enrollment_enabled: false, progressive_enrollment_enabled: false },
    });
    await usePasskey(visitor);
    await expectNoOffer(visitor);
    await logInAs(visitor, 'john');
    await expectNoOffer(visitor);
    expect(visitor.problems()).toEqual([]);
  });

  it('takes no answer to a challenge that another user of the same login was given', async () => {
    await changeConnection(stack);
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    await visitor.addAuthenticator();
    await signUpWithPassword(page, stack, 'uli@example.com');
    await expectOffer(page, progressive);
    // The same browser and the same login: somebody else's password before the answer is sent.
    await page.route('**/enroll', async (route) => {
      const path = page.url().replace(/\/enroll$/, '');
      await page.request.post(`${path}/identifier`, { form: { identifier: 'john@example.com' } });
      await page.request.post(`${path}/password`, {
        form: { password: 'johns-demo-password' },
        maxRedirects: 0,
      });
      await route.continue();
    });
    await press(page, 'Create a passkey');
    await page.getByRole('alert').filter({ hasText: 'The passkey was not accepted.' }).waitFor();
    expect(inDatabase((passkeys) => passkeys.ofUser('43'))).toEqual([]);
    expect(events.of('gd_webauthn_enrollment_failed').at(-1)).toMatchObject({
      user_id: '43',
      details: { error: { code: 'challenge_unknown' } },
    });
  });
});
