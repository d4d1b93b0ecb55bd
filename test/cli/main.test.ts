import { expect, test } from 'vitest';
import { settings } from '../../src/config-settings.ts';
import { runCli } from './run-cli.ts';

test('--help lists the commands with examples', async () => {
  const { code, stdout } = await runCli(['--help']);
  expect(code).toBe(0);
  for (const text of ['serve', 'init', 'keys', 'demo', 'Examples:']) expect(stdout).toContain(text);
});

test('--version prints the version', async () => {
  const { code, stdout } = await runCli(['--version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('serve --help lists every setting with its variable and default', async () => {
  const { code, stdout } = await runCli(['serve', '--help']);
  expect(code).toBe(0);
  const text = stdout.replaceAll(/\s+/g, ' ');
  for (const { flag, variable, byDefault } of settings) {
    if (flag) expect(text).toContain(`--${flag.name} <${flag.argument}>`);
    expect(text).toContain(
      typeof byDefault === 'string' && byDefault !== '' ? `(${variable}, default ${byDefault})` : variable,
    );
  }
  expect(text).toContain('Examples:');
});

test.each([
  [['nope'], "unknown command 'nope'"],
  [['srve'], 'Did you mean serve?'],
  [['serve', '--prot', '1'], 'Did you mean --port?'],
  [['keys', 'create'], '--name'],
  [['serve', '--port', 'abc'], '--port is "abc"'],
  [['serve', '--host', '0.0.0.0'], 'DRAWBRIDGE_API_KEY'],
])('drawbridge %j is wrong usage: exit code 2 and a reason, no stack', async (args, reason) => {
  const { code, stderr } = await runCli(args);
  expect(code).toBe(2);
  expect(stderr).toContain(reason);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

test('no command at all prints the help and is wrong usage', async () => {
  const { code, stderr } = await runCli([]);
  expect(code).toBe(2);
  expect(stderr).toContain('Usage: drawbridge');
});

test('a file of keys that is not there is a failure with what to do', async () => {
  const { code, stderr } = await runCli(['serve', '--api-keys-file', '/nowhere/keys.json']);
  expect(code).toBe(1);
  expect(stderr).toContain('drawbridge keys create');
});

test('a file of user handles that cannot be opened stops the start and says why', async () => {
  const { code, stderr } = await runCli(['serve', '--user-handles-file', '/nowhere/user-handles.db']);
  expect(code).toBe(1);
  expect(stderr).toBe(
    'error: The file of user handles /nowhere/user-handles.db cannot be opened (ENOENT): its folder does not exist; ' +
      'make the folder, or name another with --user-handles-file or DRAWBRIDGE_USER_HANDLES_FILE\n',
  );
});

test('a failure that is no wrong usage is said in one line, without a hint at the help', async () => {
  const { code, stderr } = await runCli(['init', '/nowhere', '--template', 'htp']);
  expect(code).toBe(1);
  expect(stderr).toBe(
    'error: there is no template "htp"; the templates are auth0-tenant, aws-cognito, basic-auth, fetch, http, ' +
      'ldap, mongodb, mysql, postgres, sqlserver\n',
  );
});
