import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalLine } from '../../src/audit/line.js';
import { unfinished } from '../../src/audit/unfinished.js';
import { openActions } from '../../src/audit/verify.js';
import type { Finding } from '../../src/model/finding.js';
import type { Plan } from '../../src/model/plan.js';
import type { Evidence, Verdict } from '../../src/model/verdict.js';
import { type Execution, execute } from '../../src/remediation/execute.js';
import { planRevocations } from '../../src/remediation/policy.js';
import { settleOpen } from '../../src/remediation/resume.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';
import { Model, type ModelToken, type ProbeFault, type RevokeFault, type Schedule } from './model-service.js';

/** How many schedules are tried: ten thousand with `npm run prove:schedules`. */
const RUNS = Number(process.env.GUARDSWEEP_SCHEDULES ?? 1_000);
const SEED = Number(process.env.GUARDSWEEP_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SEEDS = ['one', 'two', 'three'];
const FINDINGS = SEEDS.map((seed) => findingFor(orgToken(seed)));
const [one, two] = FINDINGS as [Finding, Finding];
const world = (): ModelToken[] => [
  ...SEEDS.map((seed) => ({ id: `T-${seed}`, plaintext: orgToken(seed), alive: true })),
  { id: 'T-neighbour', plaintext: orgToken('neighbour'), alive: true },
];
const calm: Schedule = { revoke: [], probe: [] };

function planFor(findings: readonly Finding[], evidence: Evidence = 'probe_id'): Plan {
  const verdicts = new Map<string, Verdict>(
    findings.map((finding) => [
      finding.fingerprint,
      { state: 'active', tokenId: `T-${SEEDS[FINDINGS.indexOf(finding)]}`, evidence, checkedAt: '' },
    ]),
  );
  return planRevocations(findings, verdicts, [], { revocable: () => true, maxRevocations: 10 });
}
const run = (model: Model, plan: Plan) =>
  execute(plan, { run: 'r1', service: model, journal: model, clock: model });
const events = (model: Model) =>
  model.journal.map(({ event, tokenId }) => (tokenId === undefined ? event : `${event} ${tokenId}`));

test('plans, announces, revokes and proves one token after the other', async () => {
  const model = new Model(world(), calm);
  const { outcomes, actions, stoppedBy } = await run(model, planFor([one, two]));
  expect(events(model)).toEqual([
    'RUN',
    'PLANNED T-one',
    'PLANNED T-two',
    'INTENT T-one',
    'ACK T-one',
    'VERIFIED T-one',
    'INTENT T-two',
    'ACK T-two',
    'VERIFIED T-two',
    'END',
  ]);
  expect([...outcomes.values()].map(({ state }) => state)).toEqual(['verified_revoked', 'verified_revoked']);
  expect(actions.map(({ kind, token_id, outcome }) => `${kind} ${token_id} ${outcome}`)).toEqual([
    'revoke T-one accepted',
    'verify T-one inactive_or_foreign',
    'revoke T-two accepted',
    'verify T-two inactive_or_foreign',
  ]);
  expect(stoppedBy).toBeUndefined();
});

describe('one answer of the service', () => {
  const cases: [
    string,
    RevokeFault[],
    ProbeFault[],
    Partial<{ state: string; reason: RegExp; deletes: number; killed: boolean }>,
  ][] = [
    ['it takes effect after a while', ['slow'], [], { state: 'verified_revoked', killed: true }],
    [
      'lost before the effect: sent again once a probe says alive',
      ['lost_before'],
      [],
      { state: 'verified_revoked', deletes: 2, killed: true },
    ],
    [
      'lost after the effect: not sent again',
      ['lost_after'],
      [],
      { state: 'verified_revoked', deletes: 1, killed: true },
    ],
    [
      'lost, and probes say nothing: not sent again',
      ['lost_before'],
      Array(99).fill('unknown'),
      { state: 'failed', reason: /not known whether/, deletes: 1 },
    ],
    [
      'lost three times',
      ['lost_before', 'lost_before', 'lost_before'],
      [],
      { state: 'failed', reason: /not known whether/, deletes: 3 },
    ],
    [
      '404 while the token is alive',
      ['gone'],
      [],
      { state: 'failed', reason: /404.*still says that it is active/, deletes: 1 },
    ],
    ['rejected', ['rejected'], [], { state: 'failed', reason: /a 409/, deletes: 1 }],
    ['the client throws', ['throws'], [], { state: 'verified_revoked', deletes: 2, killed: true }],
    [
      'accepted, and probes say nothing for long',
      [],
      Array(99).fill('unknown'),
      { state: 'accepted_unverified', reason: /503/ },
    ],
    ['accepted, and probes throw for a while', [], ['throws', 'throws'], { state: 'verified_revoked' }],
    [
      'accepted, and a probe says foreign: no proof',
      [],
      Array(99).fill('foreign'),
      { state: 'accepted_unverified', reason: /another organization/ },
    ],
  ];
  test.each(cases)('%s', async (_, revoke, probe, expected) => {
    const model = new Model(world(), { revoke, probe });
    const { outcomes } = await run(model, planFor([one]));
    const outcome = outcomes.get(one.fingerprint)!;
    expect(outcome.state).toBe(expected.state);
    if (expected.reason !== undefined) expect(outcome.reason).toMatch(expected.reason);
    if (expected.deletes !== undefined) expect(model.deletes).toHaveLength(expected.deletes);
    if (expected.killed === true) expect(model.isAlive(model.tokens[0]!)).toBe(false);
  });

  test('404 and dead: it was revoked already', async () => {
    const tokens = world();
    tokens[0]!.alive = false;
    const { outcomes } = await run(new Model(tokens, { revoke: ['gone'], probe: [] }), planFor([one]));
    expect(outcomes.get(one.fingerprint)!.state).toBe('already_revoked');
  });
});

describe('stops, and says so of all that was left', () => {
  test('when the credential may not revoke', async () => {
    const model = new Model(world(), { revoke: ['forbidden'], probe: [] });
    const { outcomes, stoppedBy } = await run(model, planFor([one, two]));
    expect(stoppedBy).toBe('a 403');
    expect(outcomes.get(one.fingerprint)).toEqual({ state: 'failed', reason: 'a 403' });
    expect(outcomes.get(two.fingerprint)).toEqual({ state: 'failed', reason: 'not attempted: a 403' });
    expect(model.deletes).toHaveLength(1);
  });

  test('when the journal cannot be written: nothing is sent that is not on record', async () => {
    const model = new Model(world(), calm);
    const full = {
      append: () => {
        throw new Error('the disk is full');
      },
    };
    const { outcomes, stoppedBy } = await execute(planFor([one]), {
      run: 'r',
      service: model,
      journal: full,
      clock: model,
    });
    expect(stoppedBy).toBe('the disk is full');
    expect(outcomes.get(one.fingerprint)!.state).toBe('failed');
    expect(model.deletes).toEqual([]);
  });

  test('when what was concluded proves wrong: the token lives on after its supposed row was revoked', async () => {
    const tokens = world();
    const model = new Model(tokens, calm);
    // The plan says T-one, the plaintext is in truth the neighbour's.
    tokens[0] = { id: 'T-one', plaintext: orgToken('someone else'), alive: true };
    tokens.push({ id: 'T-true', plaintext: orgToken('one'), alive: true });
    const { outcomes, stoppedBy } = await run(model, planFor([one, two], 'list_hint'));
    expect(outcomes.get(one.fingerprint)!.state).toBe('accepted_unverified');
    expect(stoppedBy).toMatch(/T-one.*list_hint.*still active/);
    expect(outcomes.get(two.fingerprint)!.state).toBe('failed');
    expect(model.deletes.map(({ id }) => id)).toEqual(['T-one']);
  });

  test('failing to revoke one for another reason does not stop the rest', async () => {
    const model = new Model(world(), { revoke: ['rejected'], probe: [] });
    const { outcomes } = await run(model, planFor([one, two]));
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['failed', 'verified_revoked']);
  });
});

