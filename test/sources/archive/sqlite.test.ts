import { describe, expect, test } from 'vitest';
import { snappyBlock } from '../../../fixtures/archives/block-builder.js';
import { buildSqlite, buildSqliteLog, buildTables } from '../../../fixtures/archives/sqlite-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const token = orgToken('sqlite');

test('values that Firefox packed are unpacked', async () => {
  const text = `tokens begin with tg_org_, and this is tg_org_ one: ${token} ${'and more of it '.repeat(20)}`;
  const rows = new Map([[1, [1, 'key', null, null, snappyBlock(text)]]]);
  const seen = await collect(expanding(buildTables({ object_data: rows }, 0)));
  expect(placesOf(token, seen)).toEqual([expect.stringMatching(/^a!row at byte \d+!block at byte \d+$/)]);
  expect(seen.diagnostics).toEqual([]);
});

/** A text in which the token begins at a place. */
const textAt = (at: number) => `${'a'.repeat(at)} ${token} ${'b'.repeat(9000)}`;

describe.each([512, 1024, 4096, 65536])('pages of %i bytes', (pageSize) => {
  const places = [0, 30, 60, 90, 120, 400, 440, 470, 500, 900, 980, 3500, 4060, 7900].map(
    (at) => at + pageSize / 9,
  );
  const texts = places.map((at) => textAt(Math.floor(at)).padEnd(pageSize * 2, 'c'));

  test('values that run over are put together, wherever the page ends', async () => {
    for (const text of texts) {
      const seen = await collect(expanding(buildSqlite(['short', text], { pageSize })));
      expect(placesOf(token, seen)).toContainEqual(expect.stringMatching(/^a!value at byte \d+$/));
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test('with bytes of each page reserved, in UTF-16, in a log', async () => {
    const wide = Buffer.from(texts[5]!, 'utf16le');
    const reserved = await collect(expanding(buildSqlite(texts, { pageSize, reserved: 32 })));
    expect(placesOf(token, reserved).filter((place) => place.startsWith('a!value'))).toHaveLength(
      texts.length,
    );
    const value = (await collect(expanding(buildSqlite([wide], { pageSize })))).units.find(({ path }) =>
      path.startsWith('a!value'),
    );
    expect(Buffer.from(value!.text, 'latin1').equals(wide)).toBe(true);
    const log = await collect(expanding(buildSqliteLog(texts, { pageSize })));
    expect(placesOf(token, log).filter((place) => place.startsWith('a!value'))).toHaveLength(texts.length);
  });

  test('what nothing names any more', async () => {
    const text = `${'d'.repeat(3 * pageSize - 20)}${token}`.padEnd(5 * pageSize, 'e');
    for (let shift = 0; shift < 40; shift += 3) {
      const seen = await collect(expanding(buildSqlite([text.slice(shift)], { pageSize, headless: true })));
      const found = placesOf(token, seen);
      expect(found.length, `${shift}`).toBeGreaterThan(0);
    }
  });
});

test('pages that all cells name, in a circle, cost no more than they hold', async () => {
  const pageSize = 512;
  const pages = Array.from({ length: 4000 }, (_, index) => {
    const page = Buffer.alloc(pageSize);
    if (index % 2 === 1) {
      page.writeUInt32BE(((index + 2) % 4000) + 1, 0);
      return page;
    }
    const at = index === 0 ? 100 : 0;
    page[at] = 0x0d;
    page.writeUInt16BE(180, at + 3);
    for (let cell = 0; cell < 180 && at + 10 + 2 * cell < 460; cell++)
      page.writeUInt16BE(462, at + 8 + 2 * cell);
    Buffer.from([0xff, 0xff, 0xff, 0x7f, 1]).copy(page, 462);
    page.writeUInt32BE(index + 2, 508);
    return page;
  });
  pages[0]!.write('SQLite format 3\0', 'latin1');
  pages[0]!.writeUInt16BE(pageSize, 16);
  const begun = performance.now();
  const seen = await collect(expanding(Buffer.concat(pages)));
  const size = seen.units.reduce((sum, { text }) => sum + text.length, 0);
  expect(size).toBeLessThan(6 * pages.length * pageSize);
  expect(performance.now() - begun).toBeLessThan(8000);
});

test('a database that is shorter than its header tells is not taken for whole', async () => {
  const pageSize = 512;
  const whole = buildSqlite([textAt(700)], { pageSize });
  whole.writeUInt32BE(whole.length / pageSize, 28);
  expect((await collect(expanding(whole))).diagnostics).toEqual([]);
  const cut = whole.subarray(0, whole.length - pageSize);
  const [told] = (await collect(expanding(cut))).diagnostics;
  expect(told).toMatchObject({ reason: 'corrupt', detail: expect.stringContaining('cut short') });
  // Written by a program that does not keep that number.
  cut.writeUInt32BE(7, 24);
  expect((await collect(expanding(cut))).diagnostics).toEqual([]);
});
