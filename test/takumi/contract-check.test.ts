import { afterEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.js';
import { inspectContract } from '../../src/takumi/contract-check.js';
import { connect, ISSUER } from './connect.js';

let emulator: Emulator;
afterEach(() => emulator.close());

test('names what matched and changes nothing', async () => {
  emulator = await startEmulator({ listHints: true });
  emulator.issue('alice');
  const report = await inspectContract(connect(emulator));
  expect(report).toMatchObject({
    list: { can: 'yes' },
    probe: { can: 'yes' },
    revoke: { can: 'unknown' },
    trustworthy: true,
  });
  const name = (answer: string, field: string): string | undefined =>
    report.names.find((each) => each.answer === answer && each.field === field)?.matched;
  expect(name('list', 'rows')).toBe('tokens');
  expect(name('list', 'tokenId')).toBe('token_id');
  expect(name('list', 'hint')).toBe('hint');
  expect(name('list', 'hash')).toBeUndefined();
  expect(name('probe', 'active')).toBe('active');
  expect(report.names.find((each) => each.field === 'hash')?.accepted).toContain('token_hash');
  expect(emulator.log().map(({ endpoint }) => endpoint)).toEqual(['list', 'probe']);
  expect(emulator.tokens()).toHaveLength(1);
});

test('says what the bot may not do, and why', async () => {
  emulator = await startEmulator();
  const report = await inspectContract(connect(emulator, { bot: emulator.createBot([ISSUER]) }));
  expect(report.list).toMatchObject({
    can: 'no',
    reason: expect.stringContaining('organization/takumi_manager'),
  });
  expect(report.probe.can).toBe('no');
});

test('a service that calls everything alive is not to be trusted', async () => {
  emulator = await startEmulator({ faults: [{ endpoint: 'probe', status: 200, body: { active: true } }] });
  expect((await inspectContract(connect(emulator))).trustworthy).toBe(false);
});

test('an answer that cannot be read is told by its path', async () => {
  emulator = await startEmulator({ faults: [{ endpoint: 'probe', status: 200, body: { alive: 1 } }] });
  const { probe } = await inspectContract(connect(emulator));
  expect(probe).toMatchObject({ can: 'unknown', reason: expect.stringContaining('$.active is missing') });
});