describe('every token of a user', () => {
  const all = (): Plan => {
    const rows = ['T-one', 'T-two', 'T-neighbour'].map((tokenId) => ({
      tokenId,
      userIdentifier: 'u',
      status: 'active' as const,
    }));
    const verdict = {
      state: 'active',
      userIdentifier: 'u',
      candidates: rows,
      reason: 'x',
      checkedAt: '',
    } as const;
    return planRevocations(
      [one, two],
      new Map([
        [one.fingerprint, verdict],
        [two.fingerprint, verdict],
      ]),
      rows,
      {
        revocable: () => true,
        maxRevocations: 10,
        allOfUser: () => true,
      },
    );
  };

  test('each is revoked once, however many of them were found', async () => {
    const model = new Model(world(), calm);
    const { outcomes } = await run(model, all());
    expect(model.deletes.map(({ id }) => id)).toEqual(['T-one', 'T-two', 'T-neighbour']);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual([
      'verified_revoked',
      'verified_revoked',
    ]);
  });

  test('one that could not be revoked is no success, although the found one is dead', async () => {
    const model = new Model(world(), { revoke: ['none', 'rejected'], probe: [] });
    const { outcomes } = await run(model, all());
    expect(outcomes.get(one.fingerprint)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/is dead, but.*409/),
    });
    const lost = new Model(world(), {
      revoke: ['none', 'lost_before', 'lost_before', 'lost_before'],
      probe: [],
    });
    expect((await run(lost, all())).outcomes.get(one.fingerprint)).toMatchObject({ state: 'failed' });
  });
});

