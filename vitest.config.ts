import { defineConfig } from 'vitest/config';

// Fast ones first: pure modules, then those that start servers and processes.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'pure', include: ['test/core/**/*.test.ts'] } },
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
