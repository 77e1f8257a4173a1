import { defineConfig } from 'vitest/config';

const results = process.env.GUARDSWEEP_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});
