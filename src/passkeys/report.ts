import type { Finding, ReadinessCode, Severity } from './finding.ts';
import type { Ignored } from './ignored-codes.ts';
import type { Verdict } from './verdict.ts';

export const families = ['settings', 'source', 'behaviour'] as const;
export type Family = (typeof families)[number];

export type CheckStatus = 'passed' | 'failed' | 'unknown' | 'ignored';

export interface ReportedCheck {
  family: Family;
  /** Its code: the code of what it finds. */
  name: string;
  status: CheckStatus;
  /** What is right, why it is not known, or the reason why it is ignored. */
  detail?: string;
}

/** A finding with what is always true of its code. */
export interface ReportedFinding extends Finding {
  severity: Severity;
  title: string;
  why: string;
  fix: string;
  /** The reason; what is ignored does not count. */
  ignored?: string;
}

export interface ReadinessReport {
  connection: string;
  /** No error that is not ignored. */
  ready: boolean;
  findings: ReportedFinding[];
  checks: ReportedCheck[];
  /** What a person has to know beside it, such as a user whom a check has left in the store. */
  notes?: readonly string[];
  counts: { errors: number; warnings: number; ignored: number; passed: number; unknown: number };
}

export interface FamilyVerdicts {
  family: Family;
  codes: Readonly<Record<string, ReadinessCode & { holds?: string }>>;
  verdicts: Readonly<Partial<Record<string, Verdict>>>;
}

/** Puts the verdicts together, in the order of the tables of codes. */
export function buildReport(
  connection: string,
  parts: readonly FamilyVerdicts[],
  { reasons }: Pick<Ignored, 'reasons'>,
): ReadinessReport {
  const findings: ReportedFinding[] = [];
  const checks: ReportedCheck[] = [];
  for (const { family, codes, verdicts } of parts) {
    for (const [code, about] of Object.entries(codes)) {
      const verdict = verdicts[code];
      if (!verdict) continue;
      checks.push({ family, name: code, ...outcomeOf(verdict, about.holds, reasons.get(code)) });
      if (verdict.status === 'failed') {
        findings.push(
          ...verdict.findings.map((found) => reported({ code, ...found }, about, reasons.get(code))),
        );
      }
    }
  }
  const counted = findings.filter(({ ignored }) => ignored === undefined);
  const errors = counted.filter(({ severity }) => severity === 'error').length;
  const withStatus = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  return {
    connection,
    ready: errors === 0,
    findings,
    checks,
    counts: {
      errors,
      warnings: counted.length - errors,
      ignored: findings.length - counted.length,
      passed: withStatus('passed'),
      unknown: withStatus('unknown'),
    },
  };
}

function outcomeOf(
  verdict: Verdict,
  holds: string | undefined,
  reason: string | undefined,
): Pick<ReportedCheck, 'status' | 'detail'> {
  switch (verdict.status) {
    case 'passed': {
      const detail = verdict.detail ?? holds;
      return { status: 'passed', ...(detail === undefined ? {} : { detail }) };
    }
    case 'unknown':
      return { status: 'unknown', detail: verdict.detail };
    case 'failed':
      return reason === undefined ? { status: 'failed' } : { status: 'ignored', detail: reason };
    default:
      return verdict satisfies never;
  }
}

function reported(
  finding: Finding,
  { severity, title, why, fix }: ReadinessCode,
  reason: string | undefined,
): ReportedFinding {
  const { code, message, ...place } = finding;
  return {
    code,
    severity,
    title,
    message,
    why,
    fix,
    ...place,
    ...(reason === undefined ? {} : { ignored: reason }),
  };
}
