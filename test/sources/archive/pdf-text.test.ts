import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { textOf } from '../../../src/sources/archive/pdf-text.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const token = orgToken('pdf');
const hex = (text: string) => Buffer.from(text).toString('hex');
const kerned = [...token].map((one, index) => `(${one})${index % 3 ? -12.5 : ' 7 '}`).join('');

const SHOWN: readonly (readonly [name: string, content: string])[] = [
  ['one string', `(key ${token}) Tj`],
  ['glyphs that are kerned', `[(key )${kerned}] TJ`],
  [
    'strings of digits',
    `[<${hex(token.slice(0, 5))}> -3 <${hex(token.slice(5)).replace(/.{8}/g, '$& \n')}>] TJ`,
  ],
  ['octal escapes', `(key ${token.replaceAll('_', '\\137')}) Tj`],
  ['a continued line', `(key ${token.slice(0, 9)}\\\n${token.slice(9, 20)}\\\r\n${token.slice(20)}) Tj`],
  ['a change of colour', `(${token.slice(0, 7)}) Tj 1 0 0 rg /F2 9 Tf (${token.slice(7)}) Tj`],
  ['glyphs that are placed', [...token].map((one) => `(${one}) Tj 5.2 0 Td `).join('')],
  ['parentheses', `(a (b) ${token.slice(0, 4)}) Tj (${token.slice(4)} \\) ) Tj`],
];

describe.each(SHOWN)('%s', (_, operators) => {
  const content = `q BT /F1 12 Tf 72 720 Td ${operators} 0 -14 Td (next) Tj ET Q\n`;

  test('is read as the line that it shows', () => {
    expect(textOf(Buffer.from(content)).toString('latin1')).toMatch(new RegExp(`${token}(?:\\s| \\))`));
  });

  test('in a PDF, with the stream that it is in', async () => {
    const pdf = Buffer.concat([
      Buffer.from('%PDF-1.7\n1 0 obj <</Filter /FlateDecode>> stream\n'),
      deflateSync(content),
      Buffer.from('\nendstream'),
    ]);
    const seen = await collect(expanding(buildZip([{ name: 'a.pdf', data: pdf }])));
    expect(placesOf(token, seen)).toContain('a!a.pdf!stream at byte 49!text');
    expect(seen.diagnostics).toEqual([]);
  });
});

test('words that a gap or a line parts stay apart', () => {
  expect(textOf(Buffer.from("BT [(a)-250(b)] TJ T* (c) Tj (d) ' 1 2 Td (e) Tj ET")).toString()).toBe(
    'a b\ncd\n\ne\n',
  );
});

test.each([
  '('.repeat(2_000_000),
  '<'.repeat(2_000_000),
  '(a'.repeat(900_000),
  '<41 '.repeat(500_000),
  '\\('.repeat(900_000),
])('what never ends takes no longer than its length', (content) => {
  const begun = performance.now();
  textOf(Buffer.from(content));
  expect(performance.now() - begun).toBeLessThan(2000);
});
