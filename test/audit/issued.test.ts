import { expect, test } from 'vitest';
import { issuedTokens, nameOfReplaced } from '../../src/audit/issued.js';
import type { JournalLine } from '../../src/audit/line.js';
import { unfinished } from '../../src/audit/unfinished.js';
import { openActions } from '../../src/audit/verify.js';
import type { JournalEntry, JournalEvent } from '../../src/model/journal.js';

const lines = (...entries: JournalEntry[]): JournalLine[] =>
  entries.map((entry, index) => ({ ...entry, seq: index + 1, at: `T${index}`, prev: '', hash: '' }));
const issue = (event: JournalEvent, more: Partial<JournalEntry> = {}): JournalEntry => ({
  event,
  run: 'r',
  action: 'issue',
  userIdentifier: 'mac',
  ...more,
});
const dead = (more: Partial<JournalEntry>): JournalEntry => ({
  event: 'VERIFIED',
  run: 'r.old',
  action: 'revoke',
  ...more,
});
const OLD = { fingerprint: 'f-old', tokenId: 'T:old' };
const NEW = { fingerprint: 'f-new', tokenId: 'T-new' };
const INTENT = issue('INTENT', { replaces: [nameOfReplaced(OLD)], targets: ['/home/.npmrc'] });

test('how far each came, which token it is, and what it was to replace', () => {
  const one = (...entries: JournalEntry[]) => issuedTokens(lines(...entries))[0]!;
  expect(one(INTENT)).toEqual({
    run: 'r',
    userIdentifier: 'mac',
    at: 'T0',
    state: 'open',
    files: ['/home/.npmrc'],
    outlived: [OLD],
  });
  expect(one(INTENT, issue('ACK', NEW))).toMatchObject({ state: 'open', ...NEW });
  expect(one(INTENT, issue('UNKNOWN'))).toMatchObject({ state: 'open' });
  expect(one(INTENT, issue('ACK', NEW), issue('VERIFIED', NEW))).toMatchObject({
    state: 'delivered',
    ...NEW,
  });
  expect(one(INTENT, issue('REJECTED'))).toMatchObject({ state: 'withdrawn', outlived: [OLD] });
  expect(one(issue('INTENT'))).toMatchObject({ files: [], outlived: [] });
});

test('what is on record as dead is no longer outlived: by its ID, or by its fingerprint where there is no ID', () => {
  const outlived = (...entries: JournalEntry[]) =>
    issuedTokens(lines(...entries)).map((each) => each.outlived);
  expect(outlived(INTENT, dead({ tokenId: 'T:old' }))).toEqual([[]]);
  expect(outlived(INTENT, dead({ tokenId: 'another', fingerprint: 'f-old' }))).toEqual([[OLD]]);
  expect(outlived(INTENT, { ...dead({ tokenId: 'T:old' }), event: 'UNVERIFIED' })).toEqual([[OLD]]);
  const nameless = issue('INTENT', { replaces: [nameOfReplaced({ fingerprint: 'f-old' })] });
  expect(outlived(nameless)).toEqual([[{ fingerprint: 'f-old' }]]);
  expect(outlived(nameless, dead({ fingerprint: 'f-old' }))).toEqual([[]]);
  expect(outlived(nameless, dead({ tokenId: 'T9' }))).toEqual([[{ fingerprint: 'f-old' }]]);
  const byId = issue('INTENT', { replaces: [nameOfReplaced({ tokenId: 'T1' })] });
  expect(outlived(byId)).toEqual([[{ tokenId: 'T1' }]]);
});

test('a line counts for the run and the user that it names, and there for the last one begun', () => {
  const other = issue('VERIFIED', { run: 'another', ...NEW });
  expect(issuedTokens(lines(INTENT, other))).toMatchObject([{ state: 'open' }]);
  const twice = issuedTokens(lines(INTENT, issue('REJECTED'), issue('INTENT'), issue('VERIFIED', NEW)));
  expect(twice.map(({ state }) => state)).toEqual(['withdrawn', 'delivered']);
  expect(issuedTokens(lines({ event: 'INTENT', run: 'r', action: 'issue' }))).toEqual([]);
});

test('a run killed between delivery and revocation leaves the old token to be revoked', () => {
  const killed = [INTENT, issue('ACK', NEW), issue('VERIFIED', NEW)];
  const issues = (...entries: JournalEntry[]) =>
    unfinished(lines(...entries)).issues.map(({ state, outlived }) => ({ state, outlived }));
  expect(issues(...killed)).toEqual([{ state: 'delivered', outlived: [OLD] }]);
  expect(issues(...killed, { event: 'END', run: 'r' }), 'that run has said so itself').toEqual([]);
  expect(issues(...killed, dead({ tokenId: 'T:old' }))).toEqual([]);
  expect(issues(...killed.slice(0, 2))).toEqual([{ state: 'open', outlived: [OLD] }]);
  expect(issues(...killed.slice(0, 2), { event: 'END', run: 'r' })).toHaveLength(1);
  expect(issues(INTENT, issue('REJECTED'))).toEqual([]);
});

