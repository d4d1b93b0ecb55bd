import { styleText } from 'node:util';
import { behaviourCodes } from '../../passkeys/behaviour/behaviour-codes.ts';
import {
  type Family,
  families,
  type ReadinessReport,
  type ReportedCheck,
  type ReportedFinding,
} from '../../passkeys/report.ts';
import { settingsCodes } from '../../passkeys/settings/settings-codes.ts';
import type { CheckedCode } from '../../passkeys/verdict.ts';

const titles: Record<Family, string> = {
  settings: 'Settings',
  source: 'Source of the scripts',
  behaviour: 'Behaviour of the scripts',
};

const checked: Readonly<Record<string, CheckedCode | undefined>> = { ...settingsCodes, ...behaviourCodes };

type Style = Parameters<typeof styleText>[0];

/** In colour where standard output shows it: not in a pipe, nor with NO_COLOR. */
const styled = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });

/** A report for people. */
export function readinessText(report: ReadinessReport): string {
  const verdict = report.ready ? styled('green', 'ready') : styled('red', 'not ready');
  const lines = [`${styled('bold', report.connection)}: ${verdict} (${counted(report)})`];
  for (const family of families) {
    const checks = report.checks.filter((check) => check.family === family);
    if (checks.length === 0) continue;
    lines.push('', `  ${titles[family]}`);
    for (const check of checks.filter(({ status }) => status === 'failed' || status === 'ignored')) {
      lines.push(...findingLines(report.findings.filter(({ code }) => code === check.name)));
    }
    lines.push(...unknownLines(checks), ...passedLines(checks, family));
  }
  if (report.notes) lines.push('', ...report.notes.map((note) => `  ${styled('yellow', 'note')}: ${note}`));
  return `${lines.join('\n')}\n`;
}

/** One line for several connections together. */
export function readinessSummary(reports: readonly ReadinessReport[]): string {
  const ready = reports.filter((report) => report.ready).length;
  const notReady = reports.length - ready;
  const verdict = [
    ...(ready > 0 ? [styled('green', `${ready} ready`)] : []),
    ...(notReady > 0 ? [styled('red', `${notReady} not ready`)] : []),
  ];
  return `${reports.length} connections: ${verdict.join(', ')}\n`;
}

function counted({ counts }: ReadinessReport): string {
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  return [
    plural(counts.errors, 'error'),
    plural(counts.warnings, 'warning'),
    ...(counts.ignored > 0 ? [`${counts.ignored} ignored`] : []),
    ...(counts.unknown > 0 ? [`${counts.unknown} unknown`] : []),
  ].join(', ');
}

function passedLines(checks: readonly ReportedCheck[], family: Family): string[] {
  const passed = checks.filter(({ status }) => status === 'passed');
  const mark = styled('green', '✓');
  // The rules of the source are named after what breaks them.
  if (family !== 'source') return passed.map(({ name, detail }) => `    ${mark} ${detail ?? name}`);
  return passed.length === 0 ? [] : [`    ${mark} ${passed.length} of ${checks.length} rules are kept`];
}

/** Those of one reason together: a directory without a tenant's files would fill the page. */
function unknownLines(checks: readonly ReportedCheck[]): string[] {
  const byReason = Map.groupBy(
    checks.filter(({ status }) => status === 'unknown'),
    ({ detail }) => detail ?? '',
  );
  const mark = styled('yellow', '?');
  return [...byReason].map(([reason, those]) => {
    if (those.length > 3) return `    ${mark} ${reason}`;
    return `    ${mark} ${those.map(({ name }) => checked[name]?.holds ?? name).join('; ')}: ${reason}`;
  });
}

/** Of one code, which says once what it means and what to change, whatever the number of places. */
function findingLines(findings: readonly ReportedFinding[]): string[] {
  const [first] = findings;
  if (!first) return [];
  const { code, severity, title, why, fix, ignored } = first;
  if (ignored !== undefined) return [styled('dim', `    - ${title} [${code}]: ignored: ${ignored}`)];
  const mark = severity === 'error' ? styled('red', '✗') : styled('yellow', '!');
  return [
    `    ${mark} ${title} ${styled('dim', `[${code}]`)}`,
    ...findings.map(placedMessage),
    `      why: ${why}`,
    `      fix: ${fix}`,
  ];
}

function placedMessage({ file, line, path, message }: ReportedFinding): string {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  const where = [place, path].filter((part) => part).join(' ');
  return `      ${where ? `${where}: ` : ''}${message}`;
}
