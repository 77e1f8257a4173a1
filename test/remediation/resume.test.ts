import { expect, test } from 'vitest';
import { type OpenRevocation, settleOpen } from '../../src/remediation/resume.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';
import { ACCEPTED, ALIVE, DEAD, Scripted } from './scripted.js';

const finding = findingFor(orgToken('resume unit'));
const { fingerprint } = finding;
const open = (last: string, more: Partial<OpenRevocation> = {}): OpenRevocation => ({
  fingerprint,
  tokenId: 'T1',
  userIdentifier: 'alice',
  last,
  ...more,
});
const settle = (script: Scripted, revocations: readonly OpenRevocation[], verifyFor?: number) =>
  settleOpen(revocations, [finding], {
    run: 'r2',
    service: script,
    journal: script,
    clock: script,
    ...(verifyFor === undefined ? {} : { verifyFor }),
  });
const AT = '1970-01-01T00:00:00.000Z';

test.each([
  ['PLANNED', 'already_revoked'],
  ['INTENT', 'verified_revoked'],
  ['UNKNOWN', 'verified_revoked'],
  ['ACK', 'verified_revoked'],
])('dead by now, after %s: %s, and on record', async (last, state) => {
  const script = new Scripted([ACCEPTED], [DEAD]);
  expect(await settle(script, [open(last)])).toStrictEqual({
    outcomes: new Map([[fingerprint, { state, deadAt: AT }]]),
    actions: [
      {
        at: AT,
        kind: 'verify',
        fingerprint,
        token_id: 'T1',
        outcome: 'inactive',
        http_status: 200,
        attempts: 1,
        ms: 3,
      },
    ],
    unsettled: [],
  });
  expect(script.journal).toStrictEqual([
    {
      event: 'VERIFIED',
      run: 'r2',
      action: 'revoke',
      fingerprint,
      tokenId: 'T1',
      userIdentifier: 'alice',
      detail: 'settled after the run that began it had ended early',
    },
  ]);
  expect(script.log, 'nothing is sent but a probe').toEqual([`probe ${finding.secret.redacted}`]);
});

test.each(['PLANNED', 'INTENT', 'UNKNOWN'])(
  'alive, after %s: left to be planned again, asked once',
  async (last) => {
    const script = new Scripted([ACCEPTED], [ALIVE]);
    const { outcomes, unsettled } = await settle(script, [open(last)], 60_000);
    expect([outcomes.size, unsettled, script.journal]).toEqual([0, [], []]);
    expect(script.log).toHaveLength(1);
  },
);

test('accepted and alive: waited for, then for a person to look at', async () => {
  const script = new Scripted([ACCEPTED], [ALIVE]);
  const { outcomes } = await settle(script, [open('ACK')], 250);
  const reason =
    'the service had accepted the revocation of T1, but a probe still says that it is active; look at it in the console';
  expect([...outcomes]).toStrictEqual([[fingerprint, { state: 'accepted_unverified', reason }]]);
  expect(script.journal).toStrictEqual([
    {
      event: 'UNVERIFIED',
      run: 'r2',
      action: 'revoke',
      fingerprint,
      tokenId: 'T1',
      userIdentifier: 'alice',
      detail: reason,
    },
  ]);
  expect(script.log).toEqual([
    `probe ${finding.secret.redacted}`,
    'sleep 250',
    `probe ${finding.secret.redacted}`,
  ]);
  expect(
    (await settle(new Scripted([ACCEPTED], [ALIVE]), [open('ACK')])).actions,
    'once where no time is given',
  ).toHaveLength(1);
});

test('what is not known is left out of the record', async () => {
  const script = new Scripted([ACCEPTED], [ALIVE]);
  const { outcomes, actions } = await settle(script, [{ fingerprint, last: 'ACK' }]);
  expect(outcomes.get(fingerprint)!.reason).toMatch(/^the service had accepted the revocation of it, but/);
  expect(actions).toStrictEqual([
    { at: AT, kind: 'verify', fingerprint, outcome: 'active', attempts: 2, ms: 4 },
  ]);
  expect(script.journal[0]).not.toHaveProperty('tokenId');
  expect(script.journal[0]).not.toHaveProperty('userIdentifier');
});

test('without its plaintext, and where it is no revocation, nothing is settled and nothing asked', async () => {
  const script = new Scripted([ACCEPTED], [DEAD]);
  const others = [
    open('INTENT', { fingerprint: 'gs1_other' }),
    { tokenId: 'T2', last: 'INTENT' },
    open('INTENT', { action: 'issue' }),
  ];
  const { outcomes, unsettled } = await settle(script, [...others, open('INTENT', { action: 'revoke' })]);
  expect(unsettled).toEqual(others);
  expect([...outcomes.keys()]).toEqual([fingerprint]);
  expect(script.log).toHaveLength(1);
});
