import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { codeMapOf } from '../../../src/sources/archive/pdf-fonts.js';
import { textOf } from '../../../src/sources/archive/pdf-text.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

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

/** The filters of ISO 32000-1, 7.4, the other way round. */
const WRITTEN: Readonly<Record<string, (bytes: Buffer) => Buffer | string>> = {
  ASCII85Decode: (bytes) => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 4) {
      const group = bytes.subarray(at, at + 4);
      const value = Buffer.concat([group, Buffer.alloc(4)]).readUInt32BE(0);
      const digits = [52200625, 614125, 7225, 85, 1].map((unit) => Math.floor(value / unit) % 85);
      text += String.fromCharCode(...digits.slice(0, group.length + 1).map((digit) => digit + 33));
    }
    return `${text.replace(/.{60}/g, '$&\n')}~>`;
  },
  AHx: (bytes) => `${bytes.toString('hex').replace(/.{64}/g, '$&\r\n')}>`,
  RunLengthDecode: (bytes) => {
    const runs = (bytes.toString('latin1').match(/(.)\1{2,99}|(?:(?!(.)\2\2).){1,99}/gs) ?? []).map((run) =>
      /^(.)\1{2}/.test(run)
        ? [257 - run.length, run.charCodeAt(0)]
        : [run.length - 1, ...Buffer.from(run, 'latin1')],
    );
    return Buffer.from([...runs.flat(), 128]);
  },
  LZW: (bytes) => {
    let bits = '';
    let codes = new Map<string, number>();
    const put = (code: number) => {
      bits += code.toString(2).padStart(Math.min(12, (257 + codes.size + 1).toString(2).length), '0');
    };
    put(256);
    let known = '';
    for (const byte of bytes.toString('latin1')) {
      if (known === '' || codes.has(known + byte)) {
        known += byte;
        continue;
      }
      put(codes.get(known) ?? known.charCodeAt(0));
      codes.set(known + byte, 258 + codes.size);
      known = byte;
      if (codes.size < 4096 - 258 - 2) continue;
      put(256);
      codes = new Map();
    }
    put(codes.get(known) ?? known.charCodeAt(0));
    codes.set('', 0);
    put(257);
    return Buffer.from((bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
  },
  FlateDecode: deflateSync,
};

describe.each([
  ['ASCII85Decode'],
  ['ASCII85Decode', 'FlateDecode'],
  ['AHx'],
  ['RunLengthDecode'],
  ['LZW'],
  ['ASCII85Decode', 'LZW'],
])('%s %s', (...names) => {
  const filters = names.filter((name) => name !== undefined);
  const noise = Array.from({ length: 900 }, (_, at) => `(${'-'.repeat(at % 7)}${at * 7919}) Tj T*`).join(
    '\n',
  );
  const content = `q BT /F1 12 Tf\n${noise}\n[${kerned}] TJ ET Q\n`;
  const packed = filters.reduceRight(
    (bytes, name) => Buffer.from(WRITTEN[name]!(bytes)),
    Buffer.from(content),
  );
  const head = `%PDF-1.7\n1 0 obj <</Length ${packed.length} /Filter [${filters.map((name) => `/${name}`).join(' ')}]>>\nstream\n`;

  test.each([0, 300_000])('is undone, behind %d bytes', async (before) => {
    const data = Buffer.concat([
      Buffer.from(`${head.slice(0, 9)}${'%'.repeat(before)}\n${head.slice(9)}`),
      packed,
      Buffer.from('\nendstream'),
    ]);
    const seen = await collect(expanding(data));
    expect(placesOf(token, seen)).toEqual([
      `a!stream at byte ${head.length + before + 1}${'!content'.repeat(filters.length - 1)}!text`,
    ]);
    expect(seen.diagnostics).toEqual([]);
  });

  test('is listed where it is too long', async () => {
    const data = Buffer.concat([Buffer.from(head), packed, Buffer.from('\nendstream')]);
    expect(reasonsOf(await collect(expanding(data, { limits: { memory: 3000 } })))).toHaveLength(1);
  });
});

describe('fonts that have codes of their own', () => {
  const stream = (content: string) =>
    Buffer.concat([
      Buffer.from('2 0 obj <</Filter /FlateDecode>> stream\n'),
      deflateSync(Buffer.from(content, 'latin1')),
      Buffer.from('\nendstream endobj\n'),
    ]);
  const pdfOf = (...streams: readonly Buffer[]) => Buffer.concat([Buffer.from('%PDF-1.7\n'), ...streams]);
  const digits = (number: number, width: number) => number.toString(16).padStart(2 * width, '0');
  const mapOf = (width: number, body: string) =>
    stream(
      `begincmap 1 begincodespacerange <${'00'.repeat(width)}> <${'ff'.repeat(width)}> endcodespacerange\n${body}\nendcmap`,
    );
  /** As the letters come, each gets the next code. */
  const letters = [...new Set(token)];
  const coded = (width: number) => [...token].map((one) => digits(letters.indexOf(one) + 1, width));
  const chars = (width: number) =>
    letters.map((one, at) => `<${digits(at + 1, width)}> <${digits(one.charCodeAt(0), 2)}>`).join('\n');

  test.each([
    [
      'two bytes in digits',
      `[<${coded(2).slice(0, 9).join('')}> 3 <${coded(2).slice(9).join('')}>] TJ`,
      mapOf(2, `1 beginbfchar\n${chars(2)}\nendbfchar`),
    ],
    [
      'two bytes as they are',
      `(${coded(2)
        .map((code) =>
          Buffer.from(code, 'hex')
            .toString('latin1')
            .replace(/[\\()\r]/g, '\\$&')
            .replaceAll('\r', 'r'),
        )
        .join('')}) Tj`,
      mapOf(2, `1 beginbfchar\n${chars(2)}\nendbfchar`),
    ],
    ['one byte', `<${coded(1).join('')}> Tj`, mapOf(1, `1 beginbfchar ${chars(1)} endbfchar`)],
    [
      'a range',
      `<${[...token].map((one) => digits(one.charCodeAt(0) + 300, 2)).join('')}> Tj`,
      mapOf(2, `1 beginbfrange <012c> <01ff> <0000> endbfrange`),
    ],
    [
      'a range with a list',
      `<${coded(2).join('')}> Tj`,
      mapOf(
        2,
        `1 beginbfrange <0001> <${digits(letters.length, 2)}> [${letters.map((one) => `<${digits(one.charCodeAt(0), 2)}>`).join(' ')}] endbfrange`,
      ),
    ],
  ])('%s', async (_, operators, map) => {
    const page = stream(`BT /F1 12 Tf ${operators} 0 -14 Td <0000> Tj ET`);
    const other = mapOf(2, '1 beginbfchar <0001> <0078> endbfchar');
    for (const data of [pdfOf(page, other, map), pdfOf(map, page)]) {
      const seen = await collect(expanding(data));
      expect(placesOf(token, seen)).toEqual(['a!text of its pages']);
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test('what is not kept is listed', async () => {
    const page = stream(`BT ${`<${coded(2).join('')}> Tj\n`.repeat(60)} ET`);
    const map = mapOf(2, `1 beginbfchar ${chars(2)} endbfchar`);
    const seen = await collect(expanding(pdfOf(page, map), { limits: { memory: 4096 } }));
    expect(reasonsOf(seen)).toEqual(['budget a']);
    expect(reasonsOf(await collect(expanding(pdfOf(page), { limits: { memory: 4096 } })))).toEqual([]);
  });

  test('ranges without end cost no more than codes that there may be', () => {
    const range = '<0000> <ffffffff> <0000>\n'.repeat(50_000);
    const begun = performance.now();
    const map = codeMapOf(
      Buffer.from(`begincodespacerange <0000> endcodespacerange beginbfrange ${range} endbfrange`),
    );
    expect(map?.texts.size).toBe(0x10000);
    expect(performance.now() - begun).toBeLessThan(4000);
  });
});

test('a page that is not packed is read as it shows', async () => {
  const data = `%PDF-1.4\n1 0 obj <</Length 9>>\nstream\nBT [(key )${kerned}] TJ ET\nendstream`;
  const seen = await collect(expanding(Buffer.from(data)));
  expect(placesOf(token, seen)).toEqual(['a!stream at byte 38!text']);
  expect(seen.diagnostics).toEqual([]);
});

test('streams without end take no longer than their length', async () => {
  const begun = performance.now();
  const data = `%PDF-1.4\n${'<</Filter/A85>>stream\n'.repeat(200_000)}`;
  await collect(expanding(Buffer.from(data)));
  expect(performance.now() - begun).toBeLessThan(4000);
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
