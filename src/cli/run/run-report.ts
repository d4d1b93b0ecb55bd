import type { Exchange } from '../../../sandbox/contract/exchange.ts';
import type { Warning } from '../../connections/connection.ts';
import type { ErrorCode, Issue } from '../../errors.ts';
import type { Mask } from '../../masking/mask-secrets.ts';
import { maskTree } from '../../masking/mask-tree.ts';
import { maskIssue } from '../../masking/own-names.ts';
import type { ExplainedRule } from '../../profile/explain-profile.ts';
import type { ConsoleLine, RunFailure } from '../../testkit/run-result.ts';
import { codeFrame } from './code-frame.ts';
import type { ScriptRun } from './execute-script.ts';
import { missingVariables } from './missing-variables.ts';
import { nextStep } from './next-step.ts';

export interface ReportedCall {
  kind: 'http' | 'socket' | 'more';
  method?: string;
  url?: string;
  place?: string;
  status?: number;
  error?: string;
  blocked?: string;
  started_ms?: number;
  duration_ms?: number;
  bytes_in?: number;
  bytes_out?: number;
  unfinished?: boolean;
}

/**
 * A run as `--json` prints it, and as the text is made of it. Configuration values and passwords are masked in what the
 * caller, the script and the upstreams say; codes, names of fields and sentences of our own are never masked.
 */
export interface RunReport {
  ok: boolean;
  connection: string;
  script: string;
  /** Variables that the configuration waits for, each with what to do. */
  missing: string[];
  /** The scripts that were run: a signup is several. */
  scripts: string[];
  input: unknown;
  result?: unknown;
  error?: {
    code: ErrorCode;
    message: string;
    issues: readonly Issue[];
    stack: readonly string[];
    frame?: string;
    script_code?: string;
    log_code?: string;
    next_step: string;
  };
  profile?: { script: string; value: unknown; rules: ExplainedRule[] };
  console: ConsoleLine[];
  calls: ReportedCall[];
  blocked: string[];
  warnings: { code: string; message: string; path?: string; file?: string; line?: number }[];
  timings: { total_ms: number; queue_ms: number; script_ms: number; upstream_ms: number; cpu_ms: number };
  cold: boolean;
}

export function reportRun(run: ScriptRun): RunReport {
  const { connection, script, scripts, result, returned, mask, timings } = run;
  return {
    ok: result.ok,
    connection: connection.name,
    script,
    missing: missingVariables(connection).map(({ advice }) => advice),
    scripts,
    input: maskInput(run.input, mask),
    ...(result.ok ? { result: maskTree(result.result, mask) } : { error: errorOf(result, run) }),
    ...(returned
      ? {
          profile: {
            script: returned.script,
            value: withoutPasswords(maskTree(returned.value, mask)),
            rules: returned.explanation.rules.map((rule) => maskRule(rule, mask)),
          },
        }
      : {}),
    // The runner has masked both.
    console: run.console,
    blocked: run.blocked,
    calls: run.exchanges.map((exchange) => callOf(exchange, mask)),
    warnings: [
      ...(result.ok ? result.warnings : (returned?.explanation.warnings ?? [])).map((warning) =>
        maskIssue(warning, mask),
      ),
      ...warningsOf(run),
    ],
    timings: {
      total_ms: tenths(run.totalMs),
      queue_ms: tenths(timings?.queueMs),
      script_ms: tenths(timings?.scriptMs),
      upstream_ms: tenths(timings?.upstreamMs),
      cpu_ms: tenths(timings?.cpuMs),
    },
    cold: timings?.coldStart ?? false,
  };
}

/** The runner has masked what a failure says. */
function errorOf(result: RunFailure, run: ScriptRun): NonNullable<RunReport['error']> {
  const frame = codeFrame(result.stack, run.connection);
  return {
    code: result.code,
    message: result.message,
    issues: result.issues,
    stack: result.stack,
    ...(frame === undefined ? {} : { frame: run.mask(frame) }),
    ...(result.scriptCode === undefined ? {} : { script_code: result.scriptCode }),
    ...(result.logCode === undefined ? {} : { log_code: result.logCode }),
    next_step: nextStep(result.code, run),
  };
}

/** `method` and `identifier_type` are words of the contract, which may be somebody's password. */
function maskInput(input: Record<string, unknown>, mask: Mask): unknown {
  const masked = withoutPasswords(maskTree(input, mask)) as Record<string, unknown>;
  for (const field of ['method', 'identifier_type']) if (field in input) masked[field] = input[field];
  return masked;
}

function maskRule(rule: ExplainedRule, mask: Mask): ExplainedRule {
  const { path, message } = maskIssue({ path: rule.field, message: rule.reason ?? '', code: '' }, mask);
  return { ...rule, field: path, ...(rule.reason === undefined ? {} : { reason: message }) };
}

/** Whatever is named so; scripts that give the whole row give its hash as well, which the service takes out. */
function withoutPasswords(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutPasswords);
  const fields = Object.entries(value).map(([key, inner]) => [
    key,
    /passw(?:or)?d/i.test(key) ? '[password]' : withoutPasswords(inner),
  ]);
  return Object.fromEntries(fields);
}

/** What `missing` says of a variable is not said again. */
function warningsOf({ connection, scripts, script }: ScriptRun): Warning[] {
  const missing = missingVariables(connection).map(({ marker }) => marker);
  const ran = script === 'signup' ? scripts : [script];
  const ofScripts = [...new Set(ran)].flatMap((action) => connection.scripts[action]?.warnings ?? []);
  return [...connection.warnings, ...ofScripts].filter(
    ({ code, message }) =>
      code !== 'unknown_keyword' || !missing.some((marker) => message.startsWith(marker)),
  );
}

function callOf(exchange: Exchange, mask: Mask): ReportedCall {
  if (exchange.kind === 'more') return { kind: 'more' };
  const { startedMs, durationMs, error, blocked, unfinished } = exchange;
  const ofAll = {
    started_ms: startedMs,
    duration_ms: durationMs,
    ...(error ? { error: error.code ?? mask(error.message) } : {}),
    ...(blocked === undefined ? {} : { blocked: mask(blocked) }),
    ...(unfinished ? { unfinished } : {}),
  };
  if (exchange.kind === 'socket') {
    const { tls, host, port, bytesIn, bytesOut } = exchange;
    const place = `${tls ? 'tls' : 'tcp'} ${mask(`${host}:${port}`)}`;
    return { kind: 'socket', place, bytes_in: bytesIn, bytes_out: bytesOut, ...ofAll };
  }
  const { method, url, response } = exchange;
  return { kind: 'http', method, url: mask(url), ...(response ? { status: response.status } : {}), ...ofAll };
}

function tenths(ms = 0): number {
  return Math.round(ms * 10) / 10;
}
