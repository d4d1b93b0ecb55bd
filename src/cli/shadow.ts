import { styleText } from 'node:util';
import { type Command, InvalidArgumentError } from 'commander';
import type { DifferenceCount, ScriptReport } from '../shadow/shadow-report.ts';
import { ShadowReport } from '../shadow/shadow-report.ts';
import { callService, defaultUrl, type ServiceFlags, urlHelp } from './call-service.ts';

const examples = `
A connection with options.shadow has the new version of its get_user (and login, where it says so) run beside the one
that is served, on live calls; callers get the served one's answers. See docs/shadow-runs.md.

Examples:
  $ npx drawbridge shadow report acme
  $ npx drawbridge shadow report acme --url https://bridge.internal:3000 --json
  $ npx drawbridge shadow report acme --expect 1000     fails before 1000 calls were compared, or if any differs
`;

interface ReportFlags extends ServiceFlags {
  json?: boolean;
  expect?: number;
}

export function register(program: Command): void {
  const shadow = program
    .command('shadow')
    .description('what a new version of the scripts answers otherwise, on live calls')
    .addHelpText('after', examples);
  shadow
    .command('report')
    .description('the differences of one connection since these versions are served')
    .argument('<connection>', 'name of the connection')
    .option('--url <url>', urlHelp, defaultUrl)
    .option('--expect <calls>', 'exit with 1 unless so many calls were compared and none differs', parseCalls)
    .option('--json', 'print the report as JSON')
    .addHelpText('after', examples)
    .action(async (connection: string, flags: ReportFlags) => {
      const report = await shadowReport(connection, flags);
      process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : describeReport(report, flags));
      if (flags.expect !== undefined && !isAsExpected(report, flags.expect)) process.exitCode = 1;
    });
}

/** How many calls `--expect` wants. */
export function parseCalls(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a number, 1 or more.');
  return Number(text);
}

/** Throws CallServiceError. */
export function shadowReport(connection: string, flags: ServiceFlags): Promise<ShadowReport> {
  return callService(`v1/connections/${encodeURIComponent(connection)}/shadow`, ShadowReport, flags);
}

/** Whether every script can be run, was compared often enough, and never differed. */
export function isAsExpected({ problems, scripts }: ShadowReport, calls: number): boolean {
  const reports = Object.values(scripts);
  if (problems.length > 0 || reports.length === 0) return false;
  return reports.every(({ compared, different }) => compared >= calls && different === 0);
}

/** Flags that a command needs again when it is to be pasted. */
export function urlFlag({ url }: ServiceFlags): string {
  return url === defaultUrl ? '' : ` --url ${url}`;
}

const meaning: Record<DifferenceCount['kind'], string> = {
  found: 'one version found the user, the other did not',
  outcome: 'one version answered and the other failed, or they failed differently',
  user_id: 'they found different users: passkeys would be lost',
  profile: 'fields of the profile differ',
};

function describeReport(report: ShadowReport, flags: ServiceFlags): string {
  const { connection, dir, since, problems, scripts } = report;
  const lines = [`${connection}: ${dir} beside the served version, since ${since}`, ''];
  for (const { file, line, message } of problems) {
    const place = line === undefined ? file : `${file}:${line}`;
    lines.push(`${styleText('red', '✗')} ${place} cannot be run: ${message}`, '');
  }
  for (const [script, each] of Object.entries(scripts)) lines.push(...describeScript(script, each), '');
  lines.push(`Next: ${nextStep(report, flags)}`);
  return `${lines.join('\n')}\n`;
}

function nextStep(report: ShadowReport, flags: ServiceFlags): string {
  const compared = Object.values(report.scripts).some((each) => each.compared > 0);
  if (report.problems.length > 0) return 'mend the new version and save it; the comparison begins anew.';
  if (!compared) return `wait for calls of ${report.connection}: none was compared as yet.`;
  return isAsExpected(report, 1)
    ? `npx drawbridge promote ${report.connection}${urlFlag(flags)} puts the new version in the place of the served one.`
    : 'look for the executions above in the log, change the new version and save it; the comparison begins anew.';
}

function describeScript(script: string, { compared, different, skipped, differences, timing }: ScriptReport) {
  const share = compared === 0 ? '' : ` (${((different / compared) * 100).toFixed(1)} %)`;
  const mark = compared === 0 ? '?' : different === 0 ? styleText('green', '✓') : styleText('red', '✗');
  const lines = [
    `${mark} ${script}: ${compared} compared, ${different} different${share}, ${skipped} skipped`,
  ];
  if (timing) {
    const { served, shadow } = timing;
    lines.push(`    p50 ${served.p50} ms -> ${shadow.p50} ms, p95 ${served.p95} ms -> ${shadow.p95} ms`);
  }
  for (const { kind, count, examples } of differences) {
    lines.push(`  ${count} × ${kind}: ${meaning[kind]}`);
    for (const { execution, at, by, served, shadow, fields } of examples) {
      lines.push(
        `      ${at} ${execution}, by ${by}: ${served === shadow ? served : `${served} -> ${shadow}`}`,
      );
      for (const field of fields) lines.push(`        ${field.path}: ${field.served} -> ${field.shadow}`);
    }
  }
  return lines;
}
