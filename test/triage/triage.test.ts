import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import { describe, expect, test } from 'vitest';
import * as compare from '../../src/findings/compare.js';
import type { Finding } from '../../src/model/finding.js';
import type { CallFailure, ProbeAnswer, TokenList, TokenRecord } from '../../src/model/token.js';
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

test('each action and each verdict says what is known, and leaves out what is not', async () => {
  const bare = { attempts: 2, ms: 5 };
  const answers: [Finding, ProbeAnswer][] = [
    [a, { state: 'active', tokenId: 'T1', userIdentifier: 'alice', exchange }],
    [b, { state: 'inactive_or_foreign', exchange: bare }],
  ];
  const list = [row('T1', 'alice')];
  const at = '1970-01-01T00:00:00.000Z';
  const ended = await run(new Service(answers, list), [a, b, c]);
  expect(ended).toStrictEqual({
    verdicts: new Map<string, unknown>([
      [
        a.fingerprint,
        {
          state: 'active',
          tokenId: 'T1',
          userIdentifier: 'alice',
          evidence: 'probe_id',
          record: list[0],
          checkedAt: at,
        },
      ],
      [b.fingerprint, { state: 'inactive_or_foreign', checkedAt: at }],
      [c.fingerprint, { state: 'unknown', reason: 'a broken inspector', checkedAt: at }],
    ]),
    listing: { ok: true, records: list, readAt: at },
    actions: [
      { at, kind: 'list', outcome: 'ok', http_status: 200, attempts: 1, ms: 3 },
      { at, kind: 'list', outcome: 'ok', http_status: 200, attempts: 1, ms: 3 },
      {
        at,
        kind: 'probe',
        fingerprint: a.fingerprint,
        token_id: 'T1',
        outcome: 'active',
        http_status: 200,
        attempts: 1,
        ms: 3,
      },
      { at, kind: 'probe', fingerprint: b.fingerprint, outcome: 'inactive_or_foreign', ...bare },
      { at, kind: 'probe', fingerprint: c.fingerprint, outcome: 'unknown', attempts: 1, ms: 0 },
    ],
  });
  expect(await run(new Service([], []), [])).toStrictEqual({
    verdicts: new Map(),
    listing: { ok: false, reason: 'There was nothing to look up.' },
    actions: [],
  });
});

test('a list that fails is told with its cause and its cost, as far as they are known', async () => {
  const answer: ProbeAnswer = { state: 'active', userIdentifier: 'alice', exchange };
  const broken = await run(new Service([[a, answer]], new Error('broken')), [a]);
  expect(broken.listing).toStrictEqual({ ok: false, reason: 'broken' });
  expect(broken.actions[0]).toStrictEqual({
    at: '1970-01-01T00:00:00.000Z',
    kind: 'list',
    outcome: 'failed',
    attempts: 1,
    ms: 0,
  });
  expect(broken.verdicts.get(a.fingerprint)).toStrictEqual({
    state: 'active',
    userIdentifier: 'alice',
    candidates: [],
    reason: 'the token list could not be read: broken',
    checkedAt: '1970-01-01T00:00:00.000Z',
  });
  const silent = { ...answer };
  delete (silent as { userIdentifier?: string }).userIdentifier;
  const nobodys = await run(new Service([[a, silent]], new Error('broken')), [a]);
  expect(nobodys.verdicts.get(a.fingerprint)).not.toHaveProperty('userIdentifier');
  const known = Object.assign(new Error('later'), { kind: 'rate_limited' });
  expect((await run(new Service([[a, answer]], known), [a])).listing).toStrictEqual({
    ok: false,
    reason: 'later',
    failure: 'rate_limited',
  });
  const odd = new Service([[a, answer]]);
  odd.list = () => Promise.reject('no error at all');
  expect((await run(odd, [a])).listing).toStrictEqual({ ok: false, reason: 'Listing the tokens failed.' });
  const oddProbe = new Service([], []);
  oddProbe.probe = () => Promise.reject('no error at all');
  expect((await run(oddProbe, [a])).verdicts.get(a.fingerprint)).toMatchObject({
    reason: 'The probe failed.',
  });
});

test('the list is given five readings, and rows in another order are the same list', async () => {
  const moving = new Service(
    [[a, { state: 'active' }]],
    ...Array.from({ length: 9 }, (_, at) => [row(`T${at}`, 'x')]),
  );
  const { listing } = await run(moving, [a]);
  expect(moving.calls.filter((call) => call === 'list')).toHaveLength(5);
  expect(listing).toMatchObject({ reason: expect.stringContaining('each of 5 readings') });
  const [one, two] = [row('T1', 'x'), row('T2', 'y')];
  const turned = new Service([[a, { state: 'active', tokenId: 'T1' }]], [one, two], [two, one]);
  expect((await run(turned, [a])).listing).toMatchObject({ ok: true, records: [one, two] });
});

