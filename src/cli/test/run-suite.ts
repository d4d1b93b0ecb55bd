import { type CaseRun, runFixtureCase } from '../../testkit/run-fixture-case.ts';
import type { SuiteCase } from './load-suite.ts';
import { type CaseReport, type Reporter, type SuiteReport, summed } from './report.ts';
import type { Sandboxes } from './sandboxes.ts';

export interface RunOptions {
  sandboxes: Sandboxes;
  reporters: readonly Reporter[];
  /** How many cases are under way at a time. */
  concurrency: number;
  /** Whether nothing more is begun after a failing case. */
  bail: boolean;
  /** Runs a case in place of `runFixtureCase`, as coverage does. */
  run?: ((each: SuiteCase, sandboxes: Sandboxes) => Promise<CaseRun>) | undefined;
}

/** Runs cases side by side and tells the reporters of them in their order. */
export async function runSuite(cases: readonly SuiteCase[], options: RunOptions): Promise<SuiteReport> {
  const { sandboxes, reporters, concurrency, bail, run = runPlainly } = options;
  const begun = performance.now();
  const reports: CaseReport[] = [];
  let next = 0;
  let told = 0;
  let done = 0;
  let stopped = false;

  function tell(): void {
    while (reports[told]) {
      for (const reporter of reporters) reporter.caseDone?.(reports[told]!, done, cases.length);
      told++;
    }
  }

  async function work(): Promise<void> {
    while (next < cases.length) {
      const index = next++;
      const each = cases[index]!;
      reports[index] = stopped ? reportOf(each, 'not_run') : await runOne(each);
      if (bail && reports[index].status === 'failed') stopped = true;
      done++;
      tell();
    }
  }

  async function runOne(each: SuiteCase): Promise<CaseReport> {
    const { skip } = each.fixtureCase;
    if (skip !== undefined) return { ...reportOf(each, 'skipped'), reason: skip };
    if (each.broken) return { ...reportOf(each, 'failed'), failures: [each.broken] };
    const { failures, calls, durationMs } = await run(each, sandboxes);
    const report = reportOf(each, failures.length === 0 ? 'passed' : 'failed');
    return { ...report, failures, calls, durationMs: Math.round(durationMs * 10) / 10 };
  }

  await Promise.all(Array.from({ length: bail ? 1 : concurrency }, work));
  const report = summed(reports, performance.now() - begun);
  for (const reporter of reporters) await reporter.end(report);
  return report;
}

async function runPlainly({ connection, fixtureCase }: SuiteCase, sandboxes: Sandboxes): Promise<CaseRun> {
  return runFixtureCase(await sandboxes.of(fixtureCase.network), connection, fixtureCase);
}

function reportOf({ connection, fixtureCase }: SuiteCase, status: CaseReport['status']): CaseReport {
  const { name, script, file, line, column } = fixtureCase;
  return {
    name,
    connection: connection.name,
    script,
    file,
    line,
    column,
    status,
    durationMs: 0,
    failures: [],
    calls: [],
  };
}
