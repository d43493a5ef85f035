import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Fast ones first: pure modules, then those that start servers and processes.
export default defineConfig({
  test: {
    // Most tests wait for processes of their own; a worker a core would leave the cores idle.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { test: { name: 'pure', include: ['test/core/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: ['test/core/**'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
