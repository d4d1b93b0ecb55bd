import type { Finding, ReadinessCode } from './finding.ts';

/** What a check of one code came to. `unknown` is no finding: there was nothing to judge by, and `detail` says what. */
export type Verdict =
  | { status: 'passed'; detail?: string }
  | { status: 'unknown'; detail: string }
  | { status: 'failed'; findings: Omit<Finding, 'code'>[] };

/** A code whose check is shown when it passes, too. */
export interface CheckedCode extends ReadinessCode {
  /** What is right then, in a few words: the opposite of the title. */
  holds: string;
}

export const passed: Verdict = { status: 'passed' };

export const unknown = (detail: string): Verdict => ({ status: 'unknown', detail });

/** Passed where nothing was found. */
export function failedBy(findings: Omit<Finding, 'code'>[]): Verdict {
  return findings.length === 0 ? passed : { status: 'failed', findings };
}
