import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionFiles, type RunningService, startService } from './running-service.ts';
import { filesOfTemplate, startTemplate, type TemplateService } from './template-service.ts';

const getUser = `function getUser(identifierValue, context, callback) {
  callback(null, { user_id: '1', email: identifierValue });
}`;
const unready = (change: object = {}) =>
  connectionFiles(
    'unready',
    { get_user: getUser },
    {
      enabledDatabaseCustomization: true,
      authentication_methods: { passkey: { enabled: true } },
      ...change,
    },
  );

let template: TemplateService;
beforeAll(async () => {
  template = await startTemplate('fetch');
});
afterAll(() => template?.[Symbol.asyncDispose]());

const readiness = (service: RunningService, connection: string, body: object) =>
  service.run(connection, 'passkey-readiness', body);

test('a template is ready, and a test user proves what only running can', async () => {
  const user = { identifier: 'jane@example.com', password: 'janes-demo-password' };
  const { status, body, text } = await readiness(template.service, 'acme', { test_user: user });
  expect(status).toBe(200);
  expect(body).toMatchObject({ connection: 'acme', ready: true, findings: [] });
  const passed = body.checks.flatMap((check: { family: string; status: string; name: string }) =>
    check.family === 'behaviour' && check.status === 'passed' ? [check.name] : [],
  );
  expect(passed).toEqual([
    'user_id_lookup_fails',
    'lookups_disagree',
    'login_and_get_user_disagree',
    'outage_reported_as_not_found',
    'not_found_reported_as_error',
    'profile_invalid',
    'slow',
  ]);
  expect(text).not.toContain(user.password);
  const asked = new Set(template.upstream.seen.map(({ method, url }) => `${method} ${url.split('?')[0]}`));
  expect(asked).toEqual(new Set(['GET /users', 'GET /users/42', 'POST /login']));
});

test('serving warns of a connection that wants passkeys and is not ready, and of no template', async () => {
  await using service = await startService({
    files: { ...unready(), ...(await filesOfTemplate('http')) },
    env: { USER_STORE_URL: 'http://users.example.com', USER_STORE_TOKEN: 'test' },
  });
  const warnings = () =>
    service.log.lines.filter(({ message }) => message.startsWith('passkeys are enabled, but will not work'));
  expect(warnings()).toMatchObject([{ level: 'warn', fields: { connection: 'unready' } }]);
  expect(warnings()[0]?.message).toMatch(/script_missing\b.*"npx drawbridge check unready --dir \S+"/);

  const warned = service.log.next(({ message }) => message.includes('will not work'));
  await service.write(unready({ enable_script_context: false }));
  expect((await warned).message).toContain('context_object_off');
});
