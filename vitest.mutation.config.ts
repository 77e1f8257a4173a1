import { defineConfig } from 'vitest/config';

/** The tests that mutants of policy, mapping, plans, journal and redaction have to get past: quick ones, in one process. */
export default defineConfig({
  test: {
    include: [
      'test/remediation/**/*.test.ts',
      'test/triage/**/*.test.ts',
      'test/audit/{journal,unfinished}.test.ts',
      'test/findings/redact.test.ts',
    ],
    testTimeout: 20_000,
  },
});
