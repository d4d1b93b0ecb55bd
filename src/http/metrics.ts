import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Pool } from '../pool/pool.ts';

/** One script that was run; the runner's `FinishedScript` fits. */
export interface FinishedExecution {
  script: string;
  outcome: string;
  code: string;
  durationMs: number;
  timings: { queueMs: number; scriptMs: number; upstreamMs: number; coldStart: boolean };
}

/** One call with a new version of its script beside it; `ShadowRun` fits. Milliseconds. */
export interface FinishedShadow {
  script: string;
  result: 'same' | 'different' | 'skipped';
  kind?: string;
  servedMs?: number;
  shadowMs?: number;
}

export interface Metrics {
  requestFinished(request: { method: string; route: string; status: number; seconds: number }): void;
  executionFinished(finished: FinishedExecution): void;
  loginRefused(refused: { limit: string }): void;
  shadowRun(run: FinishedShadow): void;
  /** Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

function addPoolGauges(registry: Registry, pool: Pick<Pool, 'stats'>): void {
  const gauge = (name: string, help: string, read: (stats: ReturnType<Pool['stats']>) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(pool.stats()));
      },
    });
  gauge('drawbridge_sandbox_processes', 'Sandbox processes that are up', (stats) => stats.processes);
  gauge('drawbridge_executions_under_way', 'Executions in a sandbox process', (stats) => stats.underWay);
  gauge(
    'drawbridge_executions_waiting',
    'Executions waiting for a sandbox process',
    (stats) => stats.waiting,
  );
  gauge(
    'drawbridge_sandbox_processes_apart',
    'Of these, the ones of single connections and of connections under suspicion',
    (stats) => stats.apart,
  );
  gauge(
    'drawbridge_connections_quarantined',
    'Connections set aside because their scripts keep ending sandbox processes',
    (stats) => stats.quarantined,
  );
  gauge(
    'drawbridge_sandbox_restarts',
    'Sandbox processes that died or were replaced since the start',
    (stats) => stats.restarts,
  );
}

function countShadowRuns(registers: Registry[]): Metrics['shadowRun'] {
  const runs = new Counter({
    name: 'drawbridge_shadow_runs_total',
    help: 'Calls with a new version of the script beside the served one, by what the comparison said',
    labelNames: ['script', 'result'],
    registers,
  });
  const differences = new Counter({
    name: 'drawbridge_shadow_differences_total',
    help: 'Of these, the ones that were answered differently, by what differs',
    labelNames: ['script', 'kind'],
    registers,
  });
  const durations = new Histogram({
    name: 'drawbridge_shadow_duration_seconds',
    help: 'Time of the calls that were compared, by version: served, shadow',
    labelNames: ['script', 'version'],
    buckets: seconds,
    registers,
  });
  return ({ script, result, kind, servedMs, shadowMs }) => {
    runs.inc({ script, result });
    if (kind !== undefined) differences.inc({ script, kind });
    if (servedMs !== undefined) durations.observe({ script, version: 'served' }, servedMs / 1000);
    if (shadowMs !== undefined) durations.observe({ script, version: 'shadow' }, shadowMs / 1000);
  };
}

/**
 * Labels have few values and hold nothing of a tenant's, connection names included: that is why /metrics can do
 * without a key.
 */
export function createMetrics({ pool }: { pool: Pick<Pool, 'stats'> }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addPoolGauges(registry, pool);
  const registers = [registry];
  const requests = new Counter({
    name: 'drawbridge_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'drawbridge_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['route'],
    buckets: seconds,
    registers,
  });
  const executions = new Counter({
    name: 'drawbridge_executions_total',
    help: 'Scripts run, by how they ended (outcome) and what the caller got (code, ok when it went well)',
    labelNames: ['script', 'outcome', 'code'],
    registers,
  });
  const coldStarts = new Counter({
    name: 'drawbridge_cold_starts_total',
    help: 'Executions that had to wait for their connection to be loaded',
    labelNames: ['script'],
    registers,
  });
  const phaseSeconds = new Histogram({
    name: 'drawbridge_execution_duration_seconds',
    help: 'Time of executions by phase: total, queue, script, and upstream within script',
    labelNames: ['script', 'phase'],
    buckets: seconds,
    registers,
  });

  const refusedLogins = new Counter({
    name: 'drawbridge_logins_refused_total',
    help: 'Logins refused because too many had failed before, by the limit that refused',
    labelNames: ['limit'],
    registers,
  });

  const shadowRun = countShadowRuns(registers);

  return {
    shadowRun,
    requestFinished({ method, route, status, seconds: duration }) {
      requests.inc({ method, route, status });
      requestSeconds.observe({ route }, duration);
    },
    executionFinished({ script, outcome, code, durationMs, timings }) {
      executions.inc({ script, outcome, code });
      if (timings.coldStart) coldStarts.inc({ script });
      phaseSeconds.observe({ script, phase: 'total' }, durationMs / 1000);
      phaseSeconds.observe({ script, phase: 'queue' }, timings.queueMs / 1000);
      phaseSeconds.observe({ script, phase: 'script' }, timings.scriptMs / 1000);
      phaseSeconds.observe({ script, phase: 'upstream' }, timings.upstreamMs / 1000);
    },
    loginRefused: ({ limit }) => refusedLogins.inc({ limit }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
