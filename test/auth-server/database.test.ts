import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginOverHttp } from './support/form-client.ts';
import { asForm, inviteOverHttp, sendNewPasskey, sendPassword } from './support/over-http.ts';
import { createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { clientId, type Stack, startStack } from './support/start-stack.ts';

/** Everything that anybody typed or that a profile has, in the tour below. */
const people = {
  emails: [
    'jane@example.com',
    'john@example.com',
    'invited@example.com',
    'tourist@example.com',
    'walker@example.com',
    'nobody@example.com',
  ],
  hints: ['hinted@example.com', 'hinted-again@example.com', 'cut-off@example.com'],
  names: ['Jane Doe', 'John Roe', 'Phone Only', 'tourist'],
  usernames: ['username-of-somebody'],
  phoneNumbers: ['15550100'],
  passwords: [
    'janes-demo-password',
    'johns-demo-password',
    'not-janes-password',
    'a-password-of-walker',
    'phones-demo-password',
  ],
};

describe('what the auth server keeps', () => {
  let stack: Stack;
  let credentialId: string;
  let userId: string;
  beforeAll(async () => {
    stack = await startStack();
    // The first call waits for a sandbox, which takes long on a busy machine.
    await stack.bridge.service.run('acme', 'get-user', { identifier: 'jane@example.com' });
    await tour();
  }, 120_000);
  afterAll(() => stack[Symbol.asyncDispose]());

  async function passwordLogin(identifier: string, password: string, params = {}): Promise<void> {
    const client = await beginOverHttp(stack, params);
    await client.get(client.path);
    await client.post('/identifier', { identifier });
    await client.follow(await client.post('/password', { password }));
  }

  /** Every flow that there is, and failures of each. */
  async function tour(): Promise<void> {
    await passwordLogin('jane@example.com', 'janes-demo-password', { login_hint: 'hinted@example.com' });
    expect(stack.app.last().claims).toMatchObject({ name: 'Jane Doe' });
    await passwordLogin('+15550100', 'phones-demo-password');
    expect(stack.app.last().claims).toMatchObject({ name: 'Phone Only' });
    await passwordLogin('jane@example.com', 'not-janes-password');
    await passwordLogin('nobody@example.com', 'not-janes-password');

    const device = createSoftwareAuthenticator({ origin: stack.origin });
    const passkey = await beginOverHttp(stack, {
      screen_hint: 'signup',
      login_hint: 'hinted-again@example.com',
    });
    await passkey.post('/signup', { identifier: 'tourist@example.com' });
    const made = device.create(await passkey.options('/signup/passkey'));
    await passkey.follow(await passkey.post('/signup/passkey', asForm(made)));
    userId = stack.app.last().claims!.sub;
    credentialId = made.id;

    for (const identifier of ['walker@example.com', 'username-of-somebody']) {
      const password = await beginOverHttp(stack, { screen_hint: 'signup' });
      await password.post('/signup', { identifier });
      await password.follow(await password.post('/signup/password', { password: 'a-password-of-walker' }));
    }
    expect(stack.app.last().claims).toMatchObject({ preferred_username: 'username-of-somebody' });

    const login = await beginOverHttp(stack);
    await login.post('/passkey', asForm(device.get(await login.options('/passkey'), { badSignature: true })));
    await login.follow(await login.post('/passkey', asForm(device.get(await login.options('/passkey')))));
    expect(stack.app.last().claims).toMatchObject({ email: 'tourist@example.com', sub: userId });

    await enroll();
    await acceptInvitation();
    await setUpSecondFactor();
    stack.bridge.setOutage(/./);
    await passwordLogin('jane@example.com', 'janes-demo-password');
    await login.get('/');
    stack.bridge.setOutage(/^POST \/users$/);
    const cutOff = await beginOverHttp(stack, { screen_hint: 'signup' });
    await cutOff.post('/signup', { identifier: 'cut-off@example.com' });
    const lost = device.create(await cutOff.options('/signup/passkey'));
    await cutOff.post('/signup/passkey', asForm(lost));
    stack.bridge.setOutage();
  }

  async function enroll(): Promise<void> {
    const client = await beginOverHttp(stack);
    await sendPassword(client, 'john@example.com', 'johns-demo-password');
    const device = createSoftwareAuthenticator({ origin: stack.origin });
    await client.follow(await sendNewPasskey(client, device, {}, '/enroll'));
    expect(stack.app.last().claims).toMatchObject({ sub: '43' });
    expect(dump()).toContain('"user_id":"43"');
  }

  async function acceptInvitation(): Promise<void> {
    const client = {
      client_id: clientId,
      client_name: 'The application',
      redirect_uris: [stack.app.redirectUri],
      initiate_login_uri: `${stack.app.origin}/login`,
    };
    await stack.restart({ organizations: [{ id: 'org_north', name: 'north' }], clients: [client] });
    const link = await inviteOverHttp(stack, 'invited@example.com', 'org_north');
    const invited = await beginOverHttp(stack, link);
    await invited.follow(await invited.get(invited.path));
    await invited.follow(await invited.post('/signup/password', { password: 'a-password-of-walker' }));
    expect(stack.app.last().claims).toMatchObject({ email: 'invited@example.com', org_id: 'org_north' });
    expect(dump()).toContain('org_north');
  }

  async function setUpSecondFactor(): Promise<void> {
    await stack.restart({ secondFactor: 'always' });
    const client = await beginOverHttp(stack);
    await sendPassword(client, 'jane@example.com', 'janes-demo-password');
    const { text } = await client.get(`${client.path}/second-factor`);
    const secret = /<code>([^<]*)/.exec(text)![1]!.replaceAll(' ', '');
    const code = new TOTP({ secret }).generate();
    await client.follow(await client.post('/second-factor', { code }));
    expect(stack.app.last().claims).toMatchObject({ sub: '42', amr: ['pwd', 'otp', 'mfa'] });
    await stack.restart();
  }

  /** The file with what SQLite has beside it, as they lie on the disk. */
  function bytes(): Buffer {
    const folder = dirname(stack.databaseFile);
    const files = readdirSync(folder).filter((name) => name.startsWith(basename(stack.databaseFile)));
    expect(files).toContain('auth.db-wal');
    return Buffer.concat(files.map((name) => readFileSync(join(folder, name))));
  }

  /** Every row of every table. */
  function dump(): string {
    using database = new DatabaseSync(stack.databaseFile, { readOnly: true });
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    return JSON.stringify(tables.map(({ name }) => database.prepare(`SELECT * FROM ${name}`).all()));
  }

  it('holds passkeys, sessions and the user_ids that they are of', () => {
    for (const text of [userId, credentialId]) {
      expect(bytes().includes(text)).toBe(true);
      expect(dump()).toContain(text);
    }
    for (const model of ['Session', 'AccessToken']) expect(dump()).toContain(model);
  });

  it.each(Object.entries(people))('holds none of the %s', (_kind, texts) => {
    for (const text of texts) {
      for (const encoding of ['utf8', 'utf16le'] as const)
        expect(bytes().includes(Buffer.from(text, encoding))).toBe(false);
      expect(bytes().includes(Buffer.from(text).toString('base64url'))).toBe(false);
      expect(dump().toLowerCase()).not.toContain(text.toLowerCase());
    }
  });

  it('tells of users by their user_id, and of what failed by codes', async () => {
    expect((await stack.events()).at(-1)?.type).toBe('fs');
    const events = readFileSync(stack.eventsFile, 'utf8');
    expect(events).toContain(userId);
    for (const type of ['s', 'ss', 'fp', 'fu', 'f', 'fs', 'gd_webauthn_challenge_failed'])
      expect(events).toContain(`"type":"${type}"`);
    for (const text of [...Object.values(people).flat(), credentialId])
      expect(events.toLowerCase()).not.toContain(text.toLowerCase());
  });
});
