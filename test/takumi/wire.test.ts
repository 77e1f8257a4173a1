import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRevoked, readErrorText, readIssue, readProbe } from '../../src/takumi/answers.js';
import { ShapeError } from '../../src/takumi/json-shape.js';
import { nextOfLink } from '../../src/takumi/link-header.js';
import { readListPage } from '../../src/takumi/list-page.js';
import { orgToken } from '../support/tokens.js';

const ROW = { token_id: 't1', user_identifier: 'alice', status: 'active' };
const READ = { tokenId: 't1', userIdentifier: 'alice', status: 'active' };

describe('a list', () => {
  test.each([
    ['tokens', { tokens: [ROW] }],
    ['items', { items: [ROW] }],
    ['org_user_tokens', { org_user_tokens: [ROW] }],
    ['a bare array', [ROW]],
    ['id', { tokens: [{ ...ROW, token_id: undefined, id: 't1' }] }],
    ['a numeric ID', { tokens: [{ ...ROW, token_id: 't1' }] }],
    ['a loud status', { tokens: [{ ...ROW, status: 'TOKEN_STATUS_ACTIVE' }] }],
    ['no status but a flag', { tokens: [{ ...ROW, status: undefined, is_active: true }] }],
    ['no status but no revocation', { tokens: [{ ...ROW, status: undefined, revoked_at: null }] }],
  ])('under %s is read', (_name, answer) => {
    expect(readListPage(answer).records).toEqual([READ]);
  });

  test.each([
    ['a status nobody knows', { status: 'sleeping' }],
    ['no status at all', { status: undefined }],
    ['active, yet revoked at a time', { revoked_at: '2026-01-01T00:00:00Z' }],
    ['active, yet not active', { active: false }],
    ['a status that is no text', { status: 1 }],
  ])('a row with %s is kept as unknown', (_name, change) => {
    expect(readListPage([{ ...ROW, ...change }]).records[0]?.status).toBe('unknown');
  });

  test.each([
    ['no rows', {}, '$.tokens is missing (also accepted: items'],
    ['rows that are none', { tokens: 'x' }, '$.tokens is a string, not an array'],
    ['a row that is none', { tokens: [ROW, null] }, '$.tokens[1] is null, not an object'],
    ['no ID', { tokens: [{ ...ROW, token_id: null }] }, '$.tokens[0].token_id is missing'],
    [
      'no user',
      { tokens: [{ ...ROW, user_identifier: undefined }] },
      '$.tokens[0].user_identifier is missing',
    ],
    [
      'a user that is a number',
      { tokens: [{ ...ROW, user_identifier: 5 }] },
      '$.tokens[0].user_identifier is a number',
    ],
    ['an ID that leads up', { tokens: [{ ...ROW, token_id: '..' }] }, 'cannot be an ID'],
    ['an ID that is a token', { tokens: [{ ...ROW, token_id: orgToken('id') }] }, 'cannot be an ID'],
    ['more, but not where', { tokens: [], has_more: true }, '$.has_more is true'],
    ['paging under another name', { tokens: [], nextToken: 'abc' }, '$.nextToken may lead to another page'],
    ['paging in another place', { tokens: [], links: { next: 'https://x/' } }, '$.links.next may lead'],
    ['more, in words', { tokens: [], has_more: 'true' }, '$.has_more is true'],
    ['more, as a number', { tokens: [], has_more: 1 }, '$.has_more is true'],
    ['more, as who knows what', { tokens: [], has_more: 'some' }, '$.has_more is a string'],
    ['an error beside it', { tokens: [], error: { code: 'partial' } }, '$.error is there'],
    ['errors beside it', { tokens: [], errors: ['shard 2'] }, '$.errors is there'],
    ['nothing', null, '$ is null'],
    ['no content', undefined, '$ is absent'],
    ['a text', 'x', '$ is a string'],
  ])('with %s is refused by its path', (_name, answer, says) => {
    expect(() => readListPage(answer)).toThrow(ShapeError);
    expect(() => readListPage(answer)).toThrow(says);
  });

  test.each([
    [{ next_page_token: 'a' }, { query: 'page_token', cursor: 'a' }],
    [{ next_cursor: 'a' }, { query: 'cursor', cursor: 'a' }],
    [{ pagination: { next_cursor: 'a', has_more: true } }, { query: 'cursor', cursor: 'a' }],
    [{ next_page_token: '' }, undefined],
    [{ next_cursor: null, has_more: false, previous_cursor: 'x' }, undefined],
  ])('%j leads on', (paging, next) => {
    expect(readListPage({ tokens: [], ...paging }).next).toEqual(next);
  });

  // Each is how some API says that there is more; none is followed, so none may pass for the end.
  test.each([
    { response_metadata: { next_cursor: 'abc' } },
    { metadata: { continue: 'abc' } },
    { paging: { cursors: { after: 'abc' } } },
    { page_info: { hasNextPage: true, endCursor: 'abc' } },
    { next: 'https://x/?page=2' },
    { next_page: 2 },
    { next: { href: '/?page=2' } },
    { links: [{ rel: 'self' }, { rel: 'next', href: '/?page=2' }] },
    { last: false, number: 0 },
    { is_last_page: 'false' },
    { complete: false },
    { is_truncated: true },
    { incomplete_results: true },
    { a: { b: { c: { d: { e: { f: { g: {} } } } } } } },
  ])('%j is no end', (more) => {
    expect(() => readListPage({ tokens: [ROW], ...more })).toThrow(ShapeError);
  });

  test.each([
    [{ 'x-next-page': '2' }, /headers\.x-next-page may lead/],
    [{ 'x-has-more': 'true' }, /headers\.x-has-more may lead/],
  ])('nor are the headers %j', (headers, says) => {
    expect(() => readListPage([ROW], () => {}, headers)).toThrow(says);
  });

  test.each([
    [{ response_metadata: { next_cursor: '' } }, {}],
    [{ page_info: { has_next_page: false } }, {}],
    [{ next: null, previous: 'https://x/?page=1', last: true, complete: true, truncated: false }, {}],
    [{ total: 7 }, { rows: 7 }],
    [
      { totalElements: '12', totalPages: 3, size: 5 },
      { rows: 12, pages: 3 },
    ],
    [{ meta: { total_count: 3, page: 1, per_page: 50 } }, { rows: 3, perPage: 50 }],
    [
      { count: 2, pages: 4, limit: 10, offset: 0 },
      { rows: 2, pages: 4, perPage: 10 },
    ],
    [{ total: 'many', page_count: 2.5 }, { pages: 2.5 }],
  ])('what %j says of how much there is', (said, extent) => {
    expect(readListPage({ tokens: [ROW], ...said }).extent).toEqual(extent);
  });

  test('what headers say counts where the answer says nothing', () => {
    const headers = { 'x-total-count': '9', 'x-total-pages': '2' };
    expect(readListPage([ROW], () => {}, headers).extent).toEqual({ rows: 9, pages: 2 });
    expect(readListPage({ items: [ROW], total: 1 }, () => {}, headers).extent).toEqual({ rows: 1, pages: 2 });
  });

  test('rows may be called what they like', () => {
    const row = { ...ROW, next_rotation: 'soon', total_pages: 9, last: false };
    expect(readListPage({ tokens: [row] })).toMatchObject({ records: [READ], extent: {} });
  });

  test('hints are the visible end, and too short ones are none', () => {
    const hint = (text: string): string | undefined =>
      readListPage([{ ...ROW, hint: text }]).records[0]?.hint;
    expect(hint('x9Zk')).toBe('x9Zk');
    expect(hint('tg_org_****x9Zk')).toBe('x9Zk');
    expect(hint('…x9Zk')).toBe('x9Zk');
    expect(hint('9Zk')).toBeUndefined();
    expect(hint('tg_org_ab…')).toBeUndefined();
    expect(hint('tg_org_ab3d')).toBeUndefined();
    expect(hint(orgToken('whole'))).toBeUndefined();
  });

  test('an identifier that is a token is cut down', () => {
    const record = readListPage([{ ...ROW, user_identifier: orgToken('user') }]).records[0];
    expect(record?.userIdentifier).toBe('tg_org_…');
  });
});

