import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { SecondTries } from './second-tries.ts';

const root = path.join(import.meta.dirname, '..');
/** What Node has compiled is kept from one process to the next: tests start hundreds. */
process.env.NODE_COMPILE_CACHE ??= path.join(root, 'dist/compile-cache');

/** Files that take most of a minute while others take seconds. */
const longest = [
  'test/hostile/hostile-code.test.ts',
  'test/hostile/hostile-network.test.ts',
  'test/soak/soak.test.ts',
  'test/service/killers.test.ts',
  'test/templates/mongodb.test.ts',
  'test/templates/sqlserver.test.ts',
  'test/templates/postgres.test.ts',
  'test/templates/mysql.test.ts',
  'test/docs/examples.test.ts',
  'test/sandbox/build/build-guest.test.ts',
];

/** They go first: at the end everything would wait for them. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((file) => moduleId.endsWith(file));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const matching = (pattern: RegExp) =>
  globSync('test/**/*.test.ts', { cwd: root }).filter((file) =>
    pattern.test(readFileSync(path.join(root, file), 'utf8')),
  );

/** What changes the process that a test runs in: modules, clocks, node:http, its working directory. */
const alone = matching(
  /\bvi\.(?:mock|doMock|useFakeTimers|stubEnv)\(|from '(?:nock|msw)|process\.(?:chdir|on)\(/,
);

/** What has little time, or compares times. Together they take twice as long as the longest of them. */
const timed = [
  'test/hostile/hostile-code.test.ts',
  'test/hostile/hostile-memory.test.ts',
  'test/hostile/hostile-network.test.ts',
  'test/pool/pool.test.ts',
  'test/pool/supervision.test.ts',
  'test/service/hostile-scripts.test.ts',
  'test/service/killers.test.ts',
  'test/service/refusal-pace.test.ts',
];

const inBrowser = matching(/\bdescribeInBrowser\(/);

export default defineConfig({
  root,
  test: {
    globalSetup: 'test/build-guest-once.ts',
    sequence: { sequencer: LongestFirst },
    // Sandbox processes are started by the dozen on few cores; nothing waits for a clock but what is about one.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { interval: 20, timeout: 10_000 } },
    // Of thousands of tests with real processes and clocks one may meet a slow moment. It has to pass then, and is named.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default', new SecondTries()],
    // More files at once than vitest would take on two cores: they wait for processes more than they compute.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: { name: 'timed', include: timed, isolate: false, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        // Modules are loaded once for all of these: to load them for each file takes a quarter of the whole.
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...alone, ...timed, ...inBrowser],
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'alone', include: alone, sequence: { groupOrder: 1 } } },
      {
        extends: true,
        // A browser takes all cores for itself.
        test: {
          name: 'browser',
          include: inBrowser,
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
