import { expect, test } from 'vitest';
import { buildMailbox } from '../../../fixtures/archives/mailbox-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const token = orgToken('mailbox');

test('the text of a mailbox is read through its permutation, old and new, in UTF-16 too', async () => {
  for (const version of [14, 15, 23, 36]) {
    const mailbox = buildMailbox(Buffer.from(`Subject: the key\r\n${token}\r\n`), version);
    expect(mailbox.includes(token)).toBe(false);
    const seen = await collect(expanding(mailbox));
    expect(placesOf(token, seen)).toEqual(['a!text']);
    expect(seen.diagnostics.map(({ reason }) => reason)).toEqual(['unsupported']);
  }
});

test('what is written as it is stays so', async () => {
  const mailbox = buildMailbox(Buffer.from(token), 23);
  mailbox[513] = 0;
  expect((await collect(expanding(mailbox))).units).toHaveLength(1);
});

test('every byte means what it meant', async () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const { units } = await collect(expanding(buildMailbox(all)));
  expect(Buffer.from(units[1]!.text, 'latin1').subarray(564).equals(all)).toBe(true);
});
