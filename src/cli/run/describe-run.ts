import { styleText } from 'node:util';
import { maskTree } from '../../masking/mask-tree.ts';
import type { ExplainedRule } from '../../profile/explain-profile.ts';
import { printable } from '../printable.ts';
import type { ReportedCall, RunReport } from './run-report.ts';

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** NO_COLOR, FORCE_COLOR and whether it is a terminal are Node's to judge. */
export const paintFor =
  (stream: NodeJS.WritableStream): Paint =>
  (style, text) =>
    styleText(style, text, { stream: stream as NodeJS.WriteStream, validateStream: true });

export interface DescribeOptions {
  /** Each rule for profiles, those that were kept too. */
  verbose?: boolean | undefined;
}

/** A run for a person: what is missing, the outcome in one line, then what led to it. */
export function describeRun(given: RunReport, paint: Paint, options: DescribeOptions = {}): string {
  const report = maskTree(given, printable);
  const sections = [
    report.missing.map((advice) => `${paint('yellow', '!')} ${advice}`).join('\n'),
    outcome(report, paint),
    asked(report),
    failure(report, paint),
    list(
      'upstream calls',
      report.calls.map((call) => describeCall(call)),
    ),
    list('refused by the egress policy', report.blocked),
    list(
      'console',
      report.console.map(({ level, text }) => `${level.padEnd(5)} ${text}`),
    ),
    profile(report, paint, options),
    list(
      'warnings',
      report.warnings.map((warning) => describeWarning(warning)),
    ),
    timings(report),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function outcome({ ok, script, connection, result, error, timings }: RunReport, paint: Paint): string {
  const where = `${script} of ${connection} (${timings.total_ms} ms)`;
  if (!ok) return `${paint(['red', 'bold'], `✗ ${error?.code}`)}  ${where}`;
  return `${paint(['green', 'bold'], `✓ ${answer(result)}`)}  ${where}`;
}

function answer(result: unknown): string {
  const { found, user, verified, changed } = (result ?? {}) as Record<string, unknown>;
  if (found === false) return 'no such user';
  if (user) return `${found === true ? 'found' : 'answered'} user ${(user as { user_id?: unknown }).user_id}`;
  if (verified === true) return 'verified';
  if (changed !== undefined) return changed ? 'changed' : 'not changed';
  return 'done';
}

function asked({ input, scripts }: RunReport): string {
  const ran = scripts.length > 1 ? `\nscripts run: ${scripts.join(', ')}` : '';
  return `asked: ${JSON.stringify(input)}${ran}`;
}

function failure({ error }: RunReport, paint: Paint): string {
  if (!error) return '';
  const { message, stack, frame, script_code, log_code, issues, next_step } = error;
  return [
    // Of a script's words none begins a line, where it could be a command to whoever reads the output.
    indent(message),
    script_code === undefined ? '' : `script code: ${script_code}`,
    log_code === undefined ? '' : `log code: ${log_code}`,
    ...issues.slice(1).map((issue) => `also: ${issue.path} ${issue.code}: ${issue.message}`),
    ...stack.map((line) => `  ${line}`),
    frame ?? '',
    next_step === '' ? '' : `${paint('bold', 'next:')} ${next_step}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function profile({ profile, ok }: RunReport, paint: Paint, { verbose }: DescribeOptions): string {
  if (!profile) return '';
  const heading = `profile that ${profile.script} returned${ok ? '' : ' (refused or not passed on)'}:`;
  const applied = profile.rules.filter(({ status }) => status !== 'skipped');
  const kept = applied.filter(({ status }) => status === 'passed').length;
  const skipped = profile.rules.length - applied.length;
  const shown = verbose ? applied : applied.filter(({ status }) => status === 'failed');
  return [
    heading,
    indent(JSON.stringify(profile.value, null, 2)),
    `${kept} of ${applied.length} rules kept${shown.length > 0 ? ':' : verbose ? '' : ' (--verbose lists them)'}`,
    ...shown.map((rule) => describeRule(rule, paint)),
    ...(verbose && skipped > 0 ? [`  – ${skipped} rules do not apply: their fields are not there`] : []),
  ].join('\n');
}

function describeRule({ field, rule, status, code, reason }: ExplainedRule, paint: Paint): string {
  const subject = field === '' ? 'the profile' : field;
  if (status === 'passed') return `  ${paint('green', '✓')} ${subject} ${rule}`;
  return `  ${paint('red', '✗')} ${subject} ${rule} [${code}]\n      ${reason}`;
}

function describeCall(call: ReportedCall): string {
  if (call.kind === 'more') return 'further calls are not listed';
  const { started_ms, duration_ms, error, blocked, unfinished } = call;
  const what =
    call.kind === 'socket'
      ? `${call.place}  ${call.bytes_out} B out, ${call.bytes_in} B in`
      : `${call.method} ${call.url}  ${call.status ?? ''}`.trimEnd();
  const end = [
    error ?? '',
    blocked === undefined ? '' : `refused: ${blocked}`,
    unfinished ? 'still open at the end' : '',
  ].filter((text) => text !== '');
  return [what, ...end, `at ${started_ms} ms, for ${duration_ms} ms`].join('  ');
}

function describeWarning({ code, message, path, file, line }: RunReport['warnings'][number]): string {
  const place = path ?? (file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}`);
  return [place, `${code}: ${message}`].filter((part) => part !== '').join('  ');
}

function timings({
  timings: { total_ms, queue_ms, script_ms, upstream_ms, cpu_ms },
  cold,
}: RunReport): string {
  const parts = `queue ${queue_ms}, script ${script_ms}, upstream ${upstream_ms} of it, CPU ${cpu_ms}`;
  return `time in ms: total ${total_ms}, ${parts}${cold ? '; the isolate was cold' : ''}`;
}

function list(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${heading}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