test('what stops the run leaves what was asked before as it is, whichever came first', async () => {
  const service = new Service(
    [
      [a, { state: 'unknown', reason: 'no', failure: 'unauthorized', exchange }],
      [b, { state: 'inactive', exchange }],
      [c, { state: 'unknown', reason: 'a 503', failure: 'server', exchange }],
    ],
    [],
  );
  const done: [number, number][] = [];
  const tasks: (() => Promise<unknown>)[] = [];
  const ended = triage([a, b, c], {
    inspector: service,
    compare,
    probes: () => true,
    limit: <T>(task: () => Promise<T>) => new Promise<T>((resolve) => tasks.push(() => task().then(resolve))),
    now: () => new Date(0),
    onProbed: (...counts) => done.push(counts),
  });
  while (tasks.length < 3) await new Promise((wake) => setImmediate(wake));
  // c and b are asked first; a stops the run, and nobody is left.
  for (const task of [tasks[2]!, tasks[1]!, tasks[0]!]) await task();
  const { verdicts, stoppedBy, actions } = await ended;
  expect(stoppedBy).toBe('no');
  expect([a, b, c].map(({ fingerprint }) => verdicts.get(fingerprint)!.state)).toEqual([
    'unknown',
    'inactive',
    'unknown',
  ]);
  expect(verdicts.get(c.fingerprint)).toMatchObject({ reason: 'a 503' });
  expect(actions.slice(2).map(({ fingerprint }) => fingerprint)).toEqual(
    [a, b, c].map((each) => each.fingerprint),
  );
  expect(done).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  const first = new Service([[b, { state: 'unknown', reason: 'no', failure: 'forbidden', exchange }]], []);
  const order = [b, a];
  const stopped = await run(first, order);
  expect(stopped.verdicts.get(b.fingerprint)).toMatchObject({ state: 'unknown', reason: 'no' });
});

test('of two that would be one token, the one whose hash the list shows keeps it', async () => {
  const hash = createHash('sha256').update(a.secret.reveal()).digest('hex');
  const records = [{ ...row('T1', 'alice'), hash }];
  const service = new Service(
    [
      [a, { state: 'active' }],
      [b, { state: 'active', tokenId: 'T1' }],
    ],
    records,
  );
  const { verdicts } = await run(service, [a, b]);
  expect(verdicts.get(b.fingerprint), 'two that are certain are none').toMatchObject({
    state: 'active',
    candidates: records,
  });
  const sole = new Service(
    [
      [a, { state: 'active' }],
      [b, { state: 'active', userIdentifier: 'alice' }],
    ],
    [{ ...row('T1', 'alice'), hash }],
  );
  const kept = await run(sole, [a, b]);
  expect(kept.verdicts.get(a.fingerprint)).toMatchObject({ tokenId: 'T1', evidence: 'list_hash' });
  expect(kept.verdicts.get(b.fingerprint)).not.toHaveProperty('tokenId');
});

test('after eight probes in a row without an answer the others are not sent, and not taken for dead', async () => {
  const crowd = Array.from({ length: 20 }, (_, seed) => findingFor(orgToken(`silent ${seed}`)));
  const silence = (failure: CallFailure): ProbeAnswer => ({
    state: 'unknown',
    reason: `a ${failure}`,
    failure,
    exchange,
  });
  // One after the other: who asks them at once learns of it later.
  const one = pLimit(1);
  const answering = (answers: (at: number) => ProbeAnswer) =>
    triage(crowd, {
      inspector: new Service(
        crowd.map((finding, at) => [finding, answers(at)]),
        [],
      ),
      compare,
      probes: () => true,
      limit: (task) => one(task),
      now: () => new Date(0),
    });
  const asked = ({ actions }: { readonly actions: readonly { readonly kind: string }[] }) =>
    actions.filter(({ kind }) => kind === 'probe').length;
  const given = await answering((at) => silence(at % 2 === 0 ? 'timeout' : 'network'));
  expect(asked(given)).toBe(8);
  expect(given.stoppedBy).toBeUndefined();
  const last = given.verdicts.get(crowd.at(-1)!.fingerprint);
  expect(last).toEqual({
    state: 'unknown',
    reason: 'not asked: 8 probes in a row got no answer. a network',
  });
  // Others that fail have answered, and one answer between begins the count anew.
  expect(asked(await answering(() => silence('server')))).toBe(20);
  const alternating = (at: number) =>
    at % 8 === 7 ? ({ state: 'inactive', exchange } as ProbeAnswer) : silence('timeout');
  expect(asked(await answering(alternating))).toBe(20);
});
