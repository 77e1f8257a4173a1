import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/takumi/json-shape.js';
import { pagingHeaders, readExtent } from '../../src/takumi/more-pages.js';
import { orgToken } from '../support/tokens.js';

const ROWS = ['a row'];
const nothingFollowed = () => false;

function extentOf(value: unknown, followed: (path: string, name: string) => boolean = nothingFollowed) {
  return readExtent({ path: '$', value }, ROWS, followed);
}

const PAGES = [
  ['pages', 'total_pages', 'num_pages', 'number_of_pages', 'page_count', 'page_total', 'pages_count'],
  ['pages_total', 'last_page', 'lastPage', 'X-Total-Pages'],
].flat();
const ALL_ROWS = [
  ['total', 'count', 'X-Total', 'total_count', 'totalCount', 'total_size', 'total_total', 'item_count'],
  ['items_total', 'row_count', 'rows_size', 'record_count', 'records_total', 'result_count', 'results_size'],
  ['element_count', 'elements_total', 'token_count', 'tokens_size', 'total_items', 'total_rows'],
  ['total_records', 'total_results', 'total_elements', 'total_tokens', 'total_hits'],
].flat();
const LARGEST = [
  [
    'limit',
    'page_size',
    'max_size',
    'per_page',
    'max_page',
    'max_results',
    'max_items',
    'max_rows',
    'max-page',
  ],
  ['perPage', 'pageSize'],
].flat();

describe('how much there is', () => {
  test.each<[string, object]>([
    ...PAGES.map((name): [string, object] => [name, { pages: 7 }]),
    ...ALL_ROWS.map((name): [string, object] => [name, { rows: 7 }]),
    ...LARGEST.map((name): [string, object] => [name, { perPage: 7 }]),
  ])('is said by %s', (name, extent) => {
    expect(extentOf({ [name]: 7 })).toEqual(extent);
    expect(extentOf({ deep: [{ [name]: '7' }] })).toEqual(extent);
  });

  test.each([...PAGES, ...ALL_ROWS, ...LARGEST])('is not said by names that hold %s', (name) => {
    expect(extentOf({ [`of_${name}`]: 7, [`${name}_asked`]: 7 })).toEqual({});
  });

  test.each([['7 '], [' 7'], ['-7'], ['7.5'], ['1'.repeat(16)], [null], [true], [{}], [['7']]])(
    'is not said by %j',
    (value) => {
      expect(extentOf({ total: value })).toEqual({});
    },
  );

  test('is the largest that is named, and of a page the last', () => {
    expect(
      extentOf({ total: 3, meta: { total_count: '12', count: 5 }, pages: 4, links: { pages: 2 } }),
    ).toEqual({
      rows: 12,
      pages: 4,
    });
    expect(extentOf({ total: 0, pages: 0 })).toEqual({ rows: 0, pages: 0 });
    expect(extentOf({ limit: 10, meta: { page_size: 5 } })).toEqual({ perPage: 5 });
  });

  test('is not looked for in the rows, nor where others follow', () => {
    expect(readExtent({ path: '$', value: { rows: ROWS, total: 1 } }, ROWS, nothingFollowed)).toEqual({
      rows: 1,
    });
    const rows = [{ total: 5 }];
    expect(readExtent({ path: '$', value: { rows } }, rows, nothingFollowed)).toEqual({});
    const asked: string[] = [];
    const followed = (path: string, name: string) => {
      asked.push(`${path} ${name}`);
      return name === 'total';
    };
    expect(extentOf({ meta: { total: 5 }, list: [{ total: 6 }] }, followed)).toEqual({});
    expect(asked).toEqual(['$ meta', '$.meta total', '$ list', '$.list[0] total']);
  });

  test.each([['x'], [5], [null], [undefined]])('nothing is said by %j', (value) => {
    expect(extentOf(value)).toEqual({});
  });
});

