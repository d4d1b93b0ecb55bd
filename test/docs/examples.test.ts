import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

/** docs/examples/, as their readers would have them: in folders of their own, with what they need installed. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = join(root, 'docs/examples');

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'drawbridge-examples-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** Copies a project, its devDependencies linked. */
async function install(name: string): Promise<string> {
  const project = join(dir, name);
  await cp(join(examples, name), project, { recursive: true });
  const { devDependencies } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(devDependencies)) {
    const link = join(project, 'node_modules', dependency);
    await mkdir(dirname(link), { recursive: true });
    await symlink(dependency === 'drawbridge' ? root : join(root, 'node_modules', dependency), link);
  }
  return project;
}

const programs: Record<string, string> = {
  vitest: 'node_modules/vitest/vitest.mjs',
  drawbridge: 'node_modules/drawbridge/src/bin.js',
  tsc: 'node_modules/typescript/bin/tsc',
};

interface Ended {
  code: number;
  output: string;
}

/** Starts what npm or npx would, without their own half second. */
async function start(project: string, line: string, variables = {}): Promise<Ended> {
  const [program, ...args] = line.split(' ');
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV)/.test(key),
  );
  const env = { ...Object.fromEntries(inherited), ...variables, NO_COLOR: '1' };
  const command = [join(project, programs[program!]!), ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: project, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

/** The mistake that the page on testing warns of: an outage taken for "not found". */
async function plantBug(project: string): Promise<void> {
  const file = join(project, 'tenant/database-connections/acme/get_user.js');
  const source = await readFile(file, 'utf8');
  const wrong = source.replace('response.status === 404', 'response.status >= 400');
  expect(wrong).not.toBe(source);
  await writeFile(file, wrong);
}

const expectations: Record<string, { passed: RegExp; failed: RegExp[] }> = {
  fixtures: { passed: /8 passed/, failed: [/an outage is not "not found"/, /script_error/, /1 failed/] },
  'vitest-msw': {
    passed: /Tests\s+5 passed/,
    failed: [/to fail with script_error\.\s+The script answered not found/, /acme\.test\.js:\d+/, /1 failed/],
  },
  'vitest-nock': {
    passed: /Tests\s+5 passed/,
    failed: [/to fail with script_error\.\s+The script answered not found/, /acme\.test\.js:\d+/, /1 failed/],
  },
};

test('every example is run here', async () => {
  const folders = (await readdir(examples, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(expectations));
});

/** What a reader runs: the commands of the project's workflow where it has one, else its scripts. */
async function commandsOf(
  project: string,
): Promise<[line: string, variables: Record<string, string> | undefined][]> {
  const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const workflow = await readFile(join(project, '.github/workflows/test.yml'), 'utf8').catch(() => undefined);
  if (workflow === undefined) return [scripts.types, scripts.test].map((line) => [line, undefined]);
  expect(await readFile(join(root, 'docs/testing.md'), 'utf8')).toContain(workflow);
  const { steps } = parse(workflow).jobs.test as { steps: { run?: string; env?: Record<string, string> }[] };
  const commands = steps.filter(({ run }) => run?.startsWith('npx '));
  expect(commands).toHaveLength(4);
  return commands.map(({ run, env }) => [run!.replace('npx ', ''), env]);
}

describe.each(Object.entries(expectations))('%s', (name, { passed, failed }) => {
  test('passes; with a bug in a script it fails and says how', async () => {
    const project = await install(name);
    const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
    for (const [line, variables] of await commandsOf(project)) {
      const ended = await start(project, line, variables);
      expect(ended, line).toMatchObject({ code: 0 });
      if (line === scripts.test) expect(ended.output).toMatch(passed);
    }
    await plantBug(project);
    const red = await start(project, scripts.test);
    expect(red.code).toBe(1);
    for (const part of failed) expect(red.output).toMatch(part);
  }, 60_000);
});
