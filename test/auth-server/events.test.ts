import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EventList } from '../../src/events/answer-events.ts';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor } from '../browser/open-visitor.ts';
import { beginOverHttp } from './support/form-client.ts';
import { beginSignUpOverHttp, claimsAfter, sendPassword, signUpOverHttp } from './support/over-http.ts';
import { logInToPanel } from './support/panel.ts';
import { adminPassword, type Stack, startStack } from './support/start-stack.ts';

const typed = [
  'jane@example.com',
  'janes-demo-password',
  'not-janes-password',
  'nobody@example.com',
  'eve@example.com',
  'eves-new-password',
];

await describeInBrowser('events of the auth server', (browser) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
    const login = await beginOverHttp(stack);
    expect((await sendPassword(login, 'jane@example.com', 'not-janes-password')).text).toContain(
      'wrong password',
    );
    const right = await login.post('/password', { password: 'janes-demo-password' });
    expect(await claimsAfter(stack, login, right)).toMatchObject({ email: 'jane@example.com' });
    const nobody = await beginOverHttp(stack);
    const refused = await sendPassword(nobody, 'nobody@example.com', 'not-janes-password');
    expect(refused.text).toContain('no such account');
    await signUpOverHttp(stack, 'eve@example.com');
    const signUp = await beginSignUpOverHttp(stack, 'ed@example.com');
    const made = await signUp.post('/signup/password', { password: 'eves-new-password' });
    expect(await claimsAfter(stack, signUp, made)).toMatchObject({ email: 'ed@example.com' });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const ask = (search = '', headers: Record<string, string> = { authorization: `Bearer ${adminPassword}` }) =>
    fetch(`${stack.origin}/v1/events${search}`, { headers });
  async function list(search = '') {
    const response = await ask(search);
    expect(response.status).toBe(200);
    return EventList.parse(await response.json());
  }
  const typesOf = ({ events }: Awaited<ReturnType<typeof list>>) => events.map(({ type }) => type);
  const told = ['s', 'ss', 's', 'ss', 'fu', 's', 'fp'];

  it('tell each step, the newest first', async () => {
    const all = await list();
    expect(typesOf(all)).toEqual(told);
    expect(all.events.at(-1)).toMatchObject({ details: { error: { code: 'wrong_username_or_password' } } });
    expect(all.events[5]).toMatchObject({ user_id: '42', client_id: 'app', connection: 'acme' });
  });

  it('come in pages and by type', async () => {
    const first = await list('?take=3');
    const second = await list(`?take=3&from=${first.next}`);
    const third = await list(`?take=3&from=${second.next}`);
    expect([first, second, third].flatMap(typesOf)).toEqual(told);
    expect(third.next).toBeUndefined();
    expect(typesOf(await list('?type=fp,fu'))).toEqual(['fu', 'fp']);
    const mistake = await ask('?type=fpp');
    expect(mistake.status).toBe(400);
    expect(await mistake.json()).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('did you mean fp?'),
    });
  });

  it('hold nothing that anybody has typed, in the file neither', async () => {
    const lines = await (
      await ask('', { authorization: `Bearer ${adminPassword}`, accept: 'application/x-ndjson' })
    ).text();
    expect(lines.trim().split('\n')).toHaveLength(told.length);
    expect((await stack.events()).map(({ type }) => type)).toEqual(told.toReversed());
    const file = await readFile(stack.eventsFile, 'utf8');
    expect(file.trim().split('\n').toReversed()).toEqual(lines.trim().split('\n'));
    for (const text of [...typed, adminPassword]) expect(file).not.toContain(text);
  });

  it('are for the operator', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { cookie: 'drawbridge_admin=guessed' }]) {
      const response = await ask('', headers as Record<string, string>);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(await response.json()).toMatchObject({ code: 'unauthorized' });
    }
    await list();
    for (let tries = 0; tries < 5; tries += 1) await ask('', { authorization: 'Bearer wrong' });
    const waiting = await ask();
    expect(waiting.status).toBe(429);
    expect(waiting.headers.get('retry-after')).toBe('60');
    stack.advance(60_000);
    await list();
  });

  it('are in the panel', async () => {
    await using visitor = await openVisitor(browser());
    const { page } = visitor;
    await logInToPanel(page, stack);
    await page.getByRole('link', { name: 'Events' }).click();
    const rows = page.locator('tbody tr');
    // The wrong passwords of the tests above are told, too.
    const wrong = rows.filter({ hasText: 'admin_password_wrong' });
    expect(await wrong.count()).toBe(6);
    expect(await rows.count()).toBe(told.length + 6);
    // The whole width is in sight, the codes above all.
    const table = page.getByRole('region', { name: 'Events' });
    expect(await table.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    await visitor.screenshot('events');
    await page.getByLabel('Type').selectOption('fp');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL('**type=fp**');
    expect(await rows.count()).toBe(1);
    expect(await rows.first().innerText()).toMatch(
      /fp\s+Login failed: wrong password[\s\S]*wrong_username_or_password/,
    );

    const { events } = await list();
    await page.goto(`${stack.origin}/admin/events?from=${events.at(-3)!.log_id}`);
    expect(await rows.count()).toBe(2);
    const asked = await page.evaluate("fetch('/v1/events').then(({ status }) => status)");
    expect(asked).toBe(200);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await visitor.screenshot('events-narrow');
    expect(visitor.problems()).toEqual([]);
  });
});
