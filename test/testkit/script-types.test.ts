import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** `drawbridge/scripts` with the real tsc, in a project of an author of scripts: one run for all that is asked here. */
const root = fileURLToPath(new URL('../../', import.meta.url));

const good = `const { normal } = require('./lib/normal');
const axios = require('axios');
/** @type {DrawbridgeScripts.GetUser} */
async function getUser(identifierValue, context, callback) {
  const path = context.identifierType === 'user_id' ? '/users/' : '/users?identifier=';
  try {
    const { data } = await axios.get(configuration.URL + path + normal(identifierValue.trim()));
    global.lastTenant = context.organization && context.organization.metadata.tenant;
    if (data === null) return callback(null);
    return callback(null, { user_id: Buffer.from(data.id).toString('hex'), department: 'sales' });
  } catch (error) {
    return callback(error);
  }
}
/** @type {DrawbridgeScripts.WithoutContext.Login} */
function login(identifier, password, callback) {
  if (password === '') return callback(new WrongUsernameOrPasswordError(null, 'No'));
  if (identifier === '') return callback(new ValidationError('empty', 'No'));
  callback(new UnauthorizedError('No'));
}
/** @type {DrawbridgeScripts.ChangePassword} */
const changePassword = (identifier, newPassword, context, callback) => {
  callback(null, { last_password_reset: new Date() });
};
`;

/** Each line that is wrong says with which error. */
const bad = `/** @type {DrawbridgeScripts.GetUser} */
function getUser(identifierValue, context, callback) {
  if (context.identiferType) return; // TS2551
  callback('nobody'); // TS2345
  callback(null, { email: 'jane@example.com' }); // TS2741
  document.title; // TS2584
}
/** @type {DrawbridgeScripts.Login} */
function login(identifier, password, context, callback) {
  callback(null); // TS2345
  callback(new ValidationError()); // TS2554
  callback(null, { user_id: 42 }); // TS2322
  configuration.URL = ''; // TS2542
}
/** @type {DrawbridgeScripts.Verify} */
function verify(email, context, callback) {
  callback(null, 'yes'); // TS2345
}
`;

let dir: string;
let surface: string[];
let found: string[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'drawbridge-types-'));
  const tenant = join(dir, 'tenant');
  await mkdir(join(dir, 'node_modules'));
  await symlink(root, join(dir, 'node_modules', 'drawbridge'));
  await mkdir(join(tenant, 'lib'), { recursive: true });
  await cp(join(root, 'scripts-templates'), join(tenant, 'templates'), {
    recursive: true,
    // For mongosh, which has globals of its own.
    filter: (file) => !file.endsWith('indexes.js'),
  });
  const listed = await readFile(join(root, 'test/hostile/guest-surface.txt'), 'utf8');
  surface = [...new Set([...listed.matchAll(/^globalThis\.([\w$]+)/gm)].map(([, name]) => name!))];
  const files = {
    'good.js': good,
    'lib/normal.js': 'exports.normal = (value) => value.toLowerCase();\n',
    'bad.js': bad,
    'globals.js': surface.map((name) => `void ${name};`).join('\n'),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(tenant, name), text);

  const page = await readFile(join(root, 'docs/testing.md'), 'utf8');
  const config = /```json\n(\{\s+"compilerOptions".*?)```/s.exec(page)![1]!;
  // Here alone, the declarations are to be checked too.
  await writeFile(
    join(dir, 'jsconfig.json'),
    config.replace('"skipLibCheck": true', '"skipLibCheck": false'),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, '-p', 'jsconfig.json', '--pretty', 'false'], { cwd: dir }, (_, text) =>
      resolve(text),
    );
  });
  found = [...output.matchAll(/^(\S+?)\((\d+),\d+\): error (TS\d+)|^error .*/gm)].map(
    ([all, file, line, code]) => (file ? `${file}:${line} ${code}` : all),
  );
});
afterAll(() => rm(dir, { recursive: true }));

test('finds the mistakes of a script where they are, and none elsewhere', () => {
  const expected = bad
    .split('\n')
    .map((line, index) => `tenant/bad.js:${index + 1} ${/\/\/ (TS\d+)$/.exec(line)?.[1]}`)
    .filter((line) => !line.endsWith('undefined'));
  expect(expected).toHaveLength(9);
  expect(found).toEqual(expected);
});

test('declares no global that scripts do not have', async () => {
  const folder = join(root, 'src/testkit/script-types');
  const texts = await Promise.all(
    ['globals.d.ts', 'web-globals.d.ts'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const declared = [...texts.join('\n').matchAll(/^declare (?:var|const|function|class) ([\w$]+)/gm)];
  const missing = declared.map(([, name]) => name!).filter((name) => !surface.includes(name));
  expect(declared.length).toBeGreaterThan(60);
  // The script's own, not the global object's.
  expect(missing).toEqual(['require']);
});
