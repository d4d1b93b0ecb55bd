import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor, type Visitor } from '../browser/open-visitor.ts';
import {
  beginLogin,
  beginSignUp,
  expectLoggedIn,
  logInWithPassword,
  signUpWithPasskey,
  typeIdentifier,
} from './support/pages.ts';
import { type Stack, startStack } from './support/start-stack.ts';

await describeInBrowser('sign-ups that fail in the middle', (browser) => {
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
  const codes = async () =>
    (await stack.events()).map(
      ({ type, details }) => `${type} ${(details?.error as { code?: string })?.code}`,
    );
  const creates = () =>
    stack.bridge.upstream.seen.filter(({ method, url }) => method === 'POST' && url === '/users').length;

  const create = (page: Page) =>
    page.getByRole('button', { name: 'Create a passkey' }).click({ noWaitAfter: true });
  const alert = (page: Page) => page.locator('p.alert:visible');

  async function logInWithPasskey({ page, context }: Visitor): Promise<void> {
    await context.clearCookies();
    await beginLogin(page, stack);
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  }

  /** The event may be written a moment after the page. */
  const expectCode = (code: string) => expect.poll(async () => (await codes()).at(-1)).toBe(code);

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

  it('keeps no passkey where somebody else was faster', async () => {
    await using visitor = await openVisitor(browser());
    const device = await visitor.addAuthenticator();
    await beginSignUp(visitor.page, stack, 'faster@example.com');
    const user = { email: 'faster@example.com', password: 'the-password-of-the-faster' };
    await stack.bridge.service.run('acme', 'signup', { user });
    await create(visitor.page);
    await alert(visitor.page).waitFor();
    await visitor.screenshot('account-exists');
    await expectCode('fs user_exists');
    const [passkey] = await device.credentials();
    expect(passkeyOf(passkey!.id)).toBeUndefined();
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

  it('gives the account to the passkey where the bridge saw it made, at the next try', async () => {
    await using visitor = await openVisitor(browser());
    await visitor.addAuthenticator();
    await beginSignUp(visitor.page, stack, 'unproven@example.com');
    const before = creates();
    stack.bridge.setOutage(/^GET \/users\/[^?]/);
    await create(visitor.page);
    await alert(visitor.page).waitFor();
    stack.bridge.setOutage();
    await create(visitor.page);
    await expectLoggedIn(visitor.page, stack, 'unproven@example.com');
    expect(creates()).toBe(before + 1);
    await logInWithPasskey(visitor);
    await expectLoggedIn(visitor.page, stack, 'unproven@example.com');
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
    await visitor.context.clearCookies();
    await beginLogin(page, stack);
    await logInWithPassword(page, 'unheard@example.com', 'a-new-password-of-theirs');
    await expectLoggedIn(page, stack, 'unheard@example.com');
  });

  it('gives an account to nobody who tried to make it before its owner did', async () => {
    await using attacker = await openVisitor(browser());
    const { page } = attacker;
    const device = await attacker.addAuthenticator();
    await beginSignUp(page, stack, 'owner@example.com');
    stack.bridge.setOutage(/^POST \/users$/);
    await create(page);
    await alert(page).waitFor();
    stack.bridge.setOutage();

    await using owner = await openVisitor(browser());
    await owner.addAuthenticator();
    await signUpWithPasskey(owner.page, stack, 'owner@example.com');

    const [first] = await device.credentials();
    await logInWithPasskey(attacker);
    await page.getByText('did not come to an end').waitFor();
    await attacker.screenshot('sign-up-unfinished');
    await expectCode('gd_webauthn_challenge_failed sign_up_unfinished');
    expect(passkeyOf(first!.id)).toEqual({ id: first!.id, user_id: null });
    await beginLogin(page, stack, { screen_hint: 'signup' });
    await typeIdentifier(page, 'owner@example.com');
    await page.getByText('There is an account already').waitFor();
    await logInWithPasskey(owner);
    await expectLoggedIn(owner.page, stack, 'owner@example.com');
  });

  it('signs up though the passkey cannot be given to the user, and the next login does that', async () => {
    await using visitor = await openVisitor(browser());
    const device = await visitor.addAuthenticator();
    sql(
      "CREATE TRIGGER refuse BEFORE UPDATE OF user_id ON passkeys BEGIN SELECT RAISE(ABORT, 'refused by the test'); END",
    );
    await signUpWithPasskey(visitor.page, stack, 'unassigned@example.com');
    const [passkey] = await device.credentials();
    expect(passkeyOf(passkey!.id)).toEqual({ id: passkey!.id, user_id: null });
    sql('DROP TRIGGER refuse');
    await stack.restart();
    await logInWithPasskey(visitor);
    const { sub } = await expectLoggedIn(visitor.page, stack, 'unassigned@example.com');
    expect(passkeyOf(passkey!.id)).toEqual({ id: passkey!.id, user_id: sub });
  });

  it('makes no user whose passkey cannot be stored', async () => {
    await using visitor = await openVisitor(browser());
    await visitor.addAuthenticator();
    sql(
      "CREATE TRIGGER refuse BEFORE INSERT ON passkeys BEGIN SELECT RAISE(ABORT, 'refused by the test'); END",
    );
    await beginSignUp(visitor.page, stack, 'unstored@example.com');
    const before = creates();
    await create(visitor.page);
    await visitor.page.getByText('Something broke on our side').waitFor();
    await visitor.screenshot('fault');
    await expectCode('fs internal_error');
    expect(creates()).toBe(before);
    sql('DROP TRIGGER refuse');
    await signUpWithPasskey(visitor.page, stack, 'unstored@example.com');
  });

  it('lets a user in whose sign-up was under way when the auth server was restarted', async () => {
    await using visitor = await openVisitor(browser());
    const device = await visitor.addAuthenticator();
    await beginSignUp(visitor.page, stack, 'restart@example.com');
    const held = Promise.withResolvers<() => void>();
    stack.bridge.intercept((request, forward) => {
      if (/^\/users\/./.test(request.url)) held.resolve(() => void forward(request));
      else void forward(request);
    });
    await create(visitor.page);
    const letGo = await held.promise;
    stack.bridge.intercept();
    await stack.restart();
    letGo();
    // The browser has to have given up on the old connection before it goes anywhere.
    const leave = () =>
      visitor.page.goto(stack.origin).then(
        () => true,
        () => false,
      );
    await expect.poll(leave, { timeout: 20_000 }).toBe(true);
    const [passkey] = await device.credentials();
    expect(passkeyOf(passkey!.id)).toEqual({ id: passkey!.id, user_id: null });
    await logInWithPasskey(visitor);
    const { sub } = await expectLoggedIn(visitor.page, stack, 'restart@example.com');
    expect(passkeyOf(passkey!.id)).toEqual({ id: passkey!.id, user_id: sub });
  });

  it('settles after a day what became of passkeys that are nobody’s', async () => {
    await using visitor = await openVisitor(browser());
    const device = await visitor.addAuthenticator();
    await signUpWithPasskey(visitor.page, stack, 'settled@example.com');
    const [passkey] = await device.credentials();
    const { sub } = stack.app.last().claims!;
    sql('UPDATE passkeys SET user_id = NULL RETURNING 1');
    const withAccount = passkeys().length;
    sql(`INSERT INTO passkeys SELECT 'unfinished', 'a-handle', NULL, rp_id, public_key, counter, transports, device_type,
           backed_up, aaguid, created_at, NULL FROM passkeys WHERE credential_id = '${passkey!.id}'`);
    await stack.restart();
    expect(passkeyOf('unfinished')).toBeDefined();
    stack.advance(25 * 3600_000);
    await stack.restart();
    await expect.poll(() => passkeyOf('unfinished')).toBeUndefined();
    await expect.poll(() => passkeyOf(passkey!.id)?.user_id).toBe(sub);
    expect(passkeys().length).toBeLessThanOrEqual(withAccount);
    expect(passkeys().filter(({ user_id }) => user_id === null)).toEqual([]);
  });
});
