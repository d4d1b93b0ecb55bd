import { isAbsolute, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { ModuleTable } from '../../../sandbox/contract/modules.ts';
import type { Connection } from '../../connections/connection.ts';
import type { Mistake } from '../../fixtures/mistake.ts';
import type { RunOutcome, Upstream } from '../../passkeys/behaviour/observation.ts';
import type { FixtureBehaviour, FixtureCase } from '../../passkeys/behaviour/observe-fixtures.ts';
import type { AnswerOverride } from '../../testkit/perform-mocks.ts';
import { runFixtureCase } from '../../testkit/run-fixture-case.ts';
import { findFixtures } from '../test/find-fixtures.ts';
import { createSuiteLoader, type SuiteCase } from '../test/load-suite.ts';
import { createSandboxes, type Sandboxes } from '../test/sandboxes.ts';

export interface FixtureOptions {
  /** The directory of connections. */
  root: string;
  modules: ModuleTable;
}

export interface OpenFixtures extends AsyncDisposable {
  /** Those of one connection; undefined where there are none. */
  of(connection: Connection): FixtureBehaviour | undefined;
  /** The cases of a connection whose scripts made calls that no mock answers: they were not judged. */
  unanswered(connection: Connection): string[];
  /** How to find out what is wrong with fixture files that cannot be run; undefined where all can. */
  mistakes: string | undefined;
  /** Resolves when what scripts do after their callbacks has been heard. */
  settled(): Promise<void>;
}

/** For what a script does after its callback, such as calling it again. */
const SETTLE_MS = 100;

/** The fixtures beside the scripts of a directory, opened to be run; the sandbox starts with the first run. */
export async function openFixtures({ root, modules }: FixtureOptions): Promise<OpenFixtures> {
  const { cases, mistakes } = await createSuiteLoader(modules, {})(findFixtures([], root));
  const sandboxes = createSandboxes();
  const unanswered = new Set<SuiteCase>();
  return {
    of(connection) {
      const own = cases.filter((each) => each.connection.name === connection.name && isRunHere(each));
      if (own.length === 0) return undefined;
      return {
        cases: own.map((each) => ({
          ...behaviourOf(each, sandboxes, () => unanswered.add(each)),
          ...placeIn(root, each),
        })),
      };
    },
    unanswered: ({ name }) =>
      [...unanswered]
        .filter((each) => each.connection.name === name)
        .map(({ fixtureCase }) => fixtureCase.name),
    mistakes: describeMistakes(mistakes, root),
    async settled() {
      if ((await sandboxes.started()).length > 0) await sleep(SETTLE_MS);
    },
    [Symbol.asyncDispose]: () => sandboxes.close(),
  };
}

function describeMistakes([first, ...others]: readonly Mistake[], root: string): string | undefined {
  if (!first) return undefined;
  const { file, line, column, path, message } = first;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const said = [path, message].filter(Boolean).join(' ');
  return `not all fixtures can be run: ${file}:${line}:${column}: ${said}${more}; "npx drawbridge test --dir ${root}" tells them all`;
}

/** A check touches no network unless it is told to, and a signup is several scripts. */
function isRunHere({ fixtureCase: { network, script, skip }, broken }: SuiteCase): boolean {
  return network === 'deny' && script !== 'signup' && skip === undefined && !broken;
}

/** As the other findings name files, `acme/fixtures.yaml`; one that lies elsewhere as the command line would. */
function placeIn(root: string, { path, fixtureCase }: SuiteCase): { file: string; line: number } {
  const inside = relative(join(root, 'database-connections'), path);
  const file = inside.startsWith('..') || isAbsolute(inside) ? fixtureCase.file : inside.replaceAll(sep, '/');
  return { file, line: fixtureCase.line };
}

const overrides: Record<Upstream, AnswerOverride | undefined> = {
  as_written: undefined,
  status_503: { status: 503 },
  status_500: { status: 500 },
  refused: { error: 'ECONNREFUSED' },
};

function behaviourOf(
  { fixtureCase, connection }: SuiteCase,
  sandboxes: Sandboxes,
  onUnanswered: () => void,
): FixtureCase {
  const { name, script, input, expect } = fixtureCase;
  return {
    name,
    action: script as ActionName,
    input,
    ...(expect.found === undefined ? {} : { expectFound: expect.found }),
    ...(expect.error === undefined ? {} : { expectError: expect.error }),
    async run(upstream = 'as_written') {
      const override = overrides[upstream];
      let calledAgain = false;
      let outcome: RunOutcome | undefined;
      const { result, failures } = await runFixtureCase(await sandboxes.of('deny'), connection, fixtureCase, {
        ...(override ? { override } : {}),
        onEvent({ code }) {
          if (code !== 'late_callback') return;
          calledAgain = true;
          // It may come when the outcome has been handed out.
          if (outcome) outcome.lateCallback = true;
        },
      });
      if (upstream === 'as_written' && failures.some(({ kind }) => kind === 'unmatched_call')) {
        onUnanswered();
        return undefined;
      }
      outcome = { ...result, lateCallback: calledAgain };
      return outcome;
    },
  };
}
