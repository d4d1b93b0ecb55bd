import { ConfigError } from '../../config.ts';
import { egressList } from '../../config-fields.ts';
import { type ReporterFlags, type Wanted, wantedReporters } from './create-reporters.ts';
import { readPattern } from './select-cases.ts';

/** As commander gives them. */
export interface TestFlags extends ReporterFlags {
  dir?: string;
  name?: string;
  bail?: boolean;
  watch?: boolean;
  egressAllow?: string;
  concurrency?: string;
  coverage?: boolean;
  coverageDir?: string;
  coverageReporter?: string;
}

const coverageReporters = [
  'text',
  'text-summary',
  'lcov',
  'lcovonly',
  'html',
  'json',
  'json-summary',
  'cobertura',
] as const;
export type CoverageReporter = (typeof coverageReporters)[number];

export interface CoverageOptions {
  directory: string;
  reporters: CoverageReporter[];
}

export interface TestOptions {
  paths: readonly string[];
  directory: string;
  pattern: RegExp | undefined;
  bail: boolean;
  watch: boolean;
  reporters: readonly Wanted[];
  egressAllow: readonly string[];
  concurrency: number;
  coverage: CoverageOptions | undefined;
}

/** Checks the flags, with the variables that stand in for them. Throws ConfigError. */
export function readTestOptions(
  paths: readonly string[],
  flags: TestFlags,
  env: NodeJS.ProcessEnv,
): TestOptions {
  const coverage = readCoverage(flags);
  if (flags.watch && coverage) throw new ConfigError(['--coverage is of a whole run: leave --watch away']);
  const reporters = wantedReporters(flags);
  if (flags.watch && reporters.some(({ kind }) => kind !== 'readable')) {
    throw new ConfigError(['--watch is for people: leave --reporter and --json away']);
  }
  return {
    paths,
    directory: flags.dir ?? (env.DRAWBRIDGE_DIR || './tenant'),
    pattern: readPattern(flags.name),
    bail: flags.bail === true,
    watch: flags.watch === true,
    reporters,
    egressAllow: readEgress(flags.egressAllow, env),
    // Counting waits for each execution to come to rest: see docs/decisions/0013-coverage.md.
    concurrency: coverage ? 1 : readConcurrency(flags.concurrency),
    coverage,
  };
}

function readEgress(flag: string | undefined, env: NodeJS.ProcessEnv): string[] {
  const parsed = egressList.safeParse(flag ?? env.DRAWBRIDGE_EGRESS_ALLOW ?? '');
  if (parsed.success) return parsed.data;
  const from = flag === undefined ? 'DRAWBRIDGE_EGRESS_ALLOW' : '--egress-allow';
  throw new ConfigError([
    `${from} is not a list of host, host:port, CIDR or CIDR:port with commas between them`,
  ]);
}

function readConcurrency(text = '8'): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 64) return number;
  throw new ConfigError([`--concurrency is ${JSON.stringify(text)}; allowed: a whole number from 1 to 64`]);
}

function readCoverage(flags: TestFlags): CoverageOptions | undefined {
  const { coverage, coverageDir, coverageReporter } = flags;
  if (!coverage) {
    const given = coverageDir !== undefined ? '--coverage-dir' : coverageReporter && '--coverage-reporter';
    if (given) throw new ConfigError([`${given} is of use with --coverage alone`]);
    return undefined;
  }
  const names = (coverageReporter ?? 'text,lcov,html').split(',').map((name) => name.trim());
  const unknown = names.find((name) => !coverageReporters.some((each) => each === name));
  if (unknown !== undefined) {
    throw new ConfigError([
      `--coverage-reporter has ${JSON.stringify(unknown)}; allowed: ${coverageReporters.join(', ')}`,
    ]);
  }
  return { directory: coverageDir ?? './coverage', reporters: names as CoverageReporter[] };
}