test('what is finished by its ID alone is finished', () => {
  const begun: JournalEntry = { ...dead({ tokenId: 'T1', fingerprint: 'f1' }), event: 'INTENT' };
  expect(unfinished(lines(begun, dead({ tokenId: 'T1' }))).revocations).toEqual([]);
  expect(unfinished(lines(begun, dead({ tokenId: 'T2' }))).revocations).toHaveLength(1);
  expect(openActions(lines(begun, dead({ tokenId: 'T1' })))).toEqual([]);
  expect(openActions(lines(begun, dead({ tokenId: 'T2' })))).toHaveLength(1);
});

test('only what is said of a token itself buries it, and only revocations do', () => {
  const outlived = (...entries: JournalEntry[]) => issuedTokens(lines(...entries))[0]!.outlived;
  const other = issue('VERIFIED', { run: 'another', tokenId: 'T:old', fingerprint: 'f-old' });
  expect(outlived(INTENT, other), 'it was issued, not revoked').toEqual([OLD]);
  const nameless = issue('INTENT', { replaces: [nameOfReplaced({ fingerprint: 'f-old' })] });
  expect(outlived(nameless, dead({ fingerprint: 'f-other' }))).toStrictEqual([{ fingerprint: 'f-old' }]);
  const byId = issue('INTENT', { replaces: [nameOfReplaced({ tokenId: 'T1' })] });
  expect(outlived(byId)).toStrictEqual([{ tokenId: 'T1' }]);
});

test('revocations of the same run and user are no issues', () => {
  const intent: JournalEntry = {
    ...dead({ tokenId: 'T1', userIdentifier: 'mac' }),
    event: 'INTENT',
    run: 'r',
  };
  expect(issuedTokens(lines(intent))).toEqual([]);
  expect(issuedTokens(lines(INTENT, { ...intent, event: 'REJECTED' }))).toMatchObject([{ state: 'open' }]);
});

test('two users of one run are told apart', () => {
  const pc = { userIdentifier: 'pc' };
  const states = issuedTokens(lines(issue('INTENT'), issue('INTENT', pc), issue('VERIFIED', NEW)));
  expect(states.map(({ userIdentifier, state }) => [userIdentifier, state])).toEqual([
    ['mac', 'delivered'],
    ['pc', 'open'],
  ]);
});

test('an issue is open until its own run has told its end', () => {
  const begun = issue('INTENT');
  expect(openActions(lines(begun, issue('ACK', NEW)))).toMatchObject([{ action: 'issue', last: 'ACK' }]);
  expect(openActions(lines(begun, issue('ACK', NEW), issue('VERIFIED', NEW)))).toEqual([]);
  expect(openActions(lines(begun, issue('VERIFIED', { ...NEW, run: 'another' })))).toHaveLength(1);
});

test('what is open is told exactly; what is rejected or seen alive is told elsewhere', () => {
  const revoke = (event: JournalEvent, more: Partial<JournalEntry> = {}): JournalEntry => ({
    event,
    run: 'r',
    action: 'revoke',
    tokenId: 'T1',
    ...more,
  });
  expect(openActions(lines(revoke('INTENT')))).toStrictEqual([
    { run: 'r', action: 'revoke', tokenId: 'T1', last: 'INTENT', line: 1 },
  ]);
  const known = { fingerprint: 'f', userIdentifier: 'u' };
  expect(openActions(lines(revoke('INTENT'), revoke('UNKNOWN', known)))).toStrictEqual([
    { run: 'r', action: 'revoke', ...known, tokenId: 'T1', last: 'UNKNOWN', line: 2 },
  ]);
  expect(openActions(lines(issue('INTENT')))).toStrictEqual([
    { run: 'r', action: 'issue', userIdentifier: 'mac', last: 'INTENT', line: 1 },
  ]);
  expect(openActions(lines({ event: 'INTENT', run: 'r', fingerprint: 'f' }))).toStrictEqual([
    { run: 'r', action: 'revoke', fingerprint: 'f', last: 'INTENT', line: 1 },
  ]);
  for (const event of ['REJECTED', 'VERIFIED', 'UNVERIFIED'] as const)
    expect(openActions(lines(revoke('INTENT'), revoke(event))), event).toEqual([]);
  expect(openActions(lines(revoke('INTENT'), revoke('PLANNED')))).toHaveLength(1);
});
