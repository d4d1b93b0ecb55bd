import { readFile } from 'node:fs/promises';
import { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { PostLoginHook } from '../../src/auth-server/post-login-hook.ts';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor } from '../browser/open-visitor.ts';
import { filesOfTemplate } from '../service/template-service.ts';
import { eventsUntil } from './support/events.ts';
import { beginLogin, beginSignUp, expectLoggedIn, logInWithPassword } from './support/pages.ts';
import { type Stack, startStack } from './support/start-stack.ts';

const jane = 'jane@example.com';

await describeInBrowser('the second factor', (browser) => {
  let stack: Stack;
  let eventsFile: string;
  let hook: PostLoginHook | undefined;
  let ahead = 0;
  const secrets: string[] = [];
  const settings = { onPostLogin: ((event, api) => hook?.(event, api)) as PostLoginHook };

  beforeAll(async () => {
    stack = await startStack();
    eventsFile = stack.eventsFile;
    await stack.restart(settings);
  });
  beforeEach(() => {
    hook = undefined;
  });
  afterAll(async () => {
    const seen = await readFile(eventsFile, 'utf8');
    for (const secret of secrets) expect(seen).not.toContain(secret);
    await stack[Symbol.asyncDispose]();
  });

  /** Of a time step that nobody has used. */
  function nextCode(secret: string): string {
    stack.advance(60_000);
    ahead += 60_000;
    return new TOTP({ secret }).generate({ timestamp: Date.now() + ahead });
  }

  async function giveCode(page: Page, code: string): Promise<void> {
    await page.getByRole('textbox', { name: 'Code' }).fill(code);
    await page.getByRole('button', { name: /Continue|Confirm/ }).click();
  }

  /** Leaves the page that comes after it. */
  async function setUp(page: Page): Promise<string> {
    await page.getByRole('heading', { name: 'Set up an authenticator app' }).waitFor();
    const secret = (await page.locator('code').innerText()).replaceAll(' ', '');
    secrets.push(secret);
    await giveCode(page, nextCode(secret));
    return secret;
  }

  async function logInAgain(page: Page, params?: Record<string, string>): Promise<void> {
    await page.context().clearCookies();
    await beginLogin(page, stack, params);
    await logInWithPassword(page, jane, 'janes-demo-password');
  }

  async function activateMfa(): Promise<void> {
    const file = 'database-connections/acme/database.json';
    const connection = JSON.parse(String((await filesOfTemplate('http'))[file]));
    connection.options.mfa = { active: true, return_enroll_settings: true };
    await stack.bridge.service.write({ [file]: connection });
    await expect
      .poll(async () => (await stack.bridge.service.call('/v1/connections/acme')).body.settings.mfa?.active)
      .toBe(true);
  }

  let janesSecret = '';

  it('is demanded where the connection says so: set up once, asked for afterwards', async () => {
    await using visitor = await openVisitor(browser(), { isPhone: true });
    const { page } = visitor;
    await logInAgain(page);
    expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ amr: ['pwd'] });

    await activateMfa();
    await logInAgain(page);
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    await visitor.screenshot('set-up');
    const link = new URL((await page.getByRole('link', { name: 'open the app' }).getAttribute('href'))!);
    expect(decodeURIComponent(link.pathname)).toContain(`Acme:${jane}`);
    janesSecret = await setUp(page);
    expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });

    await logInAgain(page);
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
    await visitor.screenshot('enter-code');
    expect(await page.content()).not.toContain(janesSecret.slice(0, 4));
    await giveCode(page, nextCode(janesSecret));
    expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });
    expect(visitor.problems()).toEqual([]);

    const events = await eventsUntil(eventsFile, 's');
    expect(events.map(({ type }) => type)).toEqual([
      's',
      'gd_enrollment_complete',
      'gd_auth_succeed',
      's',
      'gd_auth_succeed',
      's',
    ]);
    expect(events[1]).toMatchObject({ user_id: '42', details: { authenticator: { type: 'otp' } } });
  });

  it('stays in the session, until the application wants a new login', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    await logInAgain(page);
    await giveCode(page, nextCode(janesSecret));
    await expectLoggedIn(page, stack, jane);
    const first = stack.app.last().tokens;

    await beginLogin(page, stack);
    expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });
    expect(stack.app.last().tokens).not.toBe(first);
    for (const again of [{ prompt: 'login' }, { max_age: '0' }]) {
      await beginLogin(page, stack, again);
      await logInWithPassword(page, jane, 'janes-demo-password');
      await giveCode(page, nextCode(janesSecret));
      expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });
    }
    expect(visitor.problems()).toEqual([]);
  });

  it('takes each code once', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    const code = nextCode(janesSecret);
    await logInAgain(page);
    await giveCode(page, code);
    await expectLoggedIn(page, stack, jane);
    await logInAgain(page);
    await giveCode(page, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(await page.getByRole('alert').innerText()).toContain('used already');
    await giveCode(page, 'abc');
    expect(await page.getByRole('alert').innerText()).toContain('six digits');
    await giveCode(page, nextCode(janesSecret));
    await expectLoggedIn(page, stack, jane);
  });

  it('is not passed by going around it', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    await logInAgain(page);
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
    const login = page.url().replace('/second-factor', '');
    await page.goto(`${login}/second-factor`);
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
    await beginLogin(page, stack);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    // Of a login in which nobody has proven anything.
    await page.goto(`${page.url()}/second-factor`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  });

  it('ends the login at the fifth wrong code, and lets nobody try after ten for 15 minutes', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    const tooMany = page.getByText('too_many_codes');
    stack.advance(16 * 60_000);
    ahead += 16 * 60_000;
    for (let login = 1; login <= 2; login++) {
      await logInAgain(page);
      const right = nextCode(janesSecret);
      for (let count = 1; count <= 5; count++) {
        await giveCode(page, String((Number(right) + 7 * count) % 1_000_000).padStart(6, '0'));
        if (count < 5) await page.getByText('That code is wrong').waitFor();
      }
      await tooMany.waitFor();
    }
    await visitor.screenshot('too-many-codes');
    await logInAgain(page);
    await giveCode(page, nextCode(janesSecret));
    await tooMany.waitFor();
    await page.getByText('Wait 15 minutes').waitFor();
    const events = await eventsUntil(eventsFile, 'gd_auth_failed');
    expect(events.at(-1)?.details?.error?.code).toBe('too_many_codes');

    stack.advance(15 * 60_000);
    ahead += 15 * 60_000;
    await logInAgain(page);
    await giveCode(page, nextCode(janesSecret));
    await expectLoggedIn(page, stack, jane);
  });

  it('is demanded after a passkey, too, unless the hook waives it', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    await visitor.addAuthenticator();
    await beginSignUp(page, stack, 'phil@example.com');
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    const secret = await setUp(page);
    expect(await expectLoggedIn(page, stack, 'phil@example.com')).toMatchObject({
      amr: ['phr', 'otp', 'mfa'],
    });

    await visitor.context.clearCookies();
    await beginLogin(page, stack);
    await visitor.pickPasskey();
    await giveCode(page, nextCode(secret));
    expect(await expectLoggedIn(page, stack, 'phil@example.com')).toMatchObject({
      amr: ['phr', 'otp', 'mfa'],
    });

    hook = async ({ authentication }, api) => {
      if (authentication.methods.some(({ name }) => name === 'passkey')) api.multifactor.enable('none');
    };
    await visitor.context.clearCookies();
    await beginLogin(page, stack);
    await visitor.pickPasskey();
    expect(await expectLoggedIn(page, stack, 'phil@example.com')).toMatchObject({ amr: ['phr'] });
    await logInAgain(page);
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
    expect(visitor.problems()).toEqual([]);
  });

  it('lets nobody in whom the hook denies, nor when it breaks', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    hook = (event, api) => api.access.deny(`${event.client.client_id}: ${event.user.email} may not`);
    await logInAgain(page);
    await page.waitForURL(`${stack.app.redirectUri}**`);
    expect(stack.app.last().error).toBe('access_denied');
    expect(new URL(page.url()).searchParams.get('error_description')).toBe(`app: ${jane} may not`);
    const denied = await eventsUntil(eventsFile, 'f');
    expect(denied.at(-1)?.details?.error?.code).toBe('access_denied');

    await stack.restart({ ...settings, secondFactor: 'never' });
    hook = () => {
      throw new TypeError('broken');
    };
    await logInAgain(page);
    await page.getByText('hook_failed').waitFor();
    const failed = await eventsUntil(eventsFile, 'f');
    expect(failed.at(-1)).toMatchObject({ user_id: '42', details: { error: { code: 'hook_failed' } } });
    // The login that it ended is forgotten, not half done.
    await page.goto(page.url().replace('/password', '/second-factor'));
    await page.getByRole('heading', { name: 'Log in' }).waitFor();

    hook = (_event, api) => api.multifactor.enable('any');
    await logInAgain(page);
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
  });
});
