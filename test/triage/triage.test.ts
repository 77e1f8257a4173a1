import { describe, expect, test } from 'vitest';
import * as compare from '../../src/findings/compare.js';
import type { Finding } from '../../src/model/finding.js';
import type { ProbeAnswer, TokenList, TokenRecord } from '../../src/model/token.js';
import { type TokenInspector, triage } from '../../src/triage/triage.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

const exchange = { httpStatus: 200, attempts: 1, ms: 3 };
const row = (tokenId: string, userIdentifier: string): TokenRecord => ({
  tokenId,
  userIdentifier,
  status: 'active',
});
const [a, b, c] = ['a', 'b', 'c'].map((seed) => findingFor(orgToken(seed))) as [Finding, Finding, Finding];

class Service implements TokenInspector {
  readonly calls: string[] = [];
  readonly answers: Record<string, ProbeAnswer>;
  lists: (TokenRecord[] | Error)[];

  constructor(
    answers: [Finding, Omit<Extract<ProbeAnswer, { state: 'active' }>, 'exchange'> | ProbeAnswer][],
    ...lists: (TokenRecord[] | Error)[]
  ) {
    this.answers = Object.fromEntries(
      answers.map(([finding, answer]) => [finding.secret.redacted, { exchange, ...answer } as ProbeAnswer]),
    );
    this.lists = lists;
  }

  async list(): Promise<TokenList> {
    this.calls.push('list');
    const next = this.lists.length > 1 ? this.lists.shift()! : this.lists[0]!;
    if (next instanceof Error) throw next;
    return { records: next, exchanges: [exchange] };
  }

  async probe(secret: { redacted: string }): Promise<ProbeAnswer> {
    this.calls.push(secret.redacted);
    const answer = this.answers[secret.redacted];
    if (answer === undefined) throw new Error('a broken inspector');
    return answer;
  }
}

const run = (service: Service, findings: Finding[], probes: (finding: Finding) => boolean = () => true) =>
  triage(findings, { inspector: service, compare, probes, limit: (task) => task(), now: () => new Date(0) });

test('reads the list twice before the first probe, then asks once about each', async () => {
  const service = new Service(
    [
      [a, { state: 'active', userIdentifier: 'alice' }],
      [b, { state: 'inactive', exchange }],
    ],
    [row('T1', 'alice')],
  );
  const { verdicts, listing, actions } = await run(service, [a, b]);
  expect(service.calls).toEqual(['list', 'list', a.secret.redacted, b.secret.redacted]);
  expect(verdicts.get(a.fingerprint)).toMatchObject({ tokenId: 'T1', evidence: 'sole_active_of_user' });
  expect(verdicts.get(b.fingerprint)).toEqual({ state: 'inactive', checkedAt: '1970-01-01T00:00:00.000Z' });
  expect(listing).toMatchObject({ ok: true, records: [row('T1', 'alice')] });
  expect(actions.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
    'list ok',
    'list ok',
    'probe active',
    'probe inactive',
  ]);
});

test('what is not to be probed is not sent, and without anything to probe nothing is read', async () => {
  const service = new Service([[a, { state: 'active' }]], []);
  const { verdicts } = await run(service, [a, b], (finding) => finding === a);
  expect(verdicts.get(b.fingerprint)).toEqual({ state: 'not_probed' });
  expect(service.calls).not.toContain(b.secret.redacted);
  const idle = new Service([], []);
  expect((await run(idle, [b], () => false)).actions).toEqual([]);
  expect(idle.calls).toEqual([]);
});

test('a probe that fails or throws is unknown, never dead, and costs the others nothing', async () => {
  const service = new Service(
    [
      [a, { state: 'unknown', reason: 'a 503', failure: 'server', exchange }],
      [c, { state: 'active', userIdentifier: 'alice' }],
    ],
    [row('T1', 'alice')],
  );
  const { verdicts } = await run(service, [a, b, c]);
  expect(verdicts.get(a.fingerprint)).toMatchObject({ state: 'unknown', reason: 'a 503' });
  expect(verdicts.get(b.fingerprint)).toMatchObject({ state: 'unknown', reason: 'a broken inspector' });
  expect(verdicts.get(c.fingerprint)).toMatchObject({ tokenId: 'T1' });
});

