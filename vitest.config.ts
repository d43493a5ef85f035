import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const deployed = ['test/stacks/**/*.test.ts', 'test/lambdas/**/*.test.ts'];

// Fast ones first: pure modules, then those that start servers and processes.
export default defineConfig({
  test: {
    // Most tests wait for processes of their own; a worker a core would leave the cores idle.
    maxWorkers: availableParallelism() + 1,
    // Modules that keep nothing between tests are loaded once a worker: loading them again for each file took most of the
    // time of the pure ones, and aws-cdk-lib takes seconds.
    projects: [
      { test: { name: 'pure', include: ['test/core/**/*.test.ts'], testTimeout: 60_000, isolate: false } },
      { test: { name: 'deployed', include: deployed, testTimeout: 60_000, hookTimeout: 180_000, isolate: false } },
      {
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: ['test/core/**', ...deployed],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
