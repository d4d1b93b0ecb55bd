import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCertificates } from '../servers/certificates.ts';
import { type LdapServer, startLdapServer } from '../servers/ldap-server.ts';
import { password } from '../service/running-service.ts';
import { startRelay } from './relay.ts';
import { serveTemplate } from './serve-template.ts';
import type { ServedTemplate } from './served-template.ts';
import { describeUserLife } from './user-life.ts';

const certificates = createCertificates();

async function serve(ldap: LdapServer, env: Record<string, string> = {}): Promise<ServedTemplate> {
  const relay = await startRelay({ host: '127.0.0.1', port: ldap.port });
  return serveTemplate({
    template: 'ldap',
    relay,
    env: {
      LDAP_URL: `ldaps://127.0.0.1:${relay.port}`,
      LDAP_BIND_DN: ldap.admin.dn,
      LDAP_BIND_PASSWORD: ldap.admin.password,
      LDAP_BASE_DN: ldap.people,
      LDAP_ID_ATTRIBUTE: '',
      LDAP_CA: certificates.ca,
      ...env,
    },
    secrets: [ldap.admin.password],
  });
}

describe('the template ldap, with a directory in memory', () => {
  let ldap: LdapServer;
  beforeAll(async () => {
    ldap = await startLdapServer({ tls: certificates.server, unique: ['uid', 'mail'] });
  });
  afterAll(() => ldap?.close());

  describe("a user's life, over TLS with a private authority", () => {
    describeUserLife(() => serve(ldap));
  });

  test.each([
    ['another password', { LDAP_BIND_PASSWORD: 'another' }, 'InvalidCredentialsError'],
    ['no authority', { LDAP_CA: '' }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['another base', { LDAP_BASE_DN: 'ou=nowhere,dc=example,dc=com' }, 'NoSuchObjectError'],
  ])('with %s, get-user is an error that says so', async (_what, env, code) => {
    await using misconfigured = await serve(ldap, env);
    expect(await misconfigured.run('get-user', { identifier: 'ann' })).toMatchObject({
      status: 502,
      body: { code: 'script_error', detail: `The directory failed: ${code}` },
    });
  });

  describe('a person who was in the directory before', () => {
    let served: ServedTemplate;
    const run: ServedTemplate['run'] = (call, body) => served.run(call, body);
    beforeAll(async () => {
      served = await serve(ldap);
      ldap.directory.add(`uid=old\\+one,${ldap.people}`, {
        objectClass: ['inetOrgPerson'],
        uid: ['old+one'],
        cn: ['Old One'],
        sn: ['One'],
        mail: ['old@example.com', 'alias@example.com'],
        mobile: ['+1 555 0777'],
        userPassword: [password],
      });
    });
    afterAll(() => served?.[Symbol.asyncDispose]());

    test('logs in, and nothing is said of what the directory does not know', async () => {
      const reply = await run('login', { identifier: 'alias@example.com', password });
      expect(reply).toMatchObject({
        status: 200,
        body: { user: { username: 'old+one', name: 'Old One', phone_number: '+15550777' } },
      });
      expect(reply.body.user).not.toHaveProperty('email_verified');
      expect(reply.body.user).not.toHaveProperty('user_metadata');
    });

    test('can be verified', async () => {
      expect(await run('verify', { email: 'old@example.com' })).toMatchObject({ status: 200 });
      expect((await run('get-user', { identifier: 'old+one' })).body.user.email_verified).toBe(true);
    });

    test('can have another username', async () => {
      const before = (await run('get-user', { identifier: 'old+one' })).body.user.user_id;
      const change = { username: 'old+one', new_username: '#n+w' };
      expect(await run('change-username', change)).toMatchObject({ body: { changed: true } });
      expect(await run('login', { identifier: '#n+w', password })).toMatchObject({
        status: 200,
        body: { user: { user_id: before } },
      });
    });

    test('is not told from another with the same address', async () => {
      const person = { objectClass: ['inetOrgPerson'], sn: ['Other'], mobile: ['+15550888'] };
      for (const cn of ['one', 'two']) ldap.directory.add(`cn=${cn},${ldap.people}`, { ...person, cn: [cn] });
      expect(await run('get-user', { identifier: '+15550888' })).toMatchObject({
        status: 502,
        body: { detail: 'The directory failed: AMBIGUOUS_IDENTIFIER' },
      });
    });
  });

  test.each(['', ' '])('%j opens no account', async (guess) => {
    await using served = await serve(ldap);
    const user = { email: 'empty@example.com', username: 'empty', name: 'Empty' };
    await served.run('create', { user, method: 'passkey' });
    const reply = await served.run('login', { identifier: 'empty', password: guess });
    expect([400, 401]).toContain(reply.status);
  });
});
