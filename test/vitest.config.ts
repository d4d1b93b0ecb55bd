import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.join(import.meta.dirname, '..'),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/build-guest-once.ts',
    // Sandbox processes are started by the dozen on few cores; nothing waits for a clock but what is about one.
    // Three files at once, though vitest would take one on two cores: they wait for processes more than they compute.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