describe('the list', () => {
  test('is read until two passes agree, and the earlier of them is kept', async () => {
    const used = { ...row('T2', 'alice'), lastUsedAt: '2026-01-01T00:00:00Z' };
    const later = { ...row('T2', 'alice'), lastUsedAt: '2026-02-02T00:00:00Z' };
    const service = new Service(
      [[a, { state: 'active', userIdentifier: 'alice' }]],
      [row('T1', 'alice')],
      [used],
      [later],
    );
    const { listing } = await run(service, [a]);
    expect(service.calls.filter((call) => call === 'list')).toHaveLength(3);
    expect(listing).toMatchObject({ ok: true, records: [used] });
  });

  test('that never stands still maps nothing', async () => {
    const lists = Array.from({ length: 9 }, (_, index) => [row(`T${index}`, 'alice')]);
    const service = new Service([[a, { state: 'active', userIdentifier: 'alice' }]], ...lists);
    const { verdicts, listing } = await run(service, [a]);
    expect(listing).toMatchObject({ ok: false, reason: expect.stringContaining('changed') });
    expect(verdicts.get(a.fingerprint)).toMatchObject({
      state: 'active',
      candidates: [],
      reason: expect.stringContaining('changed'),
    });
  });

  test('that may not be read still lets probes say what is alive, but maps nothing', async () => {
    const service = new Service(
      [[a, { state: 'active', tokenId: 'T1' }]],
      Object.assign(new Error('no role'), {
        kind: 'forbidden',
        exchange: { httpStatus: 403, attempts: 1, ms: 1 },
      }),
    );
    const { verdicts, actions } = await run(service, [a]);
    const verdict = verdicts.get(a.fingerprint)!;
    expect(verdict).toMatchObject({ state: 'active', reason: expect.stringContaining('no role') });
    expect('tokenId' in verdict).toBe(false);
    expect(actions[0]).toMatchObject({ kind: 'list', outcome: 'failed', http_status: 403 });
  });
});

test('a credential that is not accepted stops the run: nothing more is sent', async () => {
  const refused = Object.assign(new Error('bad key'), { kind: 'unauthorized' });
  const service = new Service([], refused);
  const { verdicts, stoppedBy } = await run(service, [a, b]);
  expect(service.calls).toEqual(['list']);
  expect(stoppedBy).toBe('bad key');
  expect(verdicts.get(a.fingerprint)).toMatchObject({ state: 'unknown', reason: 'not asked: bad key' });

  const midway = new Service(
    [[a, { state: 'unknown', reason: 'no probe role', failure: 'forbidden', exchange }]],
    [],
  );
  let queue: Promise<unknown> = Promise.resolve();
  const result = await triage([a, b], {
    inspector: midway,
    compare,
    probes: () => true,
    limit: <T>(task: () => Promise<T>) => {
      const next = queue.then(task);
      queue = next;
      return next;
    },
    now: () => new Date(0),
  });
  expect(midway.calls).toEqual(['list', 'list', a.secret.redacted]);
  expect(result.verdicts.get(b.fingerprint)).toMatchObject({
    state: 'unknown',
    reason: 'not asked: no probe role',
  });
});

test('two different tokens are never one ID: only conclusive evidence keeps it', async () => {
  const sole = new Service(
    [
      [a, { state: 'active', userIdentifier: 'alice' }],
      [b, { state: 'active' }],
    ],
    [row('T1', 'alice')],
  );
  const both = await run(sole, [a, b]);
  expect(both.verdicts.get(a.fingerprint)).toMatchObject({
    userIdentifier: 'alice',
    reason: expect.stringContaining('2 different tokens'),
  });
  expect(both.verdicts.get(b.fingerprint)).not.toHaveProperty('userIdentifier');
  expect([...both.verdicts.values()].every((verdict) => !('tokenId' in verdict))).toBe(true);

  const named = new Service(
    [
      [a, { state: 'active', tokenId: 'T1' }],
      [b, { state: 'active', userIdentifier: 'alice' }],
    ],
    [row('T1', 'alice')],
  );
  const one = await run(named, [a, b]);
  expect(one.verdicts.get(a.fingerprint)).toMatchObject({ tokenId: 'T1', evidence: 'probe_id' });
  expect(one.verdicts.get(b.fingerprint)).toMatchObject({ candidates: [row('T1', 'alice')] });
});
