import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor, type Visitor } from '../browser/open-visitor.ts';
import { beginOverHttp } from './support/form-client.ts';
import {
  beginSignUpOverHttp,
  claimsAfter,
  sendNewPasskey,
  sendPasskey,
  sendPassword,
  signUpOverHttp,
} from './support/over-http.ts';
import { beginLogin, beginSignUp, expectLoggedIn } from './support/pages.ts';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

describe('sign-ups that fail in the middle', async () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterEach(() => {
    stack.bridge.setOutage();
    stack.bridge.intercept();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** Runs SQL in the auth server's file, beside it. */
  function sql(text: string): Record<string, unknown>[] {
    using database = new DatabaseSync(stack.databaseFile, { timeout: 5000 });
    return database.prepare(text).all();
  }
  const passkeys = () => sql('SELECT credential_id AS id, user_id FROM passkeys ORDER BY rowid');
  const passkeyOf = (id: string) => passkeys().find((passkey) => passkey.id === id);
  const creates = () =>
    stack.bridge.upstream.seen.filter(({ method, url }) => method === 'POST' && url === '/users').length;
  async function expectCode(code: string): Promise<void> {
    const newest = (await stack.events()).at(-1);
    expect(`${newest?.type} ${(newest?.details?.error as { code?: string })?.code}`).toBe(code);
  }

  const newDevice = () => createSoftwareAuthenticator({ origin: stack.origin });
  const firstOf = ({ passkeys }: SoftwareAuthenticator) => passkeys[0]!.id;

  async function logIn(device: SoftwareAuthenticator, email: string): Promise<string> {
    const client = await beginOverHttp(stack);
    const claims = await claimsAfter(stack, client, await sendPasskey(client, device));
    expect(claims).toMatchObject({ email, amr: ['phr'] });
    return claims.sub;
  }

  it('tells of one that could not be begun, and which execution it was', async () => {
    stack.bridge.setOutage(/users/);
    const client = await beginOverHttp(stack, { screen_hint: 'signup' });
    const answer = await client.post('/signup', { identifier: 'unknown@example.com' });
    expect(answer.text).toContain('cannot be signed up at the moment');
    await expectCode('fs script_error');
    const execution_id = expect.stringMatching(/^exec_/);
    expect((await stack.events()).at(-1)).toMatchObject({ details: { error: { execution_id } } });
  });

  await describeInBrowser('in a browser', (browser) => {
    const create = (page: Page) =>
      page.getByRole('button', { name: 'Create a passkey' }).click({ noWaitAfter: true });
    const alert = (page: Page) => page.locator('p.alert:visible');

    async function logInWithPasskey({ page, context }: Visitor): Promise<void> {
      await context.clearCookies();
      await beginLogin(page, stack);
      await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    }

    it('makes one account of two sign-ups at once, and the other passkey opens nothing', async () => {
      await using one = await openVisitor(browser());
      await using other = await openVisitor(browser());
      const visitors = [one, other];
      const devices = await Promise.all(visitors.map((visitor) => visitor.addAuthenticator()));
      const statuses: number[] = [];
      stack.bridge.intercept((request, forward) => {
        const answer: typeof request.answer = (status, ...rest) => {
          if (request.method === 'POST') statuses.push(status);
          request.answer(status, ...rest);
        };
        return forward({ ...request, answer });
      });
      for (const { page } of visitors) await beginSignUp(page, stack, 'race@example.com');
      await Promise.all(visitors.map(({ page }) => create(page)));
      const won = await Promise.all(
        visitors.map(({ page }) =>
          Promise.race([
            page.waitForURL(`${stack.app.redirectUri}**`).then(() => true),
            alert(page)
              .waitFor()
              .then(() => false),
          ]),
        ),
      );
      expect(won.toSorted()).toEqual([false, true]);
      expect(statuses.filter((status) => status === 201)).toHaveLength(1);

      const loser = won[0] ? 1 : 0;
      const { page } = visitors[loser]!;
      expect(await alert(page).textContent()).toBe('There is an account already. Log in instead.');
      await visitors[loser]!.screenshot('account-exists');
      const [lost] = await devices[loser]!.credentials();
      const [kept] = await devices[1 - loser]!.credentials();
      expect(passkeyOf(lost!.id)).toBeUndefined();
      expect(passkeyOf(kept!.id)).toMatchObject({ user_id: expect.any(String) });

      await logInWithPasskey(visitors[loser]!);
      await alert(page).waitFor();
      await expectCode('gd_webauthn_challenge_failed passkey_unknown');
      await logInWithPasskey(visitors[1 - loser]!);
      await expectLoggedIn(visitors[1 - loser]!.page, stack, 'race@example.com');
    });

    it('signs up at the second try when the store did not answer the first', async () => {
      await using visitor = await openVisitor(browser());
      const device = await visitor.addAuthenticator();
      await beginSignUp(visitor.page, stack, 'outage@example.com');
      stack.bridge.setOutage(/^POST \/users$/);
      await create(visitor.page);
      await alert(visitor.page).waitFor();
      await visitor.screenshot('outage');
      await expectCode('fs script_error');
      const [first] = await device.credentials();
      expect(passkeyOf(first!.id)).toEqual({ id: first!.id, user_id: null });

      stack.bridge.setOutage();
      await create(visitor.page);
      const { sub } = await expectLoggedIn(visitor.page, stack, 'outage@example.com');
      const kept = await device.credentials();
      expect(kept.map(({ id }) => passkeyOf(id)?.user_id)).toEqual([sub]);
      await logInWithPasskey(visitor);
      await expectLoggedIn(visitor.page, stack, 'outage@example.com');
    });

    it('says what to do where the store made the user and nobody heard of it', async () => {
      await using visitor = await openVisitor(browser());
      const { page } = visitor;
      const device = await visitor.addAuthenticator();
      await beginSignUp(page, stack, 'unheard@example.com');
      stack.bridge.intercept((request, forward) =>
        forward(request.method === 'POST' ? { ...request, answer: () => request.answer(503, {}) } : request),
      );
      const before = creates();
      await create(page);
      await alert(page).waitFor();
      stack.bridge.intercept();
      await create(page);
      await page.getByText('Ask the people who run it for a new password').waitFor();
      await visitor.screenshot('made-perhaps');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('Ask the people who run it for a new password').waitFor();
      expect(creates()).toBe(before + 1);

      await logInWithPasskey(visitor);
      await alert(page).waitFor();
      await visitor.screenshot('sign-up-unfinished');
      await expectCode('gd_webauthn_challenge_failed passkey_unknown');
      // It opens nothing and never will: the browser is told so.
      await expect.poll(() => device.credentials()).toHaveLength(0);

      await stack.bridge.service.run('acme', 'change-password', {
        identifier: 'unheard@example.com',
        new_password: 'a-new-password-of-theirs',
      });
      const login = await beginOverHttp(stack);
      const answer = await sendPassword(login, 'unheard@example.com', 'a-new-password-of-theirs');
      expect(await claimsAfter(stack, login, answer)).toMatchObject({ email: 'unheard@example.com' });
    });
  });

  it('keeps no passkey where somebody else was faster', async () => {
    const device = newDevice();
    const client = await beginSignUpOverHttp(stack, 'faster@example.com');
    const user = { email: 'faster@example.com', password: 'the-password-of-the-faster' };
    expect((await stack.bridge.service.run('acme', 'signup', { user })).status).toBe(201);
    const answer = await sendNewPasskey(client, device);
    expect(answer.text).toContain('There is an account already');
    await expectCode('fs user_exists');
    expect(passkeyOf(firstOf(device))).toBeUndefined();
  });

  it('gives the account to the passkey where the bridge saw it made, at the next try', async () => {
    const device = newDevice();
    const client = await beginSignUpOverHttp(stack, 'unproven@example.com');
    const before = creates();
    stack.bridge.setOutage(/^GET \/users\/[^?]/);
    expect((await sendNewPasskey(client, device)).text).toContain('role="alert"');
    stack.bridge.setOutage();
    const claims = await claimsAfter(stack, client, await sendNewPasskey(client, device));
    expect(claims).toMatchObject({ email: 'unproven@example.com' });
    expect(creates()).toBe(before + 1);
    expect(await logIn(device, 'unproven@example.com')).toBe(claims.sub);
  });

  it('gives an account to nobody who tried to make it before its owner did', async () => {
    const device = newDevice();
    const attacker = await beginSignUpOverHttp(stack, 'owner@example.com');
    stack.bridge.setOutage(/^POST \/users$/);
    expect((await sendNewPasskey(attacker, device)).text).toContain('role="alert"');
    stack.bridge.setOutage();
    const owner = await signUpOverHttp(stack, 'owner@example.com');

    const login = await beginOverHttp(stack);
    const refused = await sendPasskey(login, device);
    expect(refused.headers.get('location')).toBeNull();
    expect(refused.text).toContain('did not come to an end');
    await expectCode('gd_webauthn_challenge_failed sign_up_unfinished');
    expect(passkeyOf(firstOf(device))).toEqual({ id: firstOf(device), user_id: null });
    const again = await beginOverHttp(stack, { screen_hint: 'signup' });
    const exists = await again.follow(await again.post('/signup', { identifier: 'owner@example.com' }));
    expect(exists.text).toContain('There is an account already');
    expect(await logIn(owner.device, 'owner@example.com')).toBe(owner.sub);
  });

  it('signs up though the passkey cannot be given to the user, and the next login does that', async () => {
    sql(
      "CREATE TRIGGER refuse BEFORE UPDATE OF user_id ON passkeys BEGIN SELECT RAISE(ABORT, 'refused by the test'); END",
    );
    const { device, sub } = await signUpOverHttp(stack, 'unassigned@example.com');
    expect(stack.takeFaults()).toEqual(['refused by the test']);
    const id = firstOf(device);
    expect(passkeyOf(id)).toEqual({ id, user_id: null });
    sql('DROP TRIGGER refuse');
    await stack.restart();
    expect(await logIn(device, 'unassigned@example.com')).toBe(sub);
    expect(passkeyOf(id)).toEqual({ id, user_id: sub });
  });

  it('makes no user whose passkey cannot be stored', async () => {
    sql(
      "CREATE TRIGGER refuse BEFORE INSERT ON passkeys BEGIN SELECT RAISE(ABORT, 'refused by the test'); END",
    );
    const client = await beginSignUpOverHttp(stack, 'unstored@example.com');
    const before = creates();
    const answer = await sendNewPasskey(client, newDevice());
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('Something broke on our side');
    await expectCode('fs internal_error');
    expect(stack.takeFaults()).toEqual(['refused by the test']);
    expect(creates()).toBe(before);
    sql('DROP TRIGGER refuse');
    await signUpOverHttp(stack, 'unstored@example.com');
  });

  it('lets a user in whose sign-up was under way when the auth server was restarted', async () => {
    const device = newDevice();
    const client = await beginSignUpOverHttp(stack, 'restart@example.com');
    const held = Promise.withResolvers<() => void>();
    stack.bridge.intercept((request, forward) => {
      if (/^\/users\/./.test(request.url)) held.resolve(() => void forward(request));
      else void forward(request);
    });
    const cutOff = expect(sendNewPasskey(client, device)).rejects.toThrow('fetch failed');
    const letGo = await held.promise;
    stack.bridge.intercept();
    await stack.restart();
    letGo();
    await cutOff;
    // Of the server that is no more, whose file is closed: it cannot assign the passkey, nor look for an offer.
    const faults: string[] = [];
    const finalized = 'statement has been finalized';
    const heard = () => {
      faults.push(...stack.takeFaults());
      return faults;
    };
    await expect.poll(heard).toEqual([finalized, finalized]);
    const id = firstOf(device);
    expect(passkeyOf(id)).toEqual({ id, user_id: null });
    const sub = await logIn(device, 'restart@example.com');
    expect(passkeyOf(id)).toEqual({ id, user_id: sub });
  });

  it('settles after a day what became of passkeys that are nobody’s', async () => {
    const { device, sub } = await signUpOverHttp(stack, 'settled@example.com');
    const id = firstOf(device);
    sql('UPDATE passkeys SET user_id = NULL RETURNING 1');
    const withAccount = passkeys().length;
    sql(`INSERT INTO passkeys SELECT 'unfinished', 'a-handle', NULL, rp_id, public_key, counter, transports, device_type,
           backed_up, aaguid, created_at, NULL FROM passkeys WHERE credential_id = '${id}'`);
    await stack.restart();
    expect(passkeyOf('unfinished')).toBeDefined();
    stack.advance(25 * 3600_000);
    await stack.restart();
    await expect.poll(() => passkeyOf('unfinished')).toBeUndefined();
    await expect.poll(() => passkeyOf(id)?.user_id).toBe(sub);
    expect(passkeys().length).toBeLessThanOrEqual(withAccount);
    expect(passkeys().filter(({ user_id }) => user_id === null)).toEqual([]);
  });
});
