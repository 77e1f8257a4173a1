import { readFileSync } from 'node:fs';
import type { Seed } from './emulator.js';
import { orgToken } from './tokens.js';

export const ALICE = orgToken('people alice');
export const ALICE_2 = orgToken('people alice 2');
export const LAPTOP = orgToken('people alice-laptop');
export const BOB = orgToken('people bob');
export const LONG_AGO = '2020-01-01T00:00:00Z';

/** An organization of three, of whom one has two tokens. */
export const SEED: (Seed & { created_at?: string })[] = [
  { token: ALICE, user_identifier: 'alice', status: 'active', created_at: LONG_AGO },
  { token: ALICE_2, user_identifier: 'alice', status: 'active', created_at: LONG_AGO },
  { token: LAPTOP, user_identifier: 'alice-laptop', status: 'active', created_at: LONG_AGO },
  { token: BOB, user_identifier: 'bob', status: 'active', created_at: LONG_AGO },
];

/** The first token that stands in a file. */
export function tokenIn(file: string): string {
  return /tg_org_[A-Za-z0-9_-]+/.exec(readFileSync(file, 'utf8'))![0];
}