const schedules = fc.record({
  revoke: fc.array(
    fc.constantFrom<RevokeFault>(
      'none',
      'lost_before',
      'lost_after',
      'rejected',
      'gone',
      'forbidden',
      'throws',
      'slow',
    ),
    { maxLength: 8 },
  ),
  probe: fc.array(fc.constantFrom<ProbeFault>('none', 'none', 'unknown', 'foreign', 'forbidden', 'throws'), {
    maxLength: 12,
  }),
  count: fc.integer({ min: 1, max: 3 }),
});

test('any schedule of faults: no neighbour dies, nothing is sent without its intent, every outcome is true', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async ({ count, ...schedule }) => {
      const model = new Model(world(), schedule);
      const execution = await run(model, planFor(FINDINGS.slice(0, count)));
      holds(model, execution, count);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  process.stdout.write(`${RUNS} schedules of faults carried out (seed ${SEED})\n`);
});

test('killed at any step and run again: everything that was planned is dead and on record, no neighbour is', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, fc.integer({ min: 1, max: 30 }), async ({ count, ...schedule }, killAt) => {
      const findings = FINDINGS.slice(0, count);
      const first = new Model(world(), { ...schedule, killAt });
      const ended = await Promise.race([run(first, planFor(findings)), first.killed]);
      if (ended !== 'killed') return holds(first, ended, count);

      const second = new Model(first.tokens, calm, [...first.journal]);
      // Long enough for what the first run had sent to take effect, as it has in the meantime.
      await second.sleep(100_000);
      const ports = { run: 'r2', service: second, journal: second, clock: second };
      const { outcomes } = await settleOpen(unfinished(numbered(second)).revocations, findings, ports);
      const left = findings.filter((finding) => !outcomes.has(finding.fingerprint));
      const alive = left.filter((finding) => second.isAlive(first.tokens[FINDINGS.indexOf(finding)]!));
      const execution = await execute(planFor(alive), ports);
      holds(second, execution, alive.length);
      for (const token of first.tokens.slice(0, count)) expect(second.isAlive(token)).toBe(false);
      expect(second.isAlive(first.tokens[3]!)).toBe(true);
      expect(
        openActions(numbered(second)).filter(({ fingerprint }) =>
          left.every((each) => each.fingerprint !== fingerprint),
        ),
      ).toEqual([]);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  process.stdout.write(`${RUNS} schedules of faults and a kill carried out and finished (seed ${SEED})\n`);
});

function holds(model: Model, { outcomes }: Execution, count: number): void {
  expect(outcomes.size).toBe(count);
  expect(model.isAlive(model.tokens.find(({ id }) => id === 'T-neighbour')!)).toBe(true);
  for (const [index, { id, recorded }] of model.deletes.entries()) {
    expect(id).not.toBe('T-neighbour');
    const last = model.journal[recorded - 1]!;
    expect([last.event, last.tokenId]).toEqual(['INTENT', id]);
    // Sent again only after it was not known what came of it.
    if (model.deletes.slice(0, index).some((earlier) => earlier.id === id)) {
      const before = model.journal
        .slice(0, recorded - 1)
        .filter(({ tokenId }) => tokenId === id)
        .at(-1)!;
      expect(before.event).toBe('UNKNOWN');
    }
  }
  for (const finding of FINDINGS) {
    const outcome = outcomes.get(finding.fingerprint);
    const token = model.tokens[FINDINGS.indexOf(finding)]!;
    if (outcome?.state === 'verified_revoked' || outcome?.state === 'already_revoked') {
      expect(model.isAlive(token)).toBe(false);
      expect(outcome.deadAt).toBeDefined();
    } else if (outcome !== undefined) {
      expect(outcome.reason).toBeTruthy();
    }
  }
}

function numbered(model: Model): JournalLine[] {
  return model.journal.map((entry, index) => ({ ...entry, seq: index + 1, at: '', prev: '', hash: '' }));
}
