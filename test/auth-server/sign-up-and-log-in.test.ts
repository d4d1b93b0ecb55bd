import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor } from '../browser/open-visitor.ts';
import { beginLogin, beginSignUp, expectLoggedIn, logInWithPassword } from './support/pages.ts';
import { type Stack, startStack } from './support/start-stack.ts';

await describeInBrowser('sign-up and login', (browser) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it('logs in with a password', async () => {
    await using visitor = await openVisitor(browser());
    await beginLogin(visitor.page, stack);
    await visitor.screenshot('log-in');
    await logInWithPassword(visitor.page, 'jane@example.com', 'janes-demo-password');
    const claims = await expectLoggedIn(visitor.page, stack, 'jane@example.com');
    expect(claims).toMatchObject({ sub: '42', name: 'Jane Doe', amr: ['pwd'] });
    expect(visitor.problems()).toEqual([]);
  });

  it('signs up with a passkey and logs in with it, by autofill and by button', async () => {
    await using visitor = await openVisitor(browser(), { isPhone: true });
    const authenticator = await visitor.addAuthenticator();
    await beginSignUp(visitor.page, stack, 'pat@example.com');
    await visitor.screenshot('sign-up-phone');
    await visitor.page.getByRole('button', { name: 'Create a passkey' }).click();
    await expectLoggedIn(visitor.page, stack, 'pat@example.com');
    await visitor.screenshot('signed-up-phone');
    const { sub } = stack.app.last().claims!;
    const [passkey] = await authenticator.credentials();
    expect(Buffer.from(passkey!.userHandle, 'base64url')).toHaveLength(64);
    expect(passkey!.userHandle).not.toContain(sub);

    await visitor.context.clearCookies();
    await beginLogin(visitor.page, stack);
    await visitor.pickPasskey();
    expect(await expectLoggedIn(visitor.page, stack, 'pat@example.com')).toMatchObject({ sub, amr: ['phr'] });

    await visitor.context.clearCookies();
    await beginLogin(visitor.page, stack);
    await visitor.page.getByRole('button', { name: 'Log in with a passkey' }).click();
    expect(await expectLoggedIn(visitor.page, stack, 'pat@example.com')).toMatchObject({ sub, amr: ['phr'] });
    expect(visitor.problems()).toEqual([]);
  });
});
