import { watch } from 'chokidar';
import { forgetConnection } from '../../testkit/run-fixture-case.ts';
import { createReporters } from './create-reporters.ts';
import { findFixtures } from './find-fixtures.ts';
import type { Suite, SuiteCase, SuiteLoader } from './load-suite.ts';
import type { SuiteReport } from './report.ts';
import { runSuite } from './run-suite.ts';
import type { Sandboxes } from './sandboxes.ts';
import { selectCases } from './select-cases.ts';
import type { TestOptions } from './test-options.ts';
import { fingerprint, touchedCases } from './touched-cases.ts';
import { listenToKeys, type WatchKey } from './watch-keys.ts';

/**
 * Editors write a file twice, and some take it away in between. Longer than the 50 ms for which chokidar keeps quiet of a
 * file that it has just told of.
 */
const SETTLE_MS = 60;

interface WatchParts {
  load: SuiteLoader;
  sandboxes: Sandboxes;
}

/**
 * Runs all cases, and then what each saved file touches, in sandboxes that are kept warm. Resolves with the exit code of
 * the last run when it is told to quit.
 */
export async function watchSuite(options: TestOptions, { load, sandboxes }: WatchParts): Promise<number> {
  const { paths, directory, pattern, reporters } = options;
  const ended = Promise.withResolvers<void>();
  /** Which fixture file each case that has been run is of, by what it depends on. */
  let known: ReadonlyMap<string, string> = new Map();
  let suite: Suite = { cases: [], mistakes: [], folders: new Map() };
  let failing = new Set<string>();
  let code = 0;
  let settling: NodeJS.Timeout | undefined;
  let work: Promise<void> = Promise.resolve();

  const say = (text: string) => void process.stdout.write(`${text}\n`);
  const next = (what: () => Promise<void>) => {
    work = work.then(what).catch((error: Error) => say(`error: ${error.message}`));
  };

  async function reload(): Promise<void> {
    const before = suite;
    suite = await load(findFixtures(paths, directory));
    const current = new Set(suite.cases.map(({ connection }) => connection.version));
    const old = new Set(before.cases.map(({ connection }) => connection));
    const started = await sandboxes.started();
    for (const connection of old) if (!current.has(connection.version)) forgetConnection(started, connection);
  }

  async function run(pick: (cases: SuiteCase[]) => SuiteCase[]): Promise<void> {
    await reload();
    const told = createReporters(reporters, process.stdout);
    if (suite.mistakes.length > 0) {
      for (const reporter of told) reporter.mistakes(suite.mistakes);
      // What these files hold is run once they are whole again, be it what it was before.
      const blocked = new Set(suite.mistakes.map(({ file }) => file));
      known = new Map([...known].filter(([, file]) => !blocked.has(file)));
      code = 2;
      return wait();
    }
    const cases = selectCases(suite.cases, pattern);
    const picked = pick(cases);
    known = new Map(cases.map((each) => [fingerprint(each), each.fixtureCase.file]));
    const wasBroken = code === 2;
    if (picked.length > 0) {
      remember(picked, await runSuite(picked, { ...options, sandboxes, reporters: told }));
    } else if (cases.length === 0) say('There are no such cases');
    else if (wasBroken) code = failing.size > 0 ? 1 : 0;
    // What was saved has nothing to do with the cases.
    else return;
    wait();
  }

  function remember(cases: readonly SuiteCase[], report: SuiteReport): void {
    for (const each of cases) failing.delete(identity(each));
    for (const { file, name, status } of report.cases)
      if (status === 'failed') failing.add(`${file}\n${name}`);
    const there = new Set(suite.cases.map(identity));
    failing = new Set([...failing].filter((each) => there.has(each)));
    code = failing.size > 0 ? 1 : 0;
    if (!report.ok || failing.size === 0) return;
    say(`${failing.size} of the cases that were not run again failed before (f runs them)`);
  }

  function wait(): void {
    say(
      process.stdin.isTTY
        ? 'Waiting for changes: a or Enter runs all, f what failed, q quits'
        : 'Waiting for changes',
    );
  }

  function onKey(key: WatchKey): void {
    switch (key) {
      case 'all':
        return next(() => run((cases) => cases));
      case 'failed':
        return next(() => run((cases) => cases.filter((each) => failing.has(identity(each)))));
      case 'quit':
        return ended.resolve();
      default:
        return key satisfies never;
    }
  }

  const roots = [...new Set(findFixtures(paths, directory).map(({ root }) => root))];
  const watcher = watch([...roots, ...paths], {
    ignoreInitial: true,
    ignored: (path) => /[\\/](?:node_modules|\.git|coverage)(?:[\\/]|$)/.test(path),
  });
  watcher.on('all', () => {
    clearTimeout(settling);
    settling = setTimeout(() => next(() => run((cases) => touchedCases(known, cases))), SETTLE_MS);
  });
  watcher.on('error', (error) => say(`error: the files cannot be watched: ${(error as Error).message}`));
  const stopKeys = listenToKeys(process.stdin, onKey);
  const stop = () => ended.resolve();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
    next(() => run((cases) => cases));
    await ended.promise;
    return code;
  } finally {
    clearTimeout(settling);
    stopKeys();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    await watcher.close();
    await work;
  }
}

const identity = ({ fixtureCase: { file, name } }: SuiteCase) => `${file}\n${name}`;
