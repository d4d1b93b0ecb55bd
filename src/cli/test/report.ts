import type { CaseFailure } from '../../fixtures/case-failure.ts';
import type { ScriptName } from '../../fixtures/fixture-schema.ts';
import type { Mistake } from '../../fixtures/mistake.ts';
import type { CallRecord } from '../../fixtures/mock-exchange.ts';

/** What became of one case. */
export interface CaseReport {
  name: string;
  connection: string;
  script: ScriptName;
  /** Relative to where the command was started. */
  file: string;
  line: number;
  column: number;
  /** `not_run`: after a failing case, with --bail. */
  status: 'passed' | 'failed' | 'skipped' | 'not_run';
  /** Why it was skipped. */
  reason?: string;
  durationMs: number;
  failures: CaseFailure[];
  calls: readonly CallRecord[];
}

/** What became of all of them. */
export interface SuiteReport {
  ok: boolean;
  files: number;
  passed: number;
  failed: number;
  skipped: number;
  notRun: number;
  durationMs: number;
  /** In the order of the files and of the cases in them. */
  cases: CaseReport[];
}

/** Tells somebody, or some program, of a run. A fresh one for each run. */
export interface Reporter {
  /** Cases as they end, in the order of the suite. */
  caseDone?(report: CaseReport, done: number, total: number): void;
  end(report: SuiteReport): void | Promise<void>;
  /** Nothing was run, as the files cannot be used. */
  mistakes(mistakes: readonly Mistake[]): void;
}

/** Where a reporter writes. */
export type Write = (text: string) => void;

export function summed(cases: CaseReport[], durationMs: number): SuiteReport {
  const count = (status: CaseReport['status']) => cases.filter((each) => each.status === status).length;
  const failed = count('failed');
  return {
    ok: failed === 0,
    files: new Set(cases.map(({ file }) => file)).size,
    passed: count('passed'),
    failed,
    skipped: count('skipped'),
    notRun: count('not_run'),
    durationMs: Math.round(durationMs),
    cases,
  };
}