describe('a probe', () => {
  test.each([
    [{ active: true }, { state: 'active' }],
    [
      { active: true, token_id: 't' },
      { state: 'active', tokenId: 't' },
    ],
    [
      { is_active: true, user_identifier: 'u' },
      { state: 'active', userIdentifier: 'u' },
    ],
    [
      { status: 'ACTIVE', id: 7 },
      { state: 'active', tokenId: '7' },
    ],
    [{ data: { active: true, org_id: 'org' } }, { state: 'active' }],
    [{ active: true, owned: false }, { state: 'foreign' }],
    [{ active: true, org_id: 'theirs' }, { state: 'foreign' }],
    [{ active: false, owned: false }, { state: 'foreign' }],
    [{ status: 'foreign' }, { state: 'foreign' }],
    [{ active: false, owned: true }, { state: 'inactive' }],
    [{ active: false, org_id: 7 }, { state: 'foreign' }],
    [{ active: false, token_id: 't' }, { state: 'inactive' }],
    [{ status: 'revoked', org_id: 'org' }, { state: 'inactive' }],
    [{ active: false }, { state: 'inactive_or_foreign' }],
    [{ status: 'revoked' }, { state: 'inactive_or_foreign' }],
  ])('%j', (answer, reading) => {
    expect(readProbe(answer, 'org')).toEqual(reading);
  });

  test.each([
    [{}, '$.active is missing (also accepted: is_active, status, state)'],
    [{ active: 'false' }, '$.active is a string, not true or false'],
    [{ active: 0 }, '$.active is a number'],
    [{ active: null }, '$.active is missing'],
    [{ status: 'not_found' }, '$.status is not a known state'],
    [{ status: '' }, '$.status is not a known state'],
    [{ active: true, status: 'revoked' }, 'contradict'],
    [{ active: false, status: 'active' }, 'contradict'],
    [{ active: true, owned: 'yes' }, '$.owned is a string'],
    [{ active: true, org_id: 'ORG' }, 'differ in upper and lower case only'],
    [{ active: true, org_id: { id: 'org' } }, '$.org_id is an object'],
    [{ active: true, token_id: '../x\n' }, 'cannot be an ID'],
    [[], '$ is an array'],
    [{ error: { code: 'x' } }, '$.active is missing'],
    [{ active: false, error: { code: 'x' } }, '$.error is there'],
    [{ data: { active: false }, errors: ['x'] }, '$.errors is there'],
  ])('%j is refused by its path', (answer, says) => {
    expect(() => readProbe(answer, 'org')).toThrow(ShapeError);
    expect(() => readProbe(answer, 'org')).toThrow(says);
  });

  test('no JSON at all is read as dead unless it says so', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (answer) => {
        fc.pre(!/"(active|is_active|status|state)"/.test(JSON.stringify(answer)));
        expect(() => readProbe(answer, 'org')).toThrow(ShapeError);
      }),
    );
  });

  test('whatever is read of a list is whole, or refused by a ShapeError', () => {
    const value = fc.oneof(fc.constant('active'), fc.string(), fc.integer(), fc.constant(null), fc.boolean());
    const row = fc.dictionary(
      fc.constantFrom('token_id', 'id', 'user_identifier', 'status', 'hint', '__proto__'),
      value,
    );
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        let records: readonly unknown[];
        try {
          ({ records } = readListPage({ tokens: rows }));
        } catch (error) {
          expect(error).toBeInstanceOf(ShapeError);
          return;
        }
        expect(records).toHaveLength(rows.length);
      }),
    );
  });
});

