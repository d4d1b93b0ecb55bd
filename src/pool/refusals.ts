import type { Finished, Refusal } from './pool.ts';

const MAX_RETRY_AFTER_S = 60;

export const noOwnProcess: Refusal = {
  kind: 'overloaded',
  reason:
    'all processes for connections with isolation "process" are busy; DRAWBRIDGE_MAX_OWN_PROCESSES allows more',
  retryAfterS: 1,
};

export function overloaded(waitMs = 0): Refusal {
  const retryAfterS = Math.min(MAX_RETRY_AFTER_S, Math.max(1, Math.ceil(waitMs / 1_000)));
  return { kind: 'overloaded', retryAfterS };
}

export function notBegun(outcome: Refusal, queueMs = 0): Finished {
  return { outcome, timings: { queueMs, scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false } };
}
