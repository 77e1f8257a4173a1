import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildTables, type Table } from '../../../fixtures/archives/sqlite-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const FOSSIL = 0x0f055111;
const token = orgToken('fossil');
const filler = 'a line that stays as it is\n'.repeat(8);
const old = `${filler}token=tg_org_${'x'.repeat(token.length - 7)}\n`;
const prefix = filler.length + 'token=tg_org_'.length;
const fresh = `${filler}token=${token}\n`;

/** Copies up to the body of the token, and adds that. */
const rotation = `${digits(fresh.length)}\n${digits(prefix)}@0,${digits(token.length - 7)}:${token.slice(7)}1@${digits(old.length - 1)},0;`;

function digits(value: number): string {
  const all = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~';
  return `${value >= 64 ? digits(Math.floor(value / 64)) : ''}${all[value % 64]}`;
}

function artifact(content: string, size = content.length): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(size);
  return Buffer.concat([head, deflateSync(content)]);
}

function repository(contents: readonly Buffer[], bases: Readonly<Record<number, number>>): Buffer {
  const blob: Table = new Map(
    contents.map((content, index) => [index + 1, [null, 1, 99, 'ab'.repeat(20), content]]),
  );
  const delta: Table = new Map(Object.entries(bases).map(([id, base]) => [Number(id), [null, base]]));
  return buildTables({ event: new Map(), blob, delta }, FOSSIL);
}

test('an artifact of which a delta adds but a part is put together, through others', async () => {
  const same = `${digits(fresh.length)}\n${digits(fresh.length)}@0,0;`;
  const file = repository([artifact(old), artifact(rotation), artifact(same)], { 2: 1, 3: 2 });
  const seen = await collect(expanding(file));
  expect(placesOf(token, seen)).toEqual(['a!artifact 2', 'a!artifact 3']);
  expect(seen.diagnostics).toEqual([]);
});

test('what builds on itself, on nothing, or on what does not fit is listed', async () => {
  const short = 'short';
  const file = repository(
    [artifact(rotation), artifact(rotation), artifact(short), artifact(rotation), artifact('no delta')],
    { 1: 1, 2: 77, 4: 3, 5: 3 },
  );
  const { diagnostics } = await collect(expanding(file));
  expect(diagnostics.map(({ detail }) => detail.split(':')[0])).toEqual([
    'it builds on itself',
    'what it builds on is not there',
    'its delta copies what its base does not have',
    'its delta is damaged',
  ]);
});

test('a repository whose tables are not found is listed; another database is none', async () => {
  const { diagnostics } = await collect(expanding(buildTables({ other: new Map() }, FOSSIL)));
  expect(diagnostics).toMatchObject([{ reason: 'corrupt' }]);
  expect((await collect(expanding(buildTables({ other: new Map() }, 0)))).diagnostics).toEqual([]);
});

test('no damage throws', async () => {
  const file = repository([artifact(old), artifact(rotation)], { 2: 1 });
  for (let at = 0; at < file.length; at++) {
    // Most of a page is empty.
    if (file[at] === 0 || at % 5 !== 0) continue;
    const changed = Buffer.from(file);
    changed[at]! ^= 0xff;
    await collect(expanding(changed));
  }
});
