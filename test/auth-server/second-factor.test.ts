import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostLoginHook } from '../../src/auth-server/extensions/post-login/post-login-hook.ts';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor } from '../browser/open-visitor.ts';
import { filesOfTemplate } from '../service/template-service.ts';
import { type Answer, beginOverHttp, type FormClient } from './support/form-client.ts';
import { nextCode } from './support/next-code.ts';
import {
  beginSignUpOverHttp,
  claimsAfter,
  claimsIn,
  sendNewPasskey,
  sendPasskey,
  sendPassword,
} from './support/over-http.ts';
import { beginLogin, expectLoggedIn, logInWithPassword } from './support/pages.ts';
import { createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

const jane = 'jane@example.com';

describe('the second factor', async () => {
  let stack: Stack;
  let hook: PostLoginHook | undefined;
  let janesSecret = '';
  const secrets: string[] = [];
  const settings = { onPostLogin: ((event, api) => hook?.(event, api)) as PostLoginHook };

  beforeAll(async () => {
    stack = await startStack({ settings });
  });
  beforeEach(() => {
    hook = undefined;
  });
  afterAll(async () => {
    expect(secrets).toHaveLength(2);
    const seen = await readFile(stack.eventsFile, 'utf8');
    for (const secret of secrets) expect(seen).not.toContain(secret);
    await stack[Symbol.asyncDispose]();
  });

  async function activateMfa(): Promise<void> {
    const file = 'database-connections/acme/database.json';
    const connection = JSON.parse(String((await filesOfTemplate('http'))[file]));
    connection.options.mfa = { active: true, return_enroll_settings: true };
    await stack.bridge.service.write({ [file]: connection });
    await expect
      .poll(async () => (await stack.bridge.service.call('/v1/connections/acme')).body.settings.mfa?.active)
      .toBe(true);
  }

  await describeInBrowser('in a browser', (browser) => {
    async function typeCode(page: Page, code: string): Promise<void> {
      await page.getByRole('textbox', { name: 'Code' }).fill(code);
      await page.getByRole('button', { name: /Continue|Confirm/ }).click();
    }

    /** Leaves the page that comes after it. */
    async function setUpOnPage(page: Page): Promise<string> {
      await page.getByRole('heading', { name: 'Set up an authenticator app' }).waitFor();
      const secret = (await page.locator('code').innerText()).replaceAll(' ', '');
      secrets.push(secret);
      await typeCode(page, nextCode(stack, secret));
      return secret;
    }

    async function logInOnPages(page: Page): Promise<void> {
      await page.context().clearCookies();
      await beginLogin(page, stack);
      await logInWithPassword(page, jane, 'janes-demo-password');
    }

    it('is demanded where the connection says so: set up once, asked for afterwards', async () => {
      await using visitor = await openVisitor(browser(), { isPhone: true });
      const { page } = visitor;
      await logInOnPages(page);
      expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ amr: ['pwd'] });

      await activateMfa();
      await logInOnPages(page);
      await page.getByRole('img', { name: /QR code/ }).waitFor();
      await visitor.screenshot('set-up');
      const link = new URL((await page.getByRole('link', { name: 'open the app' }).getAttribute('href'))!);
      expect(decodeURIComponent(link.pathname)).toContain(`Acme:${jane}`);
      janesSecret = await setUpOnPage(page);
      expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });

      await logInOnPages(page);
      await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
      await visitor.screenshot('enter-code');
      expect(await page.content()).not.toContain(janesSecret.slice(0, 4));
      await typeCode(page, nextCode(stack, janesSecret));
      expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });
      expect(visitor.problems()).toEqual([]);

      const events = await stack.events();
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
  });

  const sendJanesPassword = (client: FormClient) => sendPassword(client, jane, 'janes-demo-password');
  const sendCode = (client: FormClient, code: string) => client.post('/second-factor', { code });

  /** As far as the page that asks for the code. */
  async function logIn(): Promise<FormClient> {
    const client = await beginOverHttp(stack);
    expect(await headingAfter(client, await sendJanesPassword(client))).toBe('Enter your code');
    return client;
  }
  const headingOf = ({ text }: Answer) => /<h1>([^<]*)/.exec(text)?.[1];
  const headingAfter = async (client: FormClient, answer: Answer) => headingOf(await client.follow(answer));

  it('stays in the session, until the application wants a new login', async () => {
    const client = await logIn();
    const amr = ['pwd', 'otp', 'mfa'];
    const first = await claimsAfter(stack, client, await sendCode(client, nextCode(stack, janesSecret)));
    expect(first).toMatchObject({ email: jane, amr });
    expect(claimsIn(stack, await client.visit(stack.app.startUrl()))).toMatchObject({ sub: first.sub, amr });
    for (const again of [{ prompt: 'login' }, { max_age: '0' }]) {
      await client.begin(again);
      expect(await headingAfter(client, await sendJanesPassword(client))).toBe('Enter your code');
      const claims = await claimsAfter(stack, client, await sendCode(client, nextCode(stack, janesSecret)));
      expect(claims).toMatchObject({ sub: first.sub, amr });
    }
  });

  it('takes each code once', async () => {
    const code = nextCode(stack, janesSecret);
    const first = await logIn();
    expect(await claimsAfter(stack, first, await sendCode(first, code))).toMatchObject({ email: jane });
    const client = await logIn();
    const again = await sendCode(client, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(again.text).toContain('used already');
    expect((await sendCode(client, 'abc')).text).toContain('six digits');
    const claims = await claimsAfter(stack, client, await sendCode(client, nextCode(stack, janesSecret)));
    expect(claims).toMatchObject({ email: jane });
  });

  it('is not passed by going around it', async () => {
    const client = await logIn();
    const around = await client.follow(await client.post('/enroll/skip'));
    expect(headingOf(around)).toBe('Enter your code');
    expect(headingOf(await client.visit(stack.app.startUrl()))).toBe('Log in');
    // Of a login in which nobody has proven anything.
    expect(headingOf(await client.visit(`${stack.origin}${client.path}/second-factor`))).toBe('Log in');
    const unproven = await sendCode(client, nextCode(stack, janesSecret));
    expect(await headingAfter(client, unproven)).toBe('Log in');
  });

  it('ends the login at the fifth wrong code, and lets nobody try after ten for 15 minutes', async () => {
    stack.advance(16 * 60_000);
    for (let login = 1; login <= 2; login++) {
      const client = await logIn();
      const right = nextCode(stack, janesSecret);
      for (let count = 1; count <= 5; count++) {
        const wrong = String((Number(right) + 7 * count) % 1_000_000).padStart(6, '0');
        const answer = await sendCode(client, wrong);
        expect(answer.text).toContain(count < 5 ? 'That code is wrong' : 'too_many_codes');
      }
      expect(await headingAfter(client, await sendCode(client, right))).toBe('Log in');
    }
    const client = await logIn();
    const answer = await sendCode(client, nextCode(stack, janesSecret));
    expect(answer.status).toBe(429);
    expect(answer.text).toMatch(/Wait 15 minutes[\s\S]*too_many_codes/);
    const event = (await stack.events()).at(-1);
    expect(event).toMatchObject({
      type: 'gd_auth_failed',
      details: { error: { code: 'too_many_codes' } },
    });

    stack.advance(15 * 60_000);
    const later = await logIn();
    const claims = await claimsAfter(stack, later, await sendCode(later, nextCode(stack, janesSecret)));
    expect(claims).toMatchObject({ email: jane });
  });

  it('is demanded after a passkey, too, unless the hook waives it', async () => {
    const device = createSoftwareAuthenticator({ origin: stack.origin });
    const signUp = await beginSignUpOverHttp(stack, 'phil@example.com');
    const page = await signUp.follow(await sendNewPasskey(signUp, device));
    expect(headingOf(page)).toBe('Set up an authenticator app');
    const secret = /<code>([^<]*)/.exec(page.text)![1]!.replaceAll(' ', '');
    secrets.push(secret);
    const amr = ['phr', 'otp', 'mfa'];
    const made = await claimsAfter(stack, signUp, await sendCode(signUp, nextCode(stack, secret)));
    expect(made).toMatchObject({ email: 'phil@example.com', amr });

    const client = await beginOverHttp(stack);
    expect(await headingAfter(client, await sendPasskey(client, device))).toBe('Enter your code');
    const claims = await claimsAfter(stack, client, await sendCode(client, nextCode(stack, secret)));
    expect(claims).toMatchObject({ sub: made.sub, amr });

    hook = async ({ authentication }, api) => {
      if (authentication.methods.some(({ name }) => name === 'passkey')) api.multifactor.enable('none');
    };
    const waived = await beginOverHttp(stack);
    expect(await claimsAfter(stack, waived, await sendPasskey(waived, device))).toMatchObject({
      sub: made.sub,
      amr: ['phr'],
    });
    await logIn();
  });

  it('lets nobody in whom the hook denies, nor when it breaks', async () => {
    hook = (event, api) => api.access.deny(`${event.client.client_id}: ${event.user.email} may not`);
    const denied = await beginOverHttp(stack);
    const { url } = await denied.follow(await sendJanesPassword(denied));
    expect(url.href).toContain(stack.app.redirectUri);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: `app: ${jane} may not`,
    });
    expect(stack.app.last().error).toBe('access_denied');
    const isDenied = { type: 'f', details: { error: { code: 'access_denied' } } };
    expect((await stack.events()).at(-1)).toMatchObject(isDenied);

    await stack.restart({ secondFactor: 'never' });
    hook = () => {
      throw new TypeError('broken');
    };
    const client = await beginOverHttp(stack);
    const answer = await client.follow(await sendJanesPassword(client));
    expect(answer.text).toContain('hook_failed');
    expect(stack.takeFaults()).toEqual(['broken']);
    const hasFailed = { type: 'f', user_id: '42', details: { error: { code: 'hook_failed' } } };
    expect((await stack.events()).at(-1)).toMatchObject(hasFailed);
    // The login that it ended is forgotten, not half done.
    expect(headingOf(await client.visit(`${stack.origin}${client.path}/second-factor`))).toBe('Log in');

    hook = (_event, api) => api.multifactor.enable('any');
    await logIn();
  });
});
