import { brotliCompressSync, constants, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildCapture, chunkedAnswer } from '../../../fixtures/archives/capture-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { body, orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('capture');
const text = Buffer.from(
  `keys begin with tg_org_\n${body('noise', 3000)}\nkey=${token}\n${body('more', 900)}`,
);
const answer = chunkedAnswer(gzipSync(text), 'gzip');

const inside = async (capture: Buffer) =>
  placesOf(token, await collect(expanding(capture))).filter((place) => place.includes('!tcp '));

describe('what was sent in several packets is put together', () => {
  test.each([
    ['gzip in chunks', answer],
    ['Brotli in chunks', chunkedAnswer(brotliCompressSync(text), 'br')],
    ['DEFLATE alone', chunkedAnswer(deflateRawSync(text), 'deflate')],
    ['gzip of a stated length', lengthy(gzipSync(text), 'gzip')],
    ['Brotli of a stated length', lengthy(brotliCompressSync(text), 'br')],
    ['a zip of a stated length', lengthy(buildZip([{ name: 'a', data: text, method: 8 }]), 'identity')],
    ['a zip without HTTP', buildZip([{ name: 'a', data: text, method: 8 }])],
    ['text that is cut by a packet', Buffer.from(`${'a line\n'.repeat(56)}${token}\n${'b'.repeat(500)}`)],
    ['what begins in the middle of a message', Buffer.concat([Buffer.from('rest of a body\r\n'), answer])],
  ])('%s', async (_, sent) => {
    expect(await inside(buildCapture(sent))).not.toEqual([]);
  });

  test('messages of WebSocket, without their masks, and unpacked', async () => {
    const head = 'GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
    const packed = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    for (const message of [
      frame(0x81, Buffer.from(`key=${token}`)),
      Buffer.concat([
        frame(0x01, text.subarray(0, 3050)),
        frame(0x89, Buffer.from('ping')),
        frame(0x80, text.subarray(3050)),
      ]),
      Buffer.concat([
        frame(0xc1, deflateRawSync('x', { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)),
        frame(0xc1, packed),
      ]),
    ]) {
      const seen = await collect(expanding(buildCapture(Buffer.concat([Buffer.from(head), message]))));
      expect(placesOf(token, seen)).toContainEqual(expect.stringContaining('!messages at byte '));
      expect(seen.diagnostics).toEqual([]);
    }
  });

  test.each([
    { link: 'cooked', format: 'pcapng' },
    { link: 'raw' },
    { version: 6, format: 'pcapng' },
    { version: 6, link: 'cooked' },
  ] as const)('as $link $version $format', async (options) => {
    expect(await inside(buildCapture(answer, options))).not.toEqual([]);
  });

  test('out of order, sent again, and over the end of the numbers', async () => {
    const order = (all: Buffer[]) => [...all.slice(3), ...all.slice(0, 5).reverse()];
    expect(await inside(buildCapture(answer, { from: 2 ** 32 - 900, order }))).toHaveLength(1);
  });

  test('one packet is read for what cannot be read where it stands', async () => {
    const short = chunkedAnswer(brotliCompressSync(`key=${token}`), 'br');
    expect(await inside(buildCapture(short))).toEqual([expect.stringContaining('!body at byte ')]);
  });

  test('what lies behind a packet that is missing is read by itself', async () => {
    const sent = Buffer.concat([answer, answer]);
    const order = (all: Buffer[]) => all.filter((_, index) => index !== 2);
    expect(await inside(buildCapture(sent, { order }))).toHaveLength(1);
  });
});

test('what is encrypted is listed, and packets of networks that are not known', async () => {
  const secure = await collect(expanding(buildCapture(Buffer.concat([Buffer.from([0x16, 3, 1]), text]))));
  expect(reasonsOf(secure)).toEqual(['encrypted a']);
  const alien = buildCapture(text);
  alien.writeUInt32LE(105, 20);
  expect(reasonsOf(await collect(expanding(alien)))).toEqual(['unsupported a']);
});

test('bodies in captures of the web and in saved answers are read', async () => {
  const record = `WARC/1.0\r\nWARC-Type: response\r\nContent-Length: ${answer.length}\r\n\r\n`;
  const brotli = 'HTTP/1.0 200 OK\r\nContent-Encoding: br\r\n\r\n';
  const unbounded = Buffer.concat([Buffer.from(brotli), brotliCompressSync(text)]);
  for (const bytes of [
    Buffer.concat([Buffer.from(record), answer, Buffer.from('\r\n\r\n')]),
    Buffer.concat([Buffer.from(record), unbounded, Buffer.from(`\r\n\r\n${record}x`)]),
    answer,
    Buffer.concat([Buffer.from('POST /a?b HTTP/1.1\r\n'), answer.subarray(answer.indexOf('Content'))]),
  ]) {
    for (const piped of [false, true]) {
      const seen = await collect(expanding(bytes, { piped }));
      expect(placesOf(token, seen).filter((place) => place.includes('body at byte'))).toHaveLength(1);
      expect(seen.diagnostics).toEqual([]);
    }
  }
});

test('messages that name the same bytes again and again are given up', async () => {
  const message = 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 999999\r\n\r\n';
  const seen = await collect(expanding(Buffer.from(message.repeat(3000))));
  expect(reasonsOf(seen)).toContain('budget a');
});

test('many short messages cost what they hold, and no more', async () => {
  const message = 'HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  const started = performance.now();
  const seen = await collect(expanding(Buffer.concat([Buffer.from(message.repeat(60_000)), answer])));
  expect(placesOf(token, seen).filter((place) => place.includes('body at byte'))).toHaveLength(1);
  expect(performance.now() - started).toBeLessThan(10_000);
});

function lengthy(bytes: Buffer, encoding: string): Buffer {
  const headers = `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(headers), bytes]);
}

/** A frame of WebSocket, as browsers mask it (RFC 6455, 5.2). */
function frame(first: number, content: Buffer): Buffer {
  const mask = Buffer.from('a1b2c3d4', 'hex');
  const head = Buffer.from([first, 0x80 | Math.min(content.length, 126)]);
  const length = Buffer.alloc(content.length < 126 ? 0 : 2);
  if (length.length > 0) length.writeUInt16BE(content.length);
  return Buffer.concat([head, length, mask, content.map((byte, at) => byte ^ mask[at % 4]!)]);
}
