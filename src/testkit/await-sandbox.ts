import type { ConnectionDefinition } from '../../sandbox/contract/definition.ts';
import type { Pool } from '../pool/pool.ts';

const STARTS_WITHIN_MS = 30_000;

const nothing: ConnectionDefinition = {
  name: 'start',
  version: '1',
  isolation: 'connection',
  configuration: {},
  scripts: [
    {
      action: 'delete',
      file: 'start/delete.js',
      source: 'function remove(callback) { callback(null); }',
      entry: { form: 'declared', name: 'remove' },
      requires: [],
    },
  ],
};

/** Resolves when scripts run, so that the start of the process does not count against a test's own limits. */
export async function awaitSandbox(pool: Pool): Promise<void> {
  const { outcome } = await pool.execute({
    execution: 'exec_start',
    tenant: 'test',
    definition: nothing,
    action: 'delete',
    args: [],
    wallMs: STARTS_WITHIN_MS,
    repeatable: true,
    onEvent() {},
  });
  pool.retire(nothing.name, nothing.version);
  if (outcome.kind !== 'returned') throw new Error(`The sandbox process does not start (${outcome.kind})`);
}
