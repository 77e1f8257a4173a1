import { expect, test } from 'vitest';
import type { JournalLine } from '../../src/audit/line.js';
import { linesOf, unfinished, unproven } from '../../src/audit/unfinished.js';
import type { JournalEntry, JournalEvent } from '../../src/model/journal.js';

const lines = (...entries: JournalEntry[]): JournalLine[] =>
  entries.map((entry, index) => ({ ...entry, seq: index + 1, at: `T${index}`, prev: '', hash: '' }));
const run = (id: string, ...targets: string[]): JournalEntry => ({ event: 'RUN', run: id, targets });
const end = (id: string): JournalEntry => ({ event: 'END', run: id });
const step = (event: JournalEvent, tokenId: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  event,
  run: 'r',
  action: 'revoke',
  fingerprint: `f-${tokenId}`,
  tokenId,
  evidence: 'probe_id',
  ...more,
});
const left = (...entries: JournalEntry[]) =>
  unfinished(lines(...entries)).revocations.map(({ tokenId, last }) => [tokenId, last]);

test('what was planned, begun, accepted or lost sight of by a run without an end', () => {
  const events: JournalEvent[] = ['INTENT', 'UNKNOWN', 'ACK', 'VERIFIED'];
  const entries = ['a', 'b', 'c', 'd', 'e'].flatMap((id, at) => [
    step('PLANNED', id),
    ...events.slice(0, at).map((event) => step(event, id)),
  ]);
  expect(left(run('r', '/x'), ...entries)).toEqual([
    ['a', 'PLANNED'],
    ['b', 'INTENT'],
    ['c', 'UNKNOWN'],
    ['d', 'ACK'],
  ]);
});

test('an ended run leaves only what it lost sight of', () => {
  const entries = [
    step('PLANNED', 'a'),
    step('INTENT', 'b'),
    step('UNKNOWN', 'b'),
    step('REJECTED', 'c'),
    step('UNVERIFIED', 'd'),
  ];
  expect(left(run('r', '/x'), ...entries, end('r'))).toEqual([['b', 'UNKNOWN']]);
});

test('what no line proves to be dead, whoever gave it up', () => {
  const entries = [
    ...(['PLANNED', 'INTENT', 'ACK', 'VERIFIED'] as const).map((event) => step(event, 'a')),
    step('PLANNED', 'b'),
    step('REJECTED', 'c'),
    step('UNVERIFIED', 'd'),
    step('ACK', 'e', { fingerprint: 'of another place' }),
    step('VERIFIED', 'e'),
    { event: 'INTENT', run: 'r', action: 'issue', userIdentifier: 'alice' },
  ] satisfies JournalEntry[];
  expect(unproven(lines(run('r', '/x'), ...entries, end('r')))).toEqual(['b', 'c', 'd']);
});

test('what a killed run had given up on is tried once more, as far as it had come', () => {
  expect(left(step('PLANNED', 'a'), step('INTENT', 'a'), step('REJECTED', 'a'))).toEqual([['a', 'PLANNED']]);
  expect(left(step('INTENT', 'a'), step('ACK', 'a'), step('UNVERIFIED', 'a'))).toEqual([['a', 'ACK']]);
  expect(left(step('REJECTED', 'a'))).toEqual([]);
});

test('“nothing to revoke” is no acceptance', () => {
  for (const httpStatus of [400, 404, 410]) {
    expect(left(step('INTENT', 'a'), step('ACK', 'a', { httpStatus }))).toEqual([['a', 'UNKNOWN']]);
  }
  expect(left(step('INTENT', 'a'), step('ACK', 'a', { httpStatus: 204 }))).toEqual([['a', 'ACK']]);
});

test('keeps who and why, and the evidence of an earlier line', () => {
  const { revocations, targets, proven } = unfinished(
    lines(
      run('other', '/not-this'),
      end('other'),
      run('r', '/x', '/y'),
      step('PLANNED', 'a', { userIdentifier: 'alice' }),
      {
        event: 'INTENT',
        run: 'r',
        action: 'revoke',
        fingerprint: 'f-a',
        tokenId: 'a',
        userIdentifier: 'alice',
      },
      step('VERIFIED', 'b'),
      step('VERIFIED', 'c', { run: 'other' }),
      { event: 'PLANNED', run: 'r', action: 'revoke', tokenId: 'by-id' },
    ),
  );
  expect(revocations).toEqual([
    {
      run: 'r',
      fingerprint: 'f-a',
      tokenId: 'a',
      userIdentifier: 'alice',
      evidence: 'probe_id',
      last: 'INTENT',
    },
    { run: 'r', tokenId: 'by-id', last: 'PLANNED' },
  ]);
  expect(targets).toEqual(['/x', '/y']);
  expect([...proven]).toEqual(['f-b']);
});

