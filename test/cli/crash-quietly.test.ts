import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryTree } from '../connections/temporary-tree.ts';

const module = fileURLToPath(new URL('../../src/cli/crash-quietly.ts', import.meta.url));

/** A program that fails as the service might: with a request's body in the message and in properties. */
const failing = (how: string) => `
  import { crashQuietly } from ${JSON.stringify(module)};
  process.stdout.write(crashQuietly().join('\\n'));
  function fail() {
    ${how}
  }
  setTimeout(fail);
`;

test.each([
  [
    'an error',
    "throw Object.assign(new TypeError('hunter22'), { body: { password: 'hunter22' } });",
    'TypeError',
  ],
  ['a rejection', "Promise.reject(Object.assign(new Error('hunter22'), { code: 'ERR_X' }));", 'Error: ERR_X'],
  ['a text that is no JSON', "JSON.parse('hunter22');", 'SyntaxError'],
  ['a name', "const error = new Error(); error.name = 'hunter22 hunter22'; throw error;", 'Error'],
  ['no error', "throw { password: 'hunter22' };", 'no Error'],
  [
    'a failed call',
    "import('node:fs').then((fs) => fs.openSync('/nowhere/at/all'));",
    'ENOENT: no such file',
  ],
])('a service that fails by %s says where, and not what it was given', (_, how, said) => {
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', failing(how)], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^the service failed and ends: /);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain('hunter22');
  if (how.startsWith('throw Object')) expect(stderr).toMatch(/\n {4}at .*fail /);
});

test('writes no report of Node, and warns of options that write the memory down', async () => {
  const { root } = await temporaryTree();
  const program = failing("throw new Error('hunter22');");
  const options = ['--report-uncaught-exception', '--heapsnapshot-signal=SIGUSR2'];
  const { stdout } = spawnSync(process.execPath, [...options, '--input-type=module', '-e', program], {
    encoding: 'utf8',
    cwd: root,
  });
  expect(stdout).toBe(
    'Node was started with --heapsnapshot-signal=SIGUSR2, which shows what is in its memory',
  );
  expect(await readdir(root)).toEqual([]);
});

test('a signal does not open the debugger', () => {
  const program = `
    import { crashQuietly } from ${JSON.stringify(module)};
    import inspector from 'node:inspector';
    crashQuietly();
    process.kill(process.pid, 'SIGUSR1');
    setTimeout(() => process.stdout.write(String(inspector.url())), 300);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'undefined', stderr: '' });
});
