import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.join(import.meta.dirname, '..'),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/build-guest-once.ts',
    // Sandbox processes are started by the dozen on few cores; nothing waits for a clock but what is about one.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
