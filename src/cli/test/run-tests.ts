import { ConfigError } from '../../config.ts';
import { egressList } from '../../config-fields.ts';
import { locateGuestBuild } from '../../pool/guest-build.ts';
import { createReporters, type ReporterFlags, type Wanted, wantedReporters } from './create-reporters.ts';
import { type FixtureFile, findFixtures, fixtureNames } from './find-fixtures.ts';
import { createSuiteLoader } from './load-suite.ts';
import { runSuite } from './run-suite.ts';
import { createSandboxes } from './sandboxes.ts';
import { readPattern, selectCases } from './select-cases.ts';

export interface TestFlags extends ReporterFlags {
  dir?: string;
  name?: string;
  bail?: boolean;
  watch?: boolean;
  egressAllow?: string;
  concurrency?: string;
  coverage?: boolean;
  coverageDir: string;
  coverageReporter: string;
}

export interface TestOptions {
  paths: readonly string[];
  directory: string;
  pattern: RegExp | undefined;
  bail: boolean;
  reporters: readonly Wanted[];
  egressAllow: readonly string[];
  concurrency: number;
}

/** Checks the flags. Throws ConfigError. */
export function readTestOptions(
  paths: readonly string[],
  flags: TestFlags,
  env: NodeJS.ProcessEnv,
): TestOptions {
  const egress = egressList.safeParse(flags.egressAllow ?? env.DRAWBRIDGE_EGRESS_ALLOW ?? '');
  if (!egress.success) {
    throw new ConfigError([
      '--egress-allow (DRAWBRIDGE_EGRESS_ALLOW) is no list of host, host:port, CIDR or CIDR:port',
    ]);
  }
  const concurrency = Number(flags.concurrency ?? 16);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64) {
    throw new ConfigError([
      `--concurrency is ${JSON.stringify(flags.concurrency)}; allowed: a whole number from 1 to 64`,
    ]);
  }
  return {
    paths,
    directory: flags.dir ?? (env.DRAWBRIDGE_DIR || './tenant'),
    pattern: readPattern(flags.name),
    bail: flags.bail === true,
    reporters: wantedReporters(flags),
    egressAllow: egress.data,
    concurrency,
  };
}

/** Exit codes: 0 all passed, 1 some failed or there were none, 2 the fixture files or the call are wrong. */
export async function runTests(options: TestOptions): Promise<number> {
  const { paths, directory, pattern, reporters: wanted } = options;
  const files = findFixtures(paths, directory);
  if (files.length === 0) return complain(noFiles(paths, directory));
  const { modules } = await locateGuestBuild(reportBuild);
  const sandboxes = createSandboxes(options.egressAllow);
  try {
    // It starts while the files are read; one that does not start is told of by the first case.
    sandboxes.of('deny').catch(() => {});
    const suite = await createSuiteLoader(modules, process.env)(files);
    const reporters = createReporters(wanted, process.stdout);
    if (suite.mistakes.length > 0) {
      for (const reporter of reporters) reporter.mistakes(suite.mistakes);
      return 2;
    }
    const cases = selectCases(suite.cases, pattern);
    if (cases.length === 0) return complain(noneOfName(pattern, suite.cases.length, files));
    const { ok } = await runSuite(cases, { ...options, sandboxes, reporters });
    return ok ? 0 : 1;
  } finally {
    await sandboxes.close();
  }
}

function complain(text: string): number {
  process.stderr.write(`error: ${text}\n`);
  return 1;
}

function noFiles(paths: readonly string[], directory: string): string {
  const where = paths.length > 0 ? paths.join(', ') : directory;
  return `there are no fixture files in ${where}; a fixture file is ${fixtureNames}.
Put one beside the scripts, as in ${directory}/database-connections/acme/acme.fixture.yaml:

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

function reportBuild(text: string): void {
  process.stderr.write(`${text}\n`);
}
