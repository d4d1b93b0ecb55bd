import type { OperationScope } from '../../../sandbox/host/operations.ts';

/** A scope that hears nothing and is never ended, but for what is given. */
export function scopeWith(given: Partial<OperationScope> = {}): OperationScope {
  return {
    execution: () => 'exec_1',
    signal: new AbortController().signal,
    emit: () => {},
    onMessage: () => {},
    keep: () => {},
    spendBytes: () => true,
    recorder: () => undefined,
    log: () => {},
    upstreamStarted: () => () => {},
    chargeCpu: () => {},
    ...given,
  };
}
