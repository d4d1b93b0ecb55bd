import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { locateGuestBuild } from '../../pool/guest-build.ts';
import { createReporters, isDocument } from './create-reporters.ts';
import { type FixtureFile, findFixtures, fixtureNames } from './find-fixtures.ts';
import { selectCases } from './select-cases.ts';
import type { TestOptions } from './test-options.ts';

/** Exit codes: 0 all passed, 1 some failed or there were none, 2 the fixture files or the call are wrong. */
export async function runTests(options: TestOptions): Promise<number> {
  const { paths, directory, pattern } = options;
  const files = findFixtures(paths, directory);
  if (files.length === 0) return complain(noFiles(paths, directory));
  const { modules } = await locateGuestBuild((text) => void process.stderr.write(`${text}\n`));
  const { createSandboxes } = await import('./sandboxes.ts');
  let coverage: ReturnType<typeof import('./coverage/collect-coverage.ts')['createCoverage']> | undefined;
  const processes = options.coverage ? 1 : processesFor(files);
  const sandboxes = createSandboxes({
    egressAllow: options.egressAllow,
    processes,
    onCoverage: options.coverage && ((covered) => coverage?.add(covered)),
  });
  try {
    // They start while the rest is loaded; one that does not start is told of by the first case.
    for (let started = 0; started < processes; started++) sandboxes.of('deny').catch(() => {});
    const { createSuiteLoader } = await import('./load-suite.ts');
    const { runSuite } = await import('./run-suite.ts');
    const load = createSuiteLoader(modules, process.env);
    if (options.watch) {
      const { watchSuite } = await import('./watch-suite.ts');
      return await watchSuite(options, { load, sandboxes });
    }
    const suite = await load(files);
    const reporters = createReporters(options.reporters, process.stdout);
    if (suite.mistakes.length > 0) {
      for (const reporter of reporters) reporter.mistakes(suite.mistakes);
      return 2;
    }
    const cases = selectCases(suite.cases, pattern);
    if (cases.length === 0) return complain(noneOfName(pattern, suite.cases.length, files));
    if (options.coverage) {
      const { createCoverage } = await import('./coverage/collect-coverage.ts');
      coverage = createCoverage(new Set(cases.map(({ connection }) => connection)));
    }
    const { ok } = await runSuite(cases, { ...options, sandboxes, reporters });
    if (options.coverage && coverage) {
      const { createPathFinder } = await import('./find-path.ts');
      const { writeCoverage } = await import('./coverage/write-coverage.ts');
      writeCoverage(coverage.files(), {
        ...options.coverage,
        pathOf: createPathFinder(suite.folders),
        write: (text) => void (isDocument(options.reporters) ? process.stderr : process.stdout).write(text),
      });
    }
    return ok ? 0 : 1;
  } finally {
    await sandboxes.close();
  }
}

/** A second process takes as long to start as some two hundred cases take to run. */
function processesFor(files: readonly FixtureFile[]): number {
  const bytes = files.reduce((sum, { path }) => sum + statSync(path).size, 0);
  return bytes > MANY_BYTES ? Math.min(MOST_PROCESSES, availableParallelism()) : 1;
}

const MANY_BYTES = 100_000;
const MOST_PROCESSES = 4;

function complain(text: string): number {
  process.stderr.write(`error: ${text}\n`);
  return 1;
}

function noFiles(paths: readonly string[], directory: string): string {
  const where = paths.length > 0 ? paths.join(', ') : directory;
  return `there are no fixture files in ${where}; a fixture file is ${fixtureNames}.
Put one beside the scripts, as ${directory}/database-connections/acme/fixtures.yaml:

  configuration:
    API_BASE_URL: https://users.example.com
  cases:
    - name: knows who is not there
      script: get_user
      input: { identifier: nobody@example.com }
      http:
        - request: { url: 'https://users.example.com/users?identifier=nobody%40example.com' }
          response: { status: 404 }
      expect: { found: false }

docs/testing.md has the format; "npx drawbridge init" lays down a connection with a fixture file`;
}

function noneOfName(pattern: RegExp | undefined, count: number, files: readonly FixtureFile[]): string {
  const where = files.length === 1 ? files[0]!.shown : `${files.length} files`;
  return `none of the ${count} cases in ${where} has ${pattern?.source} in its connection, script and name`;
}
