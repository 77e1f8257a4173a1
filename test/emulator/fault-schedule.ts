import type { Endpoint, FaultRule } from '../../src/emulator/faults.js';

/** Numbers from a seed, 0 up to but not including 1: the same seed, the same numbers (Marsaglia's xorshift, 32 bits). */
export function numbersFrom(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
}

const ENDPOINTS: readonly Endpoint[] = ['issue', 'list', 'probe', 'revoke'];

/** A service in trouble, made from a seed. No rule lies about a token: every answer is true, late, broken or missing. */
export function faultSchedule(seed: number, rules = 12): FaultRule[] {
  const next = numbersFrom(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const one = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const kinds: readonly (() => FaultRule)[] = [
    () => ({ status: 429 }),
    () => ({ status: 429, retry_after: 1 + below(40) }),
    () => ({ status: 429, retry_after: `+${1 + below(40)}` }),
    () => ({ status: one([500, 502, 503, 504]) }),
    () => ({ status: 503, retry_after: below(20) }),
    () => ({ status: 500, when: 'after' }),
    () => ({ reset: true }),
    () => ({ reset: true, when: 'after' }),
    () => ({ truncate: true, when: one(['before', 'after']) }),
    () => ({ html: true, when: one(['before', 'after']) }),
    () => ({
      body: one<unknown>([[1], 'no json', { error: { code: 'x' } }, 5]),
      when: one(['before', 'after']),
    }),
    () => ({ redirect: 'https://attacker.example/' }),
    () => ({ endpoint: 'list', meanwhile: { issue: `late-${below(5)}` } }),
    () => ({ delay_ms: below(100) === 0 ? 2_500 : below(5) }),
  ];
  return Array.from({ length: rules }, () => {
    const rule = one(kinds)();
    const start = 1 + below(6);
    return {
      endpoint: one(ENDPOINTS),
      nth: Array.from({ length: 1 + below(3) }, (_, at) => start + at),
      ...rule,
    };
  });
}
