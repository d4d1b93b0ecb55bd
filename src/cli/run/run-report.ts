import type { Exchange } from '../../../sandbox/contract/exchange.ts';
import type { Connection, Warning } from '../../connections/connection.ts';
import type { ErrorCode, Issue } from '../../errors.ts';
import { maskTree } from '../../masking/mask-tree.ts';
import type { ExplainedRule } from '../../profile/explain-profile.ts';
import type { ConsoleLine, RunFailure } from '../../testkit/run-result.ts';
import { codeFrame } from './code-frame.ts';
import type { ScriptRun } from './execute-script.ts';
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

/** A run as `--json` prints it, and as the text is made of it. Configuration values and passwords are masked. */
export interface RunReport {
  ok: boolean;
  connection: string;
  script: string;
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
  const report: RunReport = {
    ok: result.ok,
    connection: connection.name,
    script,
    scripts,
    input: withoutPasswords(run.input),
    ...(result.ok ? { result: result.result } : { error: errorOf(result, connection) }),
    ...(returned
      ? {
          profile: {
            script: returned.script,
            value: withoutPasswords(returned.value),
            rules: returned.explanation.rules,
          },
        }
      : {}),
    console: run.console,
    calls: run.exchanges.map(callOf),
    blocked: run.blocked,
    warnings: [...(result.ok ? result.warnings : (returned?.explanation.warnings ?? [])), ...warningsOf(run)],
    timings: {
      total_ms: tenths(run.totalMs),
      queue_ms: tenths(timings?.queueMs),
      script_ms: tenths(timings?.scriptMs),
      upstream_ms: tenths(timings?.upstreamMs),
      cpu_ms: tenths(timings?.cpuMs),
    },
    cold: timings?.coldStart ?? false,
  };
  return maskTree(report, mask);
}

function errorOf(result: RunFailure, connection: Connection): NonNullable<RunReport['error']> {
  const frame = codeFrame(result.stack, connection);
  return {
    code: result.code,
    message: result.message,
    issues: result.issues,
    stack: result.stack,
    ...(frame === undefined ? {} : { frame }),
    ...(result.scriptCode === undefined ? {} : { script_code: result.scriptCode }),
    ...(result.logCode === undefined ? {} : { log_code: result.logCode }),
    next_step: nextStep(result.code),
  };
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

function warningsOf({ connection, scripts, script }: ScriptRun): Warning[] {
  const ran = script === 'signup' ? scripts : [script];
  const ofScripts = [...new Set(ran)].flatMap((action) => connection.scripts[action]?.warnings ?? []);
  return [...connection.warnings, ...ofScripts];
}

function callOf(exchange: Exchange): ReportedCall {
  if (exchange.kind === 'more') return { kind: 'more' };
  const { startedMs, durationMs, error, blocked, unfinished } = exchange;
  const ofAll = {
    started_ms: startedMs,
    duration_ms: durationMs,
    ...(error ? { error: error.code ?? error.message } : {}),
    ...(blocked === undefined ? {} : { blocked }),
    ...(unfinished ? { unfinished } : {}),
  };
  if (exchange.kind === 'socket') {
    const { tls, host, port, bytesIn, bytesOut } = exchange;
    const place = `${tls ? 'tls' : 'tcp'} ${host}:${port}`;
    return { kind: 'socket', place, bytes_in: bytesIn, bytes_out: bytesOut, ...ofAll };
  }
  const { method, url, response } = exchange;
  return { kind: 'http', method, url, ...(response ? { status: response.status } : {}), ...ofAll };
}

function tenths(ms = 0): number {
  return Math.round(ms * 10) / 10;
}