describe('an issue', () => {
  const token = orgToken('issued');
  test.each([
    [
      { token, token_id: 't' },
      { plaintext: token, tokenId: 't' },
    ],
    [{ plaintext: token }, { plaintext: token }],
    [{ token: { value: token, id: 't', user_identifier: 'alice' } }, { plaintext: token, tokenId: 't' }],
    [{ org_user_token: { token, token_id: 't' } }, { plaintext: token, tokenId: 't' }],
  ])('case %#', (answer, reading) => {
    expect(readIssue(answer, 'alice')).toEqual(reading);
  });

  test.each([
    {},
    { token: 5 },
    { token: 'a b c d e f g h' },
    { token: '' },
    { token, user_identifier: 'alicia' },
  ])('case %# is refused, and not quoted', (answer) => {
    expect(() => readIssue(answer, 'alice')).toThrow(ShapeError);
    try {
      readIssue(answer, 'alice');
    } catch (error) {
      expect(String(error)).not.toContain(token);
    }
  });
});

test('a revocation is believed unless it is denied', () => {
  for (const answer of [
    undefined,
    {},
    { token_id: 't', status: 'revoked' },
    { ok: true },
    { active: false },
  ]) {
    expect(() => checkRevoked(answer, 't')).not.toThrow();
  }
  for (const answer of [
    null,
    [],
    'ok',
    { ok: false },
    { error: 'x' },
    { token_id: 'u' },
    { data: { active: true } },
  ]) {
    expect(() => checkRevoked(answer, 't')).toThrow(ShapeError);
  }
});

test('error envelopes of three kinds are understood', () => {
  expect(readErrorText({ error: { code: 'c', message: 'm' } })).toBe('c: m');
  expect(readErrorText({ code: 5, message: 'm' })).toBe('5: m');
  expect(readErrorText({ message: 'm' })).toBe('m');
  expect(readErrorText({ hello: 1 })).toBeUndefined();
  expect(readErrorText('x')).toBeUndefined();
});

describe('a Link header', () => {
  const page = new URL('https://api.example.test/v1/tokens?a=1');
  test.each([
    ['<https://api.example.test/v1/tokens?c=2>; rel="next"', 'c=2'],
    ['</v1/tokens?c=2>; rel=next', 'c=2'],
    ['<?c=2>; title="x"; rel="last next"', 'c=2'],
    ['<?p=1>; rel="prev", <?c=2>; rel="next"', 'c=2'],
    ["<?c=2>; rel='next'", 'c=2'],
    ['<?c=2>; rel="prev"', undefined],
    ['nonsense', undefined],
    [undefined, undefined],
  ])('%s', (header, query) => {
    expect(nextOfLink(header, page)).toBe(query);
  });

  test.each([
    '<https://other.example/v1/tokens?c=2>',
    '<http://api.example.test/v1/tokens?c=2>',
    '</v2/tokens?c=2>',
    '<//x/>',
  ])('%s leads away and is refused', (target) => {
    expect(() => nextOfLink(`${target}; rel="next"`, page)).toThrow('another address');
  });
});
