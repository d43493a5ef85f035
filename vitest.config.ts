import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Fast ones first: pure modules, then those that start servers and processes.
    projects: [
      { extends: true, test: { name: 'pure', include: ['test/core/**/*.test.ts'] } },
      { extends: true, test: { name: 'real', include: ['test/**/*.test.ts'], exclude: ['test/core/**'], testTimeout: 60_000, hookTimeout: 120_000 } },
    ],
  },
});
