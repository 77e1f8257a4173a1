import { expect, test } from 'vitest';
import { DIALECTS, PAGINGS } from '../../src/emulator/dialect.js';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.js';
import type { StoredToken } from '../../src/emulator/token-store.js';
import type { TakumiClient } from '../../src/takumi/client.js';
import { TakumiError } from '../../src/takumi/errors.js';
import { faultSchedule, numbersFrom } from '../emulator/fault-schedule.js';
import { approved, connect, secret, virtualTime } from './connect.js';

const SCHEDULES = Number(process.env.GUARDSWEEP_SCHEDULES ?? 300);
const FIRST = Number(process.env.GUARDSWEEP_FIRST_SCHEDULE ?? 1);
const YEAR = 365 * 86_400_000;

/** What all schedules together came to, so that a harness that never gets anywhere can't pass. */
const reached = { listed: 0, probed: 0, accepted: 0, unknown: 0, waited: 0 };

test(`${SCHEDULES} schedules of faults: nothing claimed that is not so`, {
  timeout: SCHEDULES * 1000,
}, async () => {
  for (let seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
    try {
      await run(seed);
    } catch (error) {
      throw new Error(`schedule ${seed}: GUARDSWEEP_FIRST_SCHEDULE=${seed} GUARDSWEEP_SCHEDULES=1`, {
        cause: error,
      });
    }
  }
  process.stdout.write(`${SCHEDULES} schedules from ${FIRST} on: ${JSON.stringify(reached)}\n`);
  if (SCHEDULES >= 100)
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(SCHEDULES / 10);
});

async function run(seed: number): Promise<void> {
  const next = numbersFrom(seed ^ 0x55aa);
  const timing = virtualTime();
  const start = Date.UTC(2026, 10, 23);
  const skew = [-YEAR, 0, YEAR][Math.floor(next() * 3)]!;
  const emulator = await startEmulator({
    dialect: DIALECTS[seed % 3]!,
    paging: PAGINGS[Math.floor(seed / 3) % 3]!,
    pageSize: 2,
    faults: faultSchedule(seed),
    now: () => start + skew + timing.monotonic(),
  });
  const client = connect(emulator, {
    timing: { ...timing, random: next, wall: () => start + timing.monotonic() },
    // Real time: short enough to time out on the slowest answers, too long for a busy machine to time out on others,
    // since a Retry-After that arrives after we stopped listening cannot be obeyed.
    limits: { attempt: 2_000 },
  });
  try {
    const tokens = ['alice', 'alice-laptop', 'bob', 'carol', 'dave'].map((user) => emulator.issue(user));
    tokens.push(emulator.issue('alice', emulator.otherBot.orgId));
    await checkList(client, emulator);
    for (const token of tokens) await checkProbe(client, token);
    const doomed = tokens.filter((token) => token.orgId === emulator.orgId && next() < 0.5);
    for (const token of doomed) await checkRevoke(client, token);
    for (const token of tokens) await checkProbe(client, token);
    await checkList(client, emulator);
    for (const token of emulator.tokens()) if (!doomed.includes(token)) expect(token.status).toBe('active');
    checkTraffic(emulator, start + skew);
  } finally {
    await client.close();
    await emulator.close();
  }
}

async function checkList(client: TakumiClient, emulator: Emulator): Promise<void> {
  const before = emulator.tokens().filter((token) => token.orgId === emulator.orgId);
  const listing = await client.list().catch((error: unknown) => {
    expect(error).toBeInstanceOf(TakumiError);
    return undefined;
  });
  if (listing === undefined) return;
  reached.listed += 1;
  const rows = new Map(listing.records.map((record) => [record.tokenId, record]));
  expect(rows.size).toBe(listing.records.length);
  for (const token of before) {
    expect(rows.get(token.tokenId)).toMatchObject({
      userIdentifier: token.userIdentifier,
      status: token.status,
    });
  }
}

async function checkProbe(client: TakumiClient, token: StoredToken): Promise<void> {
  const answer = await client.probe(secret(token.token));
  expect(answer.exchange.attempts).toBeLessThanOrEqual(5);
  if (answer.state === 'unknown') return;
  reached.probed += 1;
  expect(answer.state === 'active').toBe(token.status === 'active' && token.orgId === client.orgId);
}

async function checkRevoke(client: TakumiClient, token: StoredToken): Promise<void> {
  const answer = await client.revoke(approved(token.tokenId));
  if (answer.state === 'accepted') {
    reached.accepted += 1;
    expect(token.status).toBe('revoked');
  }
  if (answer.state === 'rejected') expect(token.status).toBe('active');
  if (answer.state === 'unknown') reached.unknown += 1;
  expect(answer.state).not.toBe('gone');
}

function checkTraffic(emulator: Emulator, epoch: number): void {
  const log = emulator.log();
  let notBefore = epoch;
  const deletes = new Map<string, number>();
  for (const request of log) {
    expect(Date.parse(request.at)).toBeGreaterThanOrEqual(notBefore);
    if (request.retry_after !== undefined) {
      const asked = /^\d+$/.test(request.retry_after)
        ? Date.parse(request.at) + Number(request.retry_after) * 1000
        : Date.parse(request.retry_after);
      notBefore = Math.max(notBefore, asked);
      reached.waited += 1;
    }
    if (request.endpoint === 'revoke' && request.status !== 429) {
      deletes.set(request.path, (deletes.get(request.path) ?? 0) + 1);
    }
  }
  for (const count of deletes.values()) expect(count).toBe(1);
}
