import { expect, test } from 'vitest';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const token = orgToken('mail');
const zip = buildZip([{ name: '.npmrc', data: `token=${token}` }]);
const encoded = zip.toString('base64').replace(/.{76}/g, '$&\r\n');
const quoted = `the token is ${token.slice(0, 20)}=\r\n${token.slice(20).replace(/-/g, '=2D')}, =C3=A9`;

const mail = [
  'Received: from somewhere',
  'Subject: leak',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed;',
  '  boundary="outer=1"',
  '',
  'preamble',
  '--outer=1',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  quoted,
  '--outer=1',
  'Content-Type: application/zip; name="keys.zip"',
  'Content-Transfer-Encoding: base64',
  '',
  encoded,
  '--outer=1--',
  '',
].join('\r\n');

test.each([false, true])('parts of a mail are read as what they stand for (piped: %s)', async (piped) => {
  const seen = await collect(expanding(Buffer.from(mail), { name: 'leak.eml', piped }));
  expect(placesOf(token, seen)).toEqual(['leak.eml!part 1', 'leak.eml!keys.zip!.npmrc']);
  expect(seen.units[0]!.text).toBe(mail);
  expect(seen.diagnostics).toEqual([]);
});

test('a mailbox, and a message in a message', async () => {
  const forwarded = `Content-Type: message/rfc822\n\n${mail.replaceAll('\r\n', '\n')}`;
  const mailbox = `From a@b Mon\n${forwarded}\nFrom a@b Tue\n${mail}`;
  const seen = await collect(expanding(Buffer.from(mailbox)));
  expect(placesOf(token, seen)).toEqual(['a!part 1', 'a!keys.zip!.npmrc', 'a!part 3', 'a!keys.zip!.npmrc']);
});

test('a mail that is cut off in a part is read as far as it goes', async () => {
  const seen = await collect(expanding(Buffer.from(mail.slice(0, mail.indexOf(encoded) + 100))));
  expect(placesOf(token, seen)).toEqual(['a!part 1']);
  expect(seen.units.some(({ path }) => path.startsWith('a!keys.zip'))).toBe(true);
});

test('text that only begins like a mail is text', async () => {
  const seen = await collect(expanding(Buffer.from(`To: you\nFrom: me\n\n${token}`)));
  expect(placesOf(token, seen)).toEqual(['a']);
});

test('headers that are encoded, or divided, are read as what they stand for', async () => {
  const [front, back] = [token.slice(0, 25), token.slice(25)];
  const word = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
  for (const header of [
    `Subject: ${word(`the token is ${front}`)}\r\n ${word(back)}`,
    `Subject: =?utf-8?Q?the_token_is_${front.replaceAll('_', '=5F')}?=\r\n =?utf-8?Q?${back}?=`,
    `Content-Type: text/plain;\r\n name*0*=utf-8''${front.replaceAll('_', '%5F')};\r\n name*1="${back}"`,
  ]) {
    const bytes = Buffer.from(`From: a@b\r\nMIME-Version: 1.0\r\n${header}\r\n\r\nhello\r\n`);
    expect(placesOf(token, await collect(expanding(bytes)))).toEqual(['a!headers at byte 0']);
  }
});
