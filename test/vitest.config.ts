import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = path.join(import.meta.dirname, '..');

/** Files that take minutes while others take seconds. */
const longest = ['test/hostile/hostile.test.ts', 'test/soak/soak.test.ts'];

/** They go first: at the end everything would wait for them. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((file) => moduleId.endsWith(file));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** What changes the process that a test runs in: modules, clocks, node:http, its working directory. */
const changesItsProcess =
  /\bvi\.(?:mock|doMock|useFakeTimers|stubEnv)\(|from '(?:nock|msw)|process\.(?:chdir|on)\(/;
const files = globSync('test/**/*.test.ts', { cwd: root });
const alone = files.filter(
  (file) => longest.includes(file) || changesItsProcess.test(readFileSync(path.join(root, file), 'utf8')),
);

/** A browser takes all cores for itself; what is about time and CPU has to be over by then. */
const inBrowser = files.filter((file) =>
  /\bdescribeInBrowser\(/.test(readFileSync(path.join(root, file), 'utf8')),
);

export default defineConfig({
  root,
  test: {
    globalSetup: 'test/build-guest-once.ts',
    // Sandbox processes are started by the dozen on few cores; nothing waits for a clock but what is about one.
    // Two files at once, though vitest would take one on two cores: they wait for processes more than they compute.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        // Modules are loaded once for all of these: to load them for each file takes a quarter of the whole.
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...alone, ...inBrowser],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: alone } },
      {
        extends: true,
        test: { name: 'browser', include: inBrowser, isolate: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
