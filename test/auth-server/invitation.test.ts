import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor } from '../browser/open-visitor.ts';
import { createFormClient, type FormClient } from './support/form-client.ts';
import { claimsAfter, claimsIn, goOnInBrowser, sendPassword } from './support/over-http.ts';
import { expectLoggedIn, logInWithPassword } from './support/pages.ts';
import { adminPassword, clientId, type Stack, startStack } from './support/start-stack.ts';

const jane = 'jane@example.com';
const membership = 'everybody' as const;
const organizations = [
  { id: 'org_north', name: 'north', display_name: 'North Ltd', membership },
  { id: 'org_south', name: 'south', membership },
];

await describeInBrowser('organizations and invitations', (browser) => {
  let stack: Stack;
  const client = () => ({
    client_id: clientId,
    client_name: 'The application',
    redirect_uris: [stack.app.redirectUri],
    initiate_login_uri: `${stack.app.origin}/login`,
  });

  beforeAll(async () => {
    stack = await startStack();
    const other = { ...client(), client_id: 'other', initiate_login_uri: undefined };
    await stack.restart({ organizations, clients: [client(), other] });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  async function ask(body: object, authorization = `Bearer ${adminPassword}`) {
    const response = await fetch(`${stack.origin}/v1/invitations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }
  const invite = async (email: string, more: object = {}) =>
    String(
      (await ask({ organization: 'org_north', client_id: clientId, email, ...more })).body.invitation_url,
    );

  const password = 'correct-horse-battery';
  /** As the page does to which an invitation leads. */
  const choosePassword = (client: FormClient) => client.post('/signup/password', { password });
  const asJane = async (client: FormClient) =>
    claimsAfter(stack, client, await sendPassword(client, jane, 'janes-demo-password'));
  const headingAt = async (client: FormClient, url: string) =>
    /<h1>([^<]*)/.exec((await client.visit(url)).text)?.[1];

  /** What comes of a link that does not work. */
  const codeAt = async (client: FormClient, url: string) =>
    /<p class="muted">([^<]*)/.exec((await client.visit(url)).text)?.[1];

  it('are made by the operator alone, for what there is', async () => {
    const body = { organization: 'org_north', client_id: clientId, email: 'ann@example.com', ttl_s: 3600 };
    for (const password of ['', 'Bearer wrong', `Basic ${adminPassword}`])
      expect(await ask(body, password)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    const refused = async (more: object) => (await ask({ ...body, ...more })).body;
    expect(await refused({ organization: 'org_west' })).toMatchObject({
      detail: 'organization: the settings have none with this id',
    });
    expect(await refused({ client_id: 'nobody' })).toMatchObject({
      detail: expect.stringContaining('no such client'),
    });
    expect(await refused({ client_id: 'other' })).toMatchObject({
      detail: expect.stringContaining('initiate_login_uri'),
    });
    expect(await refused({ email: 'ann', client_id: undefined })).toMatchObject({
      code: 'invalid_request',
      detail: 'client_id: is missing; email: Invalid email address',
    });
    expect(await refused({ ttl: 1 })).toMatchObject({ detail: expect.stringContaining('ttl') });

    const { status, body: made } = await ask(body);
    expect(status).toBe(201);
    expect(made).toEqual({
      id: expect.any(String),
      invitation_url: expect.any(String),
      expires_at: expect.any(String),
    });
    expect(Date.parse(made.expires_at!) - Date.now()).toBeGreaterThan(3500_000);
    const link = new URL(made.invitation_url!);
    expect(link.origin + link.pathname).toBe(`${stack.app.origin}/login`);
    expect(Object.fromEntries(link.searchParams)).toMatchObject({
      organization: 'org_north',
      organization_name: 'north',
    });
    expect(link.href).not.toContain('ann');
  });

  it('make an account with the invited email and a password, once', async () => {
    await using visitor = await openVisitor(browser(), { isPhone: true });
    const { page } = visitor;
    await visitor.addAuthenticator();
    const link = await invite('Ann@example.com');
    await page.goto(link);
    await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
    await page.getByText('invited to North Ltd').waitFor();
    await visitor.screenshot('invited');
    expect(await page.getByRole('button', { name: 'Create a passkey' }).count()).toBe(0);
    expect(await page.locator('input:visible').count()).toBe(1);

    // Nor by hand: neither a passkey nor another email.
    const login = page.url().replace('/signup/method', '');
    const options = await page.request.post(`${login}/signup/passkey/options`, {
      headers: { accept: 'application/json', origin: stack.origin },
    });
    expect([options.status(), await options.json()]).toMatchObject([
      403,
      { code: 'passkey_not_for_invited' },
    ]);
    const passkey = await page.request.post(`${login}/signup/passkey`, {
      form: { response: '{}' },
      headers: { accept: 'application/json', origin: stack.origin },
    });
    expect(passkey.status()).toBe(403);
    const other = await page.request.post(`${login}/signup`, {
      form: { identifier: 'eve@example.com' },
      headers: { origin: stack.origin },
    });
    expect(await other.text()).toContain('Ann@example.com');

    // Looked at, it is as good as before.
    await visitor.context.clearCookies();
    await page.goto(link);
    await page.getByLabel(/^Password/).fill(password);
    await page.getByRole('button', { name: 'Sign up with a password' }).click();
    // A passkey may be offered now, which is declined.
    const claims = await expectLoggedIn(page, stack, 'Ann@example.com');
    expect(claims).toMatchObject({ org_id: 'org_north', org_name: 'north', amr: ['pwd'] });
    expect(visitor.problems()).toEqual([]);

    await visitor.context.clearCookies();
    await page.goto(link);
    await page.getByText('invitation_used').waitFor();
    await visitor.screenshot('used');
    const events = await stack.events();
    expect(events.at(-1)).toMatchObject({ type: 'f', details: { error: { code: 'invitation_used' } } });
    expect(events.map(({ type }) => type)).toContain('ss');
    for (const file of [stack.databaseFile, `${stack.databaseFile}-wal`, stack.eventsFile])
      expect((await readFile(file, 'latin1')).toLowerCase()).not.toContain('ann@');
  });

  it('let somebody log in who has an account, with that account alone', async () => {
    const client = createFormClient(stack);
    await client.visit(await invite('ada@example.com'));
    expect(await claimsAfter(stack, client, await choosePassword(client))).toMatchObject({
      email: 'ada@example.com',
    });

    // Ada is logged in, and opens the link that Jane was sent.
    const link = await invite(jane);
    expect((await client.visit(link)).text).toContain(`value="${jane}"`);
    const refused = await client.follow(await sendPassword(client, 'ada@example.com', password));
    expect(refused.text).toContain('invitation_for_another_user');

    // To put one session in the place of another's takes a browser: a page sends itself.
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    await client.visit(link);
    await goOnInBrowser(stack, client, visitor, '');
    await logInWithPassword(page, jane, 'janes-demo-password');
    expect(await expectLoggedIn(page, stack, jane)).toMatchObject({ sub: '42', org_id: 'org_north' });
    expect(await codeAt(createFormClient(stack), link)).toBe('invitation_used');
  });

  it('are refused when they are for elsewhere, changed, or too old', async () => {
    const client = createFormClient(stack);
    const link = new URL(await invite('bob@example.com', { ttl_s: 60 }));
    const changed = (changes: Record<string, string>) => {
      const other = new URL(link);
      for (const [name, value] of Object.entries(changes)) other.searchParams.set(name, value);
      return other.href;
    };
    const ticket = link.searchParams.get('invitation')!;
    expect(await codeAt(client, changed({ organization: 'org_south' }))).toBe('invitation_elsewhere');
    expect(await codeAt(client, changed({ organization: 'org_west' }))).toBe('organization_unknown');
    expect(await codeAt(client, changed({ invitation: `${ticket.slice(0, -4)}AAAA` }))).toBe(
      'invitation_invalid',
    );
    expect(await headingAt(client, link.href)).toBe('Choose a password');
    stack.advance(61_000);
    expect(await codeAt(client, link.href)).toBe('invitation_expired');
  });

  it('say nothing of the account while the user store is away', async () => {
    const client = createFormClient(stack);
    const link = await invite('cleo@example.com');
    stack.bridge.setOutage(/./);
    expect((await client.visit(link)).text).toContain('cannot be looked up at the moment');
    stack.bridge.setOutage();
    expect(await headingAt(client, link)).toBe('Choose a password');
  });

  it('put the organization of each login into its own tokens, and nowhere else', async () => {
    const client = createFormClient(stack);
    const start = (organization?: string) =>
      client.visit(stack.app.startUrl(organization ? { organization } : {}));
    await start();
    expect(await asJane(client)).not.toHaveProperty('org_id');

    await start('org_north');
    expect(await asJane(client)).toMatchObject({ org_id: 'org_north', org_name: 'north' });
    const { access_token } = stack.app.last().tokens!;
    const info = await fetch(`${stack.origin}/userinfo`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(await info.json()).toMatchObject({ sub: '42', org_id: 'org_north' });

    expect(claimsIn(stack, await start('org_north'))).toMatchObject({ org_id: 'org_north' });
    await start('org_south');
    expect(await asJane(client)).toMatchObject({ org_id: 'org_south' });
    const newest = (await stack.events('s')).at(-1);
    expect(newest?.organization_id).toBe('org_south');
    expect(claimsIn(stack, await start())).not.toHaveProperty('org_id');
  });
});
