import type { DatabaseSync } from 'node:sqlite';
import { TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { allExtensions } from '../../src/auth-server/extensions/all-extensions.ts';
import { webauthnGrant } from '../../src/auth-server/extensions/native/grant-types.ts';
import { type Answer, beginOverHttp } from './support/form-client.ts';
import { nativeApplication } from './support/native-application.ts';
import {
  beginSignUpOverHttp,
  claimsAfter,
  claimsIn,
  inviteOverHttp,
  sendNewPasskey,
  sendPasskey,
  sendPassword,
  signUpOverHttp,
} from './support/over-http.ts';
import { createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { adminPassword, clientId, type Stack, startStack } from './support/start-stack.ts';

const jane = ['jane@example.com', 'janes-demo-password'] as const;
const john = ['john@example.com', 'johns-demo-password'] as const;
const organization = 'org_north';
const full = 'database or disk is full';

describe('on a full disk', () => {
  let stack: Stack;
  let database: DatabaseSync;
  let isSecondFactorDemanded = false;
  beforeAll(async () => {
    stack = await startStack({
      extend(parts) {
        database = parts.database;
        return allExtensions({
          adminPassword,
          organizations: [{ id: organization, name: 'north' }],
          onPostLogin: (_event, api) => api.multifactor.enable(isSecondFactorDemanded ? 'any' : 'none'),
        })(parts);
      },
    });
    const client = {
      client_id: clientId,
      client_name: 'The application',
      redirect_uris: [stack.app.redirectUri],
      initiate_login_uri: `${stack.app.origin}/login`,
      grant_types: ['authorization_code', 'refresh_token', webauthnGrant],
    };
    await stack.restart({ clients: [client] });
    database.exec('CREATE TABLE filler (bytes BLOB)');
  });
  afterEach(() => {
    makeRoom();
    isSecondFactorDemanded = false;
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const triggers: string[] = [];
  /** From now on a row that is written to the table finds no room, for it takes 100 MB along; others find some. */
  function fill(table: string, when = 'true'): void {
    const { page_count } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    database.exec(`PRAGMA max_page_count = ${page_count + 1000}`);
    for (const write of ['INSERT', 'UPDATE']) {
      const name = `full_${triggers.length}`;
      database.exec(
        `CREATE TEMP TRIGGER ${name} AFTER ${write} ON ${table} WHEN ${when}
         BEGIN INSERT INTO filler VALUES (zeroblob(100000000)); END`,
      );
      triggers.push(name);
    }
  }
  function makeRoom(): void {
    for (const name of triggers.splice(0)) database.exec(`DROP TRIGGER ${name}`);
    database.exec('PRAGMA max_page_count = 4294967294');
  }
  const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n);
  const creates = () =>
    stack.bridge.upstream.seen.filter(({ method, url }) => method === 'POST' && url === '/users').length;

  /** A page says it, the log has it, and the application hears nothing. */
  function expectFailure({ status, url, headers, text }: Answer): void {
    expect([status, url.origin, headers.get('location')]).toEqual([500, stack.origin, null]);
    expect(text).toContain('Something broke on our side. Try again in a minute.');
    expect(stack.takeFaults()).toContain(full);
  }
  const newDevice = () => createSoftwareAuthenticator({ origin: stack.origin });

  it('makes no user whose passkey cannot be stored', async () => {
    const client = await beginSignUpOverHttp(stack, 'stored@example.com');
    const before = creates();
    fill('passkeys');
    expectFailure(await sendNewPasskey(client, newDevice()));
    expect(creates()).toBe(before);
    makeRoom();
    const made = await claimsAfter(stack, client, await sendNewPasskey(client, newDevice()));
    expect(made).toMatchObject({ email: 'stored@example.com' });
    expect(creates()).toBe(before + 1);
  });

  it('signs up where the passkey cannot be given to the user, who logs in with it later', async () => {
    const device = newDevice();
    const signUp = await beginSignUpOverHttp(stack, 'assigned@example.com');
    const before = creates();
    fill('passkeys', 'NEW.user_id IS NOT NULL');
    const { sub } = await claimsAfter(stack, signUp, await sendNewPasskey(signUp, device));
    expect(stack.takeFaults()).toEqual([full]);
    const client = await beginOverHttp(stack);
    expectFailure(await sendPasskey(client, device));
    makeRoom();
    expect(await claimsAfter(stack, client, await sendPasskey(client, device))).toMatchObject({ sub });
    expect(creates()).toBe(before + 1);
  });

  it('lets nobody in whose passkey cannot be counted', async () => {
    const { sub, device } = await signUpOverHttp(stack, 'counted@example.com', { bend: { counter: 5 } });
    const client = await beginOverHttp(stack);
    fill('passkeys');
    expectFailure(await sendPasskey(client, device));
    expect((await client.post('/enroll/skip')).headers.get('location')).toBe(client.path);
    makeRoom();
    expect(await claimsAfter(stack, client, await sendPasskey(client, device))).toMatchObject({ sub });
  });

  it.each(['Session', 'Grant', 'AuthorizationCode'])(
    'ends a login whose %s cannot be saved',
    async (model) => {
      const client = await beginOverHttp(stack);
      const proven = await sendPassword(client, ...john);
      fill('oidc_records', `NEW.model = '${model}'`);
      expectFailure(await client.follow(proven));
      makeRoom();
      const later = await beginOverHttp(stack);
      const claims = await claimsAfter(stack, later, await sendPassword(later, ...john));
      expect(claims).toMatchObject({ sub: '43' });
    },
  );

  it('gives no tokens where they cannot be kept', async () => {
    const client = await beginOverHttp(stack);
    const proven = await sendPassword(client, ...john);
    fill('oidc_records', "NEW.model = 'AccessToken'");
    await client.follow(proven);
    expect(stack.app.last()).toEqual({ error: expect.any(String) });
    expect(stack.takeFaults()).toContain(full);
    makeRoom();
    expect(claimsIn(stack, await client.visit(stack.app.startUrl()))).toMatchObject({ sub: '43' });
  });

  it('keeps neither half a passkey nor half a "Not now"', async () => {
    const client = await beginOverHttp(stack);
    await sendPassword(client, ...jane);
    fill('passkeys');
    fill('enrollment_decisions');
    expectFailure(await sendNewPasskey(client, newDevice(), {}, '/enroll'));
    expectFailure(await client.post('/enroll/skip'));
    makeRoom();
    expect((await client.get(`${client.path}/enroll`)).text).toContain('Log in without a password next time');
    const device = newDevice();
    const made = await claimsAfter(stack, client, await sendNewPasskey(client, device, {}, '/enroll'));
    expect(made).toMatchObject({ sub: '42' });
    const again = await beginOverHttp(stack);
    expect(await claimsAfter(stack, again, await sendPasskey(again, device))).toMatchObject({ sub: '42' });
  });

  it('takes no code that it cannot remember', async () => {
    isSecondFactorDemanded = true;
    let secret = '';
    let ahead = 0;
    for (const page of ['Set up an authenticator app', 'Enter your code']) {
      const client = await beginOverHttp(stack);
      await sendPassword(client, ...john);
      const { text } = await client.get(`${client.path}/second-factor`);
      expect(text).toContain(`<h1>${page}`);
      secret ||= /<code>([^<]*)/.exec(text)![1]!.replaceAll(' ', '');
      const code = new TOTP({ secret }).generate({ timestamp: Date.now() + ahead });
      fill('totp_factors');
      expectFailure(await client.post('/second-factor', { code }));
      const skipped = await client.post('/enroll/skip');
      expect(skipped.headers.get('location')).toBe(`${client.path}/second-factor`);
      makeRoom();
      const claims = await claimsAfter(stack, client, await client.post('/second-factor', { code }));
      expect(claims).toMatchObject({ sub: '43', amr: ['pwd', 'otp', 'mfa'] });
      stack.advance(60_000);
      ahead += 60_000;
    }
  });

  describe('an invitation', () => {
    const password = 'correct-horse-battery';
    const state = () => [count('members'), count('invitations_used')];
    /** Somebody who has an account by now. */
    async function logIn(email: string, params: Record<string, string>): Promise<Answer> {
      const client = await beginOverHttp(stack, params);
      return client.follow(await sendPassword(client, email, password));
    }

    it.each(['members', 'invitations_used'])('is as good as before where %s have no room', async (table) => {
      const email = `${table}@example.com`;
      const link = await inviteOverHttp(stack, email, organization);
      const [members, used] = state();
      const client = await beginOverHttp(stack, link);
      await client.get(`${client.path}/signup`);
      const before = creates();
      fill(table);
      expectFailure(await client.post('/signup/password', { password }));
      // The account is there: it opens nothing, in the same login or in another, until the invitation is used up.
      expectFailure(await client.follow(await sendPassword(client, email, password)));
      expectFailure(await logIn(email, link));
      makeRoom();
      expect(count('invitations_used')).toBe(used);
      expect(claimsIn(stack, await logIn(email, link))).toMatchObject({ email, org_id: organization });
      expect(state()).toEqual([members! + 1, used! + 1]);
      expect(claimsIn(stack, await logIn(email, { organization }))).toMatchObject({ org_id: organization });
      expect(creates()).toBe(before + 1);
    });
  });

  it.each([
    ['passkeys', 'true', 0],
    ['oidc_records', "NEW.model = 'Grant'", 1],
    ['oidc_records', "NEW.model = 'AccessToken'", 1],
  ] as const)('answers a native sign-up whose write to %s fails (%s)', async (table, when, made) => {
    const app = nativeApplication({ origin: stack.origin });
    const device = newDevice();
    const email = `native-${table}-${when.length}@example.com`;
    const before = creates();
    const begun = await app.register({ email });
    fill(table, when);
    const answer = device.create(begun.body.authn_params_public_key);
    const failed = await app.exchange(begun.body.auth_session, answer);
    expect(failed).toMatchObject({ status: 500, body: { error: 'server_error' } });
    expect(stack.takeFaults()).toEqual([full]);
    expect(creates()).toBe(before + made);
    makeRoom();
    const again = made ? await app.challenge() : await app.register({ email });
    const use = made ? device.get : device.create;
    const response = use(again.body.authn_params_public_key);
    expect(await app.exchange(again.body.auth_session, response)).toMatchObject({ status: 200 });
    expect(creates()).toBe(before + 1);
  });
});
