import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FileCoverage } from '../../sandbox/contract/coverage.ts';
import type { Connection } from '../../src/connections/connection.ts';
import type { ReadyCase } from '../../src/fixtures/fixture-case.ts';
import { parseFixture } from '../../src/fixtures/parse-fixture.ts';
import { openSandbox, type TestSandbox } from '../../src/testkit/open-sandbox.ts';
import { readAllConnections } from '../../src/testkit/read-connections.ts';
import { runFixtureCase } from '../../src/testkit/run-fixture-case.ts';

const getUser = `function (identifierValue, context, callback) {
  global.runs = (global.runs || 0) + 1;
  const headers = { 'X-Key': configuration.KEY };
  require('axios').get('https://users.example.com/' + identifierValue, { headers, validateStatus: () => true }).then(
    ({ status, data }) => {
      if (status === 404) return callback(null);
      if (status !== 200) return callback(new Error('answered ' + status));
      callback(null, { ...data, nickname: String(global.runs), name: configuration.NAME });
    },
    (error) => callback(new Error('failed with ' + error.code)),
  );
}`;

let root: string;
let sandbox: TestSandbox;
let acme: Connection;
let covered: FileCoverage[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'drawbridge-fixture-case-'));
  const folder = join(root, 'database-connections', 'acme');
  await mkdir(folder, { recursive: true });
  const configuration = { KEY: 'secret-of-the-file', NAME: 'of the file' };
  const options = {
    enable_script_context: true,
    customScripts: { get_user: './get_user.js' },
    configuration,
  };
  await writeFile(
    join(folder, 'database.json'),
    JSON.stringify({ name: 'acme', strategy: 'auth0', options }),
  );
  await writeFile(join(folder, 'get_user.js'), getUser);
  sandbox = await openSandbox({ onCoverage: (files) => covered.push(...files) });
  const { connections, byFolder } = await readAllConnections(root, { env: {}, modules: sandbox.modules });
  expect(byFolder.get('acme')).toBe('acme');
  acme = connections.get('acme')!;
});
afterAll(async () => {
  await sandbox?.close();
  await rm(root, { recursive: true });
});

function caseOf(fields: string): ReadyCase {
  const text = `cases:\n  - name: a\n    script: get_user\n    input: { user_id: '42' }\n${fields}`;
  const result = parseFixture('a.yaml', text);
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes));
  return result.parsed.cases[0]!;
}

const found = `
    http:
      - request: { url: https://users.example.com/42, headers: { x-key: a-key } }
        response: { json: { user_id: '42' }, delay_ms: 1 }
    configuration: { KEY: a-key, NAME: of the case }
    expect: { found: true, user: { name: of the case, nickname: '1' } }
`;

test('gives each case its own configuration, its mocks and a fresh context', async () => {
  for (const _ of [1, 2]) {
    const { failures, result, calls } = await runFixtureCase(sandbox, acme, caseOf(found));
    expect(failures).toEqual([]);
    expect(result).toMatchObject({ ok: true, result: { found: true } });
    expect(calls).toEqual([{ method: 'GET', url: 'https://users.example.com/42', mock: 0 }]);
  }
});

test.each([
  [{ status: 503 }, 'answered 503'],
  [{ error: 'ECONNREFUSED' }, 'failed with ECONNREFUSED'],
])('answers every call with %j in place of the mocks', async (override, message) => {
  const { result, failures, calls } = await runFixtureCase(sandbox, acme, caseOf(found), { override });
  expect(result).toMatchObject({ ok: false, code: 'script_error', message });
  expect(failures).toHaveLength(1);
  expect(calls).toHaveLength(1);
});

test('refuses a call without a mock, and shows nothing of the values of the files', async () => {
  const run = await runFixtureCase(
    sandbox,
    acme,
    caseOf(`
    http:
      - request: { url: https://users.example.com/42, headers: { x-key: another } }
        response: {}
    expect: { error: script_error, message: failed with ECONNREFUSED }
`),
  );
  expect(run.failures.map(({ kind }) => kind)).toEqual(['unmatched_call', 'unused_mock']);
  const text = JSON.stringify(run);
  expect(run.failures[0]!.details).toContain(
    '  header x-key: the mock has "another", the script sends "[configuration.KEY]"',
  );
  expect(text).not.toContain('secret-of-the-file');
});

test('tells what a case has run by places in the source of its author', async () => {
  covered = [];
  await runFixtureCase(sandbox, acme, caseOf(found));
  const file = covered.find((each) => each.file === 'acme/get_user.js')!;
  const countAt = (text: string) => {
    const at = getUser.indexOf(text);
    const around = file.ranges.filter(({ start, end }) => start <= at && at < end);
    return around.sort((one, other) => one.end - one.start - (other.end - other.start))[0]?.count;
  };
  expect(countAt('global.runs')).toBe(1);
  expect(countAt("callback(new Error('answered")).toBe(0);
  expect(countAt('callback(null, { ...data')).toBe(1);
  expect(countAt("callback(new Error('failed")).toBe(0);
});
