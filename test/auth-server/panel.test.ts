import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor, type Visitor } from '../browser/open-visitor.ts';
import { filesOfTemplate } from '../service/template-service.ts';
import { beginOverHttp } from './support/form-client.ts';
import { localFetch } from './support/local-fetch.ts';
import { signUpOverHttp } from './support/over-http.ts';
import { beginLogin } from './support/pages.ts';
import { logInToPanel, save } from './support/panel.ts';
import { adminPassword, type Stack, startStack } from './support/start-stack.ts';

const host = 'login.acme.localhost';
const file = 'database-connections/acme/database.json';

await describeInBrowser('the passkey panel', (browser) => {
  let stack: Stack;
  /** The operator. */
  let visitor: Visitor;
  beforeAll(async () => {
    stack = await startStack({ hosts: [host] });
    visitor = await openVisitor(browser());
  });
  afterAll(async () => {
    await visitor.close();
    await stack[Symbol.asyncDispose]();
  });
  /** But for the answers 422 to forms that cannot be saved, which are told in the console, too. */
  const problems = () => visitor.problems().filter((problem) => !problem.includes('422'));

  const rpIdLabel = () => `RP ID of ${new URL(stack.originOf(host)).host}`;
  const signIn = (password: string) => post('/admin/login', { password });

  function post(path: string, body: Record<string, string>, headers: Record<string, string> = {}) {
    return localFetch(stack.origin + path, {
      method: 'POST',
      body: new URLSearchParams(body),
      headers,
      redirect: 'manual',
    });
  }

  const cookieOf = ({ headers }: Response) => headers.get('set-cookie')!.split(';')[0]!;

  /** The panel's form, with nothing but this in it. */
  const send = (cookie: string, challengeUi = 'both') => {
    const body = new URLSearchParams([
      ['challenge_ui', challengeUi],
      ['rp_id', ''],
      ['rp_id', ''],
    ]);
    const init = { method: 'POST', body, headers: { cookie }, redirect: 'manual' };
    return localFetch(`${stack.origin}/admin/passkeys`, init);
  };

  async function newest(type: string) {
    const response = await localFetch(`${stack.origin}/v1/events?take=1&type=${type}`, {
      headers: { authorization: `Bearer ${adminPassword}` },
    });
    return ((await response.json()) as { events: Record<string, unknown>[] }).events[0];
  }

  async function setOptions(changes: object): Promise<void> {
    const given = (await filesOfTemplate('http'))[file] as string;
    const connection = JSON.parse(given);
    Object.assign(connection.options, changes);
    await stack.bridge.service.write({ [file]: connection });
    await expect
      .poll(async () => (await stack.bridge.service.call('/v1/connections/acme')).body.settings, {
        timeout: 10_000,
      })
      .toMatchObject(changes);
  }

  it('saves for a ready connection, and the login page follows', async () => {
    const { page } = visitor;
    await page.goto(`${stack.origin}/admin`);
    await visitor.screenshot('log-in');
    await logInToPanel(page, stack);
    await page.getByRole('heading', { name: 'Passkeys' }).waitFor();
    expect(await page.getByText('Met: passkeys are enabled').count()).toBe(1);
    await visitor.screenshot('ready');

    await page.getByLabel('A button alone').check();
    await page.getByLabel('Users who have logged in with a passkey of another device').uncheck();
    await save(page);
    await page.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
    await page
      .getByText("Set in this panel. The connection's file says: in the identifier field, and a button.")
      .waitFor();
    await page.getByText("Set in this panel. The connection's file says: on.").waitFor();
    expect(await page.getByLabel('A button alone').isChecked()).toBe(true);
    await visitor.screenshot('saved');
    expect(await newest('sapi')).toMatchObject({
      connection: 'acme',
      details: { changed: ['challenge_ui', 'local_enrollment_enabled'] },
    });

    await beginLogin(page, stack);
    const field = page.getByLabel(/Email address/);
    expect(await field.getAttribute('autocomplete')).toBe('username');
    await page.getByRole('button', { name: 'Log in with a passkey' }).waitFor();
    expect(problems()).toEqual([]);
  });

  it('keeps what was saved, and changes it again', async () => {
    await stack.restart();
    const loginPage = async () => {
      const client = await beginOverHttp(stack);
      return (await client.get(client.path)).text;
    };
    expect(await loginPage()).toContain('autocomplete="username"');
    expect(await loginPage()).toMatch(/<button[^>]*>Log in with a passkey/);
    expect((await send(cookieOf(await signIn(adminPassword)), 'autofill')).status).toBe(303);
    expect(await loginPage()).toContain('autocomplete="username webauthn"');
    expect(await loginPage()).not.toMatch(/<button[^>]*>Log in with a passkey/);
  });

  it('takes RP IDs that can be', async () => {
    const { page } = visitor;
    const rpId = page.getByLabel(rpIdLabel());
    await logInToPanel(page, stack);
    for (const [typed, mistake] of [
      ['other.localhost', 'is neither that domain nor one above it'],
      ['localhost', 'is not registrable'],
    ] as const) {
      await rpId.fill(typed);
      await save(page);
      const said = page.getByRole('alert').filter({ hasText: mistake });
      expect(await said.innerText()).toContain(`The RP ID "${typed}" for ${host} ${mistake}`);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    await visitor.screenshot('rp-id-mistake-phone');
    await page.setViewportSize({ width: 1280, height: 800 });

    await rpId.fill('acme.localhost');
    await save(page);
    await page.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
    await page.getByText(`at ${stack.app.origin} cannot use passkeys of acme.localhost`).waitFor();
    await page.getByText(`Set in this panel. The server's settings say: ${host}.`).waitFor();
    expect(problems()).toEqual([]);
  });

  it('asks before passkeys are lost', async () => {
    const { page } = visitor;
    const rpId = page.getByLabel(rpIdLabel());
    await signUpOverHttp(stack, 'rho@example.com', { issuer: stack.originOf(host) });

    await page.goto(`${stack.origin}/admin/passkeys`);
    await rpId.fill('');
    await save(page);
    const lost = `1 passkey made for acme.localhost will not work at ${host} any more.`;
    const confirm = page.getByLabel(lost);
    await confirm.waitFor();
    await visitor.screenshot('confirm');
    await page.reload();
    expect(await rpId.inputValue()).toBe(host);
    await page.goto(`${stack.origin}/admin/passkeys`);
    expect(await rpId.inputValue()).toBe('acme.localhost');
    await rpId.fill('');
    await save(page);
    await confirm.check();
    await save(page);
    await page.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
    expect(await rpId.inputValue()).toBe(host);
    await page.getByText('1 passkey of acme.localhost, not usable').waitFor();
    await visitor.screenshot('lost');
    expect(problems()).toEqual([]);
  });

  it('keeps Save off while a prerequisite is not met', async () => {
    const { page } = visitor;
    await setOptions({ enable_script_context: false });
    await page.goto(`${stack.origin}/admin/passkeys`);
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'The context object is off' }).click();
    expect(new URL(page.url()).hash).toBe('#prerequisite-context_object_off');
    const obstacle = page.locator('#prerequisite-context_object_off');
    expect(await obstacle.innerText()).toMatch(
      /Not met: The context object is off[\s\S]*What to change: Set options.enable_script_context to true/,
    );
    await visitor.screenshot('not-ready');
    expect(problems()).toEqual([]);

    const before = await newest('sapi');
    const cookie = (await visitor.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const refused = await send(cookie);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('Nothing was saved.');
    expect(await newest('sapi')).toEqual(before);

    await setOptions({ enable_script_context: true });
    expect((await send(cookie)).status).toBe(303);
  });

  it('tells mistakes in the files, while what was served before is served still', async () => {
    const script = 'database-connections/acme/get_user.js';
    const { [script]: sound } = await filesOfTemplate('http');
    const problemsSeen = async () =>
      (await stack.bridge.service.call('/v1/connections/acme')).body.problems.length;
    await stack.bridge.service.write({ [script]: 'async function getUser(' });
    await expect.poll(problemsSeen, { timeout: 10_000 }).toBe(1);
    const { page } = visitor;
    await page.goto(`${stack.origin}/admin/passkeys`);
    expect(await page.getByText("The connection's files have mistakes").innerText()).toContain(script);
    await stack.bridge.service.write({ [script]: sound! });
    await expect.poll(problemsSeen, { timeout: 10_000 }).toBe(0);
  });

  it('is for whoever has the password, on this site', async () => {
    await visitor.context.clearCookies();
    await logInToPanel(visitor.page, stack, 'wrong-password-of-the-tests');
    await visitor.page.getByRole('alert').filter({ hasText: 'That is not the password.' }).waitFor();
    await visitor.screenshot('wrong-password');
    await visitor.page.goto(`${stack.origin}/admin/passkeys`);
    expect(visitor.page.url()).toBe(`${stack.origin}/admin`);

    const good = await signIn(adminPassword);
    expect(good.status).toBe(303);
    expect(good.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    const cookie = cookieOf(good);
    const isIn = async () => {
      const page = await localFetch(`${stack.origin}/admin/events`, {
        headers: { cookie },
        redirect: 'manual',
      });
      return page.status === 200;
    };
    expect(await isIn()).toBe(true);
    const foreign = await post('/admin/logout', {}, { cookie, origin: stack.originOf(host) });
    expect(foreign.status).toBe(403);
    expect(await isIn()).toBe(true);
    stack.advance(8 * 3600_000);
    expect(await isIn()).toBe(false);
  });

  it('makes whoever guesses wait', async () => {
    // Typing it right forgets what was wrong before.
    expect((await signIn(adminPassword)).status).toBe(303);
    for (let tries = 0; tries < 5; tries += 1) expect((await signIn('wrong')).status).toBe(422);
    const waiting = await signIn(adminPassword);
    expect(waiting.status).toBe(429);
    expect(await waiting.text()).toContain('Try again in 60 seconds');
    stack.advance(60_000);
    expect((await signIn(adminPassword)).status).toBe(303);
  });

  it('is not there without a password', async () => {
    await stack.restart({ adminPassword: undefined });
    for (const path of ['/admin', '/admin/passkeys', '/v1/events']) {
      const response = await localFetch(stack.origin + path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('Set adminPassword');
    }
    await stack.restart();
  });
});
