import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const HEAD = 'Bazaar pack format 1 (introduced in 0.18)\nB90\nname\n\n';
const token = orgToken('bazaar');
const old = `token=tg_org_${'x'.repeat(token.length - 7)}\n`;

/** Seven bits a byte, the lowest first. */
function number(value: number): Buffer {
  return Buffer.from(value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
}

function record(kind: 'f' | 'd', bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(kind), number(bytes.length), bytes]);
}

/** Copies what stands before the body of the token in the first text of the block, and adds that. */
function rotation(): Buffer {
  const prefix = 'token=tg_org_'.length;
  const added = Buffer.from(token.slice(7));
  const copy = Buffer.from([0x80 | 1 | 16, 2, prefix]);
  return Buffer.concat([number(prefix + added.length), copy, Buffer.from([added.length]), added]);
}

function pack(content: Buffer, size = content.length): Buffer {
  const packed = deflateSync(content);
  return Buffer.concat([Buffer.from(`${HEAD}gcb1z\n${packed.length}\n${size}\n`), packed, Buffer.from('E')]);
}

const whole = Buffer.concat([record('f', Buffer.from(old)), record('d', rotation())]);

test('a text of which a delta adds but a part is put together', async () => {
  const seen = await collect(expanding(pack(whole)));
  const second = record('f', Buffer.from(old)).length;
  expect(placesOf(token, seen)).toEqual([`a!text at byte ${second} of the block at byte ${HEAD.length}`]);
  expect(seen.diagnostics).toEqual([]);
});

test('what is damaged is listed, and the block is searched as it is', async () => {
  const late = Buffer.concat([whole, record('f', Buffer.from(`\n${token}\n`)), Buffer.from('x')]);
  const cut = await collect(expanding(pack(late)));
  expect(placesOf(token, cut)).toContain(`a!block at byte ${HEAD.length}`);
  expect(cut.diagnostics).toMatchObject([{ reason: 'corrupt' }]);
  expect((await collect(expanding(pack(whole, 7)))).diagnostics).toMatchObject([{ reason: 'corrupt' }]);
  const file = pack(whole);
  for (let at = HEAD.length; at < file.length; at++) {
    const changed = Buffer.from(file);
    changed[at]! ^= 0x55;
    await collect(expanding(changed));
  }
});
