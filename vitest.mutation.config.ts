import { defineConfig } from 'vitest/config';

/** The tests that mutants of policy, mapping, plans, journal, redaction and transport have to get past: quick ones. */
export default defineConfig({
  test: {
    include: [
      'test/remediation/**/*.test.ts',
      'test/triage/**/*.test.ts',
      'test/audit/{journal,lock,unfinished,issued,write-faults}.test.ts',
      'test/findings/redact.test.ts',
      'test/model/**/*.test.ts',
      'test/takumi/{client,connection,credential,dispatchers,endpoint,exchange,exchange-failures,failures,json-text,more-pages,content-encoding,quote,retry,transport,wire}.test.ts',
    ],
    // One test reads the text of the source, which is not the same once it is instrumented.
    testNamePattern: /^(?!undici is loaded)/,
    testTimeout: 20_000,
    // Thousands of mutants: what a few hundred worlds don't notice, a test of its own has to. The same worlds each time,
    // so that no mutant is killed by chance.
    env: { GUARDSWEEP_PLANS: '300', GUARDSWEEP_SCHEDULES: '100', GUARDSWEEP_SEED: '1' },
  },
});
