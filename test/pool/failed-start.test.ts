import { expect, it, vi } from 'vitest';
import { spawnSandbox } from '../../src/pool/spawn-sandbox.ts';
import { createTestPool, resultOf } from '../sandbox/sandbox-pool.ts';

vi.mock('../../src/pool/spawn-sandbox.ts', { spy: true });

it('tries again when a process cannot be started', async () => {
  const outOfDescriptors = () => {
    throw new Error('Too many open files');
  };
  vi.mocked(spawnSandbox).mockImplementationOnce(outOfDescriptors).mockImplementationOnce(outOfDescriptors);
  const pool = await createTestPool();
  try {
    expect(pool.ready()).toBe(false);
    const source = 'function getUser(id, context, callback) { callback(null, id); }';
    expect(await resultOf(pool, source, { args: ['jane', {}] })).toBe('jane');
  } finally {
    await pool.close();
  }
});