test('a token that may have been issued is left open until it is known', () => {
  const issue = (event: JournalEvent, user = 'alice'): JournalEntry => ({
    event,
    run: 'r',
    action: 'issue',
    userIdentifier: user,
  });
  const open = (...entries: JournalEntry[]) =>
    unfinished(lines(...entries)).issues.map((each) => each.userIdentifier);
  for (const event of ['UNKNOWN', 'ACK'] as const)
    expect(open(issue('INTENT'), issue(event))).toEqual(['alice']);
  for (const event of ['VERIFIED', 'REJECTED'] as const) {
    expect(open(issue('INTENT', 'bob'), issue('INTENT'), issue(event))).toEqual(['bob']);
  }
  expect(unfinished(lines(issue('INTENT'))).issues).toEqual([
    { run: 'r', userIdentifier: 'alice', at: 'T0', state: 'open', files: [], outlived: [] },
  ]);
});

test('issues, and lines that name no token, are no revocations', () => {
  const about = { run: 'r', fingerprint: 'f', userIdentifier: 'u' };
  expect(left({ ...about, event: 'ACK', action: 'issue', tokenId: 'T' })).toEqual([]);
  expect(left({ ...about, event: 'INTENT', action: 'revoke' })).toEqual([]);
  expect(left(step('INTENT', 'a'), step('REFUSED', 'a'))).toEqual([['a', 'INTENT']]);
  expect(left(step('REFUSED', 'a'))).toEqual([]);
});

test('two findings that one token ID is approved for are finished one by one', () => {
  const other = { fingerprint: 'f-other' };
  const both = [step('PLANNED', 'a'), step('PLANNED', 'a', other)];
  const fingerprints = (...entries: JournalEntry[]) =>
    unfinished(lines(...entries)).revocations.map(({ fingerprint }) => fingerprint);
  expect(fingerprints(...both)).toEqual(['f-a', 'f-other']);
  expect(fingerprints(...both, step('VERIFIED', 'a'))).toEqual(['f-other']);
  const byId: JournalEntry = { event: 'PLANNED', run: 'r', action: 'revoke', tokenId: 'a' };
  expect(fingerprints(...both, byId), 'planned by its ID as well').toEqual(['f-a', 'f-other', undefined]);
  expect(fingerprints(...both, byId, { ...byId, event: 'VERIFIED' })).toEqual([]);
});

test('seen alive to the end is reported by a run that came to its end', () => {
  const steps = [step('INTENT', 'a'), step('ACK', 'a'), step('UNVERIFIED', 'a')];
  expect(left(...steps, end('r'))).toEqual([]);
  expect(left(...steps)).toEqual([['a', 'ACK']]);
});

test('a 404 says something of an answer only', () => {
  expect(left(step('INTENT', 'a', { httpStatus: 404 }))).toEqual([['a', 'INTENT']]);
});

test('what is not known is left out', () => {
  const { revocations, proven, targets } = unfinished(
    lines(
      { event: 'RUN', run: 'r' },
      { event: 'INTENT', run: 'r', action: 'issue', userIdentifier: 'u', targets: ['/home/u/.npmrc'] },
      { event: 'PLANNED', run: 'r', action: 'revoke', tokenId: 'a' },
      { event: 'VERIFIED', run: 'r', action: 'revoke', tokenId: 'b' },
    ),
  );
  expect(revocations).toStrictEqual([{ run: 'r', tokenId: 'a', last: 'PLANNED' }]);
  expect([...proven]).toEqual([]);
  expect(targets, 'where a token goes was not scanned').toEqual([]);
});

test('where it was begun is told of what is left, and of nothing else', () => {
  const at = (id: string, service?: string): JournalEntry => ({
    event: 'RUN',
    run: id,
    ...(service === undefined ? {} : { service }),
  });
  const issue: JournalEntry = { event: 'INTENT', run: 'i', action: 'issue', userIdentifier: 'alice' };
  const of = (...entries: JournalEntry[]) => [...unfinished(lines(...entries)).services];
  expect(of(at('r', '/a'), step('INTENT', 'a'), at('s', '/b'), end('s'))).toEqual(['/a']);
  expect(of(at('i', '/c'), issue, at('r', '/a'), at('x', '/x'), step('INTENT', 'a'))).toEqual(['/c', '/a']);
  expect(of(at('r'), step('INTENT', 'a'))).toEqual([]);
});

test('what was done elsewhere is no line of here; what does not say where it was is', () => {
  const entries: JournalEntry[] = [
    { event: 'RUN', run: 'a', service: '/a' },
    { event: 'RUN', run: 'b', service: '/b' },
    { event: 'INTENT', run: 'a' },
    { event: 'INTENT', run: 'b' },
    { event: 'INTENT', run: 'c' },
  ];
  expect(linesOf('/a', lines(...entries)).map(({ run }) => run)).toEqual(['a', 'a', 'c']);
});
