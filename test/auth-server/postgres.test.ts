import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../browser/chromium.ts';
import { openVisitor } from '../browser/open-visitor.ts';
import { describeWith } from '../servers/available.ts';
import { type PostgresCluster, postgresPrograms, startPostgres } from '../servers/postgres-cluster.ts';
import { startService } from '../service/running-service.ts';
import { filesOfTemplate, type TemplateService } from '../service/template-service.ts';
import { startUpstream } from '../service/upstream.ts';
import { beginOverHttp } from './support/form-client.ts';
import { beginSignUpOverHttp, claimsAfter, sendNewPasskey, sendPassword } from './support/over-http.ts';
import { beginLogin, expectLoggedIn, signUpWithPasskey } from './support/pages.ts';
import { createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

const name = 'sign-up and login of users in PostgreSQL';
const schema = new URL('../../scripts-templates/postgres/schema.sql', import.meta.url);

/** A connection `acme` over the cluster; there is no HTTP between its scripts and the store. */
async function serve(cluster: PostgresCluster): Promise<TemplateService> {
  const { user, password } = cluster.users.scram;
  const service = await startService({
    files: await filesOfTemplate('postgres'),
    env: (root) => ({
      DRAWBRIDGE_EGRESS_ALLOW: `127.0.0.1:${cluster.port}`,
      DRAWBRIDGE_USER_HANDLES_FILE: join(root, 'user-handles.db'),
      DB_HOST: '127.0.0.1',
      DB_PORT: String(cluster.port),
      DB_NAME: cluster.database,
      DB_USER: user,
      DB_PASSWORD: password,
      DB_TLS: 'on',
      DB_CA: cluster.ca,
    }),
    secrets: [password],
  });
  const upstream = await startUpstream(() => {});
  return {
    service,
    upstream,
    setOutage() {},
    intercept() {},
    async [Symbol.asyncDispose]() {
      await service.stop();
      await upstream.close();
    },
  };
}

if (postgresPrograms() === undefined) await describeWith(name, postgresPrograms, () => {});
else
  await describeInBrowser(name, (browser) => {
    const parts = new AsyncDisposableStack();
    let cluster: PostgresCluster;
    let stack: Stack;
    beforeAll(async () => {
      cluster = parts.use(await startPostgres());
      await cluster.admin(await readFile(schema, 'utf8'));
      stack = parts.use(await startStack({ bridge: parts.use(await serve(cluster)) }));
    });
    afterAll(() => parts.disposeAsync());

    const rowsOf = (email: string) =>
      cluster.admin(`SELECT user_id, email, password_hash FROM users WHERE email = '${email}'`);

    it('with a passkey', async () => {
      await using visitor = await openVisitor(browser());
      const { page } = visitor;
      await visitor.addAuthenticator();
      await signUpWithPasskey(page, stack, 'pat@example.com');
      await visitor.screenshot('signed-up');
      const { sub } = stack.app.last().claims!;
      expect(await rowsOf('pat@example.com')).toEqual([
        { user_id: sub, email: 'pat@example.com', password_hash: null },
      ]);

      await visitor.context.clearCookies();
      await beginLogin(page, stack);
      await page.getByRole('button', { name: 'Log in with a passkey' }).click();
      expect(await expectLoggedIn(page, stack, 'pat@example.com')).toMatchObject({ sub, amr: ['phr'] });
      expect(visitor.problems()).toEqual([]);
    });

    it('with a password', async () => {
      const password = 'the-password-of-ann';
      const signUp = await beginSignUpOverHttp(stack, 'ann@example.com');
      const made = await claimsAfter(stack, signUp, await signUp.post('/signup/password', { password }));
      expect(await rowsOf('ann@example.com')).toMatchObject([{ user_id: made.sub }]);

      const login = await beginOverHttp(stack);
      const claims = await claimsAfter(stack, login, await sendPassword(login, 'ann@example.com', password));
      expect(claims).toMatchObject({ sub: made.sub, email: 'ann@example.com', amr: ['pwd'] });
    });

    it('once for each address', async () => {
      const client = await beginSignUpOverHttp(stack, 'twice@example.com');
      const user = { email: 'TWICE@example.com', password: 'the-first-has-it' };
      expect((await stack.bridge.service.run('acme', 'signup', { user })).status).toBe(201);
      const device = createSoftwareAuthenticator({ origin: stack.origin });
      expect((await sendNewPasskey(client, device)).text).toContain('There is an account already');
      expect(
        await cluster.admin("SELECT 1 FROM users WHERE lower(email) = 'twice@example.com'"),
      ).toHaveLength(1);
    });
  });