describe('more than there is', () => {
  test.each<[unknown, string]>([
    [{ next: 'a' }, '$.next may lead to another page, but is not understood'],
    [{ nextToken: 1 }, '$.nextToken may lead'],
    [{ after: { end_Cursor: 'a' } }, '$.after.end_Cursor may lead'],
    [{ hasMore: true }, '$.hasMore may lead'],
    [{ hasMore: 'yes' }, '$.hasMore may lead'],
    [{ 'x-continuation': 'a' }, '$.x-continuation may lead'],
    [{ list: [{ more: [0, { a: '' }, { b: 'x' }] }] }, '$.list[0].more may lead'],
    [{ links: [{ rel: 'self' }, { rel: 'next' }] }, '$.links[1].rel may lead'],
    [{ links: [{ rel: ['last', 'Next'] }] }, '$.links[0].rel may lead'],
    ...['last', 'is_last', 'last_page', 'isLastPage', 'complete', 'is_complete', 'final'].flatMap((name) =>
      [false, 'false'].map(
        (no) => [{ [name]: no }, `$.${name} says that this is not the whole list`] as [unknown, string],
      ),
    ),
    ...['truncated', 'is_truncated', 'partial', 'incomplete', 'incomplete_results'].flatMap((name) =>
      [true, 'true'].map(
        (yes) => [{ [name]: yes }, `$.${name} says that this is not the whole list`] as [unknown, string],
      ),
    ),
  ])('%j says so', (value, says) => {
    expect(() => extentOf(value)).toThrow(ShapeError);
    expect(() => extentOf(value)).toThrow(says);
  });

  test.each([
    { next: '' },
    { next: null },
    { next: 0 },
    { next: false },
    { has_next: 'false' },
    { next: {} },
    { next: { href: '', at: [null, 0, false] } },
    { prev_cursor: 'a', previousPage: 2, prevNext: 'a' },
    { rel: 'nextdoor' },
    { rel: 'context' },
    { rel: null },
    { rel: 5 },
    ['next', 'more'],
    { last: true, complete: 'true', final: null, is_last: 'no' },
    { truncated: false, partial: 'false', incomplete: null },
    { last_name: false, first_complete: false, finality: false, was_final: false },
    { truncated_at: true, un_truncated: true, partially: true, incomplete_rows: true },
  ])('%j does not', (value) => {
    expect(extentOf(value)).toEqual({});
  });

  test('may not hide too deep, in cycles of nothing either', () => {
    const nested = (depth: number, inside: unknown): unknown =>
      depth === 0 ? inside : { a: nested(depth - 1, inside) };
    expect(extentOf(nested(6, { total: 3 }))).toEqual({ rows: 3 });
    expect(extentOf(nested(6, { b: 5 }))).toEqual({});
    expect(() => extentOf(nested(7, {}))).toThrow('$.a.a.a.a.a.a.a is nested too deep to be read');
  });

  test('is told of without a token, and shortly', () => {
    const token = orgToken('name');
    const message = (name: string) => {
      try {
        extentOf({ [name]: 'x' });
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(message(`next ${token}`)).toContain('$.next ');
    expect(message(`next ${token}`)).not.toContain(token.slice(7));
    expect(message(`next${'x'.repeat(100)}`)).toBe(
      `$.next${'x'.repeat(56)} may lead to another page, but is not understood`,
    );
  });
});

describe('headers', () => {
  const said = (headers: Readonly<Record<string, string>>) => pagingHeaders((name) => headers[name] ?? '');

  test.each(
    [
      [
        'x-next-page',
        'x-next-page-token',
        'x-next-cursor',
        'x-next-token',
        'x-continuation-token',
        'x-has-more',
      ],
      ['x-has-next', 'x-total', 'x-total-count', 'x-total-pages', 'x-page-count'],
    ].flat(),
  )('%s is looked at', (name) => {
    expect(said({ [name]: '2', 'x-other': '2' })).toEqual({ [name]: '2' });
    expect(said({ [name]: '' })).toEqual({});
  });

  test.each([
    ['items 0-9/120', { total: '120' }],
    ['items 0-9/120 ', { total: '120' }],
    ['items 0-9/*', {}],
    ['items 0-9/12x', {}],
    ['120', {}],
  ])('of a range, %j', (range, fields) => {
    expect(said({ 'content-range': range })).toEqual(fields);
  });
});
