import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPasskeys } from '../../src/auth-server/database/passkeys.ts';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor, type Visitor, type VisitorOptions } from '../browser/open-visitor.ts';
import type { DevicePasskey } from '../browser/virtual-authenticator.ts';
import { changeConnection } from './support/change-connection.ts';
import { beginOverHttp } from './support/form-client.ts';
import {
  claimsAfter,
  sendPasskey,
  sendPassword,
  signUpOverHttp,
  toDevicePasskey,
} from './support/over-http.ts';
import {
  beginLogin,
  beginSignUp,
  expectLoggedIn,
  identifierLabel,
  logInWithPassword,
  typeIdentifier,
} from './support/pages.ts';
import { type Stack, startStack } from './support/start-stack.ts';

describe('passkey login', async () => {
  let stack: Stack;
  let sub: string;
  /** Pat's, to be put into the devices of the tests. */
  let passkey: DevicePasskey;
  beforeAll(async () => {
    stack = await startStack();
    const pat = await signUpOverHttp(stack, 'pat@example.com');
    sub = pat.sub;
    passkey = toDevicePasskey(pat.device.passkeys[0]!, pat.email);
  });
  afterAll(() => stack[Symbol.asyncDispose]());
  const lastFailure = async () => (await stack.events('gd_webauthn_challenge_failed')).at(-1);

  await describeInBrowser('in a browser', (browser) => {
    const visit = async (options?: VisitorOptions) => {
      const visitor = await openVisitor(browser(), options);
      const authenticator = await visitor.addAuthenticator();
      await authenticator.addCredential(passkey);
      await beginLogin(visitor.page, stack);
      return { visitor, authenticator, page: visitor.page };
    };
    const button = ({ page }: Visitor) => page.getByRole('button', { name: 'Log in with a passkey' });
    const alert = ({ page }: Visitor, text: RegExp) =>
      page.getByRole('alert').filter({ hasText: text }).waitFor();
    const field = ({ page }: Visitor) => page.getByLabel(identifierLabel).getAttribute('autocomplete');
    const isOffered = ({ page }: Visitor) => page.evaluate('heldAutofill.isOffered()');
    const expectPat = async ({ page }: Visitor) =>
      expect(await expectLoggedIn(page, stack, 'pat@example.com')).toMatchObject({ sub, amr: ['phr'] });

    it('can be cancelled and tried again, by button and in the field', async () => {
      const { visitor, authenticator } = await visit({ isPhone: true, context: { colorScheme: 'dark' } });
      await using _ = visitor;
      await button(visitor).waitFor();
      await visitor.screenshot('log-in-phone-dark');
      await expect.poll(() => isOffered(visitor)).toBe(true);
      await authenticator.setUserVerified(false);
      await button(visitor).click();
      await alert(visitor, /^The passkey was not used: it was cancelled.*try again/);
      expect(await button(visitor).isEnabled()).toBe(true);
      await button(visitor).click();
      await alert(visitor, /^The passkey was not used/);
      await authenticator.setUserVerified(true);
      await visitor.pickPasskey();
      await expectPat(visitor);
      expect(visitor.problems()).toEqual([]);
    });

    it('sends its answer once, whatever is pressed meanwhile, with the offer in the field beside it', async () => {
      await using visitor = await openVisitor(browser());
      const { page } = visitor;
      await (await visitor.addAuthenticator()).addCredential(passkey);
      // Between the sending and the answer: the button again, and every form.
      await page.addInitScript(`
      const { submit } = HTMLFormElement.prototype;
      HTMLFormElement.prototype.submit = function () {
        submit.call(this);
        this.querySelector('button').click();
        for (const form of document.forms) form.requestSubmit();
      };
    `);
      await beginLogin(page, stack);
      await page.getByLabel(identifierLabel).fill('pat@example.com');
      await expect.poll(() => isOffered(visitor)).toBe(true);
      const posts: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'POST')
          posts.push(new URL(request.url()).pathname.replace(/^.login.[^/]+/, ''));
      });
      await button(visitor).dblclick();
      await expectPat(visitor);
      expect(posts).toEqual(['/passkey/options', '/passkey']);
      expect(visitor.problems()).toEqual([]);
    });

    it('says what to do while the user store is down, and works as soon as it is up', async () => {
      const { visitor, page } = await visit();
      await using _ = visitor;
      stack.bridge.setOutage(/\/users/);
      await button(visitor).click();
      await alert(visitor, /cannot be looked up at the moment.*try again/);
      await visitor.screenshot('outage');
      // The page looks the same before and after: what tells them apart is the answer.
      const answered = page.waitForResponse((response) => response.url().endsWith('/passkey'));
      await visitor.pickPasskey();
      expect((await answered).status()).toBe(422);
      await alert(visitor, /cannot be looked up/);
      expect(page.url()).toContain(stack.origin);
      expect((await stack.events('f')).at(-1)).toMatchObject({ details: { purpose: 'login' } });
      stack.bridge.setOutage();
      await button(visitor).click();
      await expectPat(visitor);
    });

    it('logs in nobody who is blocked in the user store', async () => {
      await changeConnection(stack, {
        getUser: (script) =>
          script.replace('user_id: user.user_id,', `$& blocked: user.user_id === ${JSON.stringify(sub)},`),
      });
      const { visitor, page } = await visit();
      await using _ = visitor;
      await button(visitor).click();
      await alert(visitor, /^This account is blocked/);
      await visitor.screenshot('blocked');
      expect(page.url()).toContain(stack.origin);
      expect(await lastFailure()).toMatchObject({
        user_id: sub,
        details: { error: { code: 'user_blocked' } },
      });
      await changeConnection(stack);
      await button(visitor).click();
      await expectPat(visitor);
    });

    it('has no button with challenge_ui autofill', async () => {
      await changeConnection(stack, { passkeyOptions: { challenge_ui: 'autofill' } });
      const { visitor, page } = await visit();
      await using _ = visitor;
      expect(await field(visitor)).toBe('username webauthn');
      await expect.poll(() => isOffered(visitor)).toBe(true);
      expect(await button(visitor).count()).toBe(0);
      await visitor.screenshot('autofill');
      await visitor.pickPasskey();
      await expectPat(visitor);

      await visitor.context.clearCookies();
      await beginLogin(page, stack);
      await typeIdentifier(page, 'pat@example.com');
      await page.getByLabel('Password').waitFor();
      expect(await button(visitor).count()).toBe(0);
      expect(visitor.problems()).toEqual([]);
    });

    it('offers nothing in the field with challenge_ui button', async () => {
      await changeConnection(stack, { passkeyOptions: { challenge_ui: 'button' } });
      const { visitor, page } = await visit();
      await using _ = visitor;
      expect(await field(visitor)).toBe('username');
      await button(visitor).waitFor();
      await visitor.screenshot('button');
      await typeIdentifier(page, 'pat@example.com');
      await page.getByLabel('Password').waitFor();
      expect(await isOffered(visitor)).toBe(false);
      await button(visitor).click();
      await expectPat(visitor);
      expect(visitor.problems()).toEqual([]);
    });

    it('leaves no dead button where there is no JavaScript, and the password works', async () => {
      await using visitor = await openVisitor(browser(), { context: { javaScriptEnabled: false } });
      const { page } = visitor;
      await beginSignUp(page, stack, 'nobody@example.com');
      expect(await page.getByRole('button').allInnerTexts()).toEqual(['Sign up with a password']);
      expect(await page.getByText('fingerprint').isVisible()).toBe(false);
      await beginLogin(page, stack);
      expect(await page.getByRole('button').allInnerTexts()).toEqual(['Continue']);
      await visitor.screenshot('log-in-without-javascript');
      await logInWithPassword(page, 'john@example.com', 'johns-demo-password');
      expect(await expectLoggedIn(page, stack, 'john@example.com')).toMatchObject({ amr: ['pwd'] });
    });

    it('has the device forget a passkey that is unknown here', async () => {
      const { visitor, authenticator } = await visit();
      await using _ = visitor;
      {
        using database = new DatabaseSync(stack.databaseFile);
        const passkeys = createPasskeys(database);
        const kept = passkeys.find(passkey.id)!;
        passkeys.remove(passkey.id);
        const deleted = authenticator.next('deleted');
        await button(visitor).click();
        await alert(visitor, /^There is no account for this passkey any more/);
        expect(await deleted).toBe(passkey.id);
        passkeys.add(kept);
      }
      await visitor.screenshot('unknown');
      expect(await authenticator.credentials()).toEqual([]);
      expect(await lastFailure()).toMatchObject({ details: { error: { code: 'passkey_unknown' } } });
      await authenticator.addCredential(passkey);
      await button(visitor).click();
      await expectPat(visitor);
    });
  });

  it('goes back to the application when the last form of a login is sent twice', async () => {
    const client = await beginOverHttp(stack);
    await sendPassword(client, 'jane@example.com', 'janes-demo-password');
    const ended = await client.post('/enroll/skip');
    // That ended the login; whoever presses the button of the page before knows nothing of it yet.
    const again = await client.post('/password', { password: 'janes-demo-password' });
    expect(again.headers.get('location')).toBe(ended.headers.get('location'));
    expect(await claimsAfter(stack, client, again)).toMatchObject({ sub: '42', amr: ['pwd'] });
  });

  it('is neither offered nor taken where the connection has no passkeys', async () => {
    await changeConnection(stack, {
      authenticationMethods: { password: { enabled: true }, passkey: { enabled: false } },
    });
    const client = await beginOverHttp(stack);
    const { text } = await client.get(client.path);
    expect(text).toContain('autocomplete="username"');
    expect(text).not.toContain('data-passkey');
    expect((await client.post('/passkey/options')).status).toBe(403);
    await changeConnection(stack);
    expect((await client.get(client.path)).text).toMatch(/data-passkey[\s\S]*Log in with a passkey/);
  });

  it('logs in nobody who is gone from the user store', async () => {
    const gone = await signUpOverHttp(stack, 'gone@example.com');
    const { status } = await stack.bridge.service.run('acme', 'delete', { user_id: gone.sub });
    expect(status).toBe(204);
    const answer = await sendPasskey(await beginOverHttp(stack), gone.device);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.text).toContain('There is no account for this passkey any more');
    // It may come back with the user: the browser is not told to forget it.
    expect(answer.text).not.toContain('data-unknown-passkey');
    expect(await lastFailure()).toMatchObject({
      user_id: gone.sub,
      details: { error: { code: 'user_not_found' } },
    });
  });
});
