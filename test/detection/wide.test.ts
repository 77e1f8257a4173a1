import { expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { orgToken } from '../support/tokens.js';

const detector = createDetector(RULES);

const WRITTEN: Record<string, (text: string) => Buffer> = {
  utf16le: (text) => Buffer.from(text, 'utf16le'),
  utf16be: (text) => Buffer.from(text, 'utf16le').swap16(),
  utf32le: (text) => Buffer.from(Uint32Array.from(Buffer.from(text)).buffer),
  utf32be: (text) => Buffer.from(Uint32Array.from(Buffer.from(text)).buffer).swap32(),
};
const BEFORE = [[], [0], [1], [0xff], [0, 0, 0, 0], [0x30, 0xe9]];
/** Bytes of what is no text; of that, nothing looks like half of a character. */
const BEHIND = [[], [0, 0, 0, 0], [1, 2], [0xff, 0xfe], [0x90, 0x41, 0x42, 0x43]];

test.each(Object.keys(WRITTEN))(
  '%s among other bytes, at any offset, is read to its last character',
  (name) => {
    for (let offset = 0; offset < 9; offset++) {
      for (const before of BEFORE) {
        for (const behind of BEHIND) {
          const token = orgToken(`${name} ${offset} ${before} ${behind}`, 30);
          const bytes = Buffer.concat([
            Buffer.alloc(offset, 0xfe),
            Buffer.from(before),
            WRITTEN[name]!(token),
            Buffer.from(behind),
          ]);
          const found = detector.scan(bytes);
          const place = JSON.stringify([offset, before, behind]);
          // Among bytes, where it ends may be read otherwise; that is said beside it.
          const sure = found.filter(({ confidence }) => confidence === 'high');
          expect(
            sure.map(({ secret }) => secret.reveal()),
            place,
          ).toEqual([token]);
          expect(found[0], place).toBe(sure[0]);
          // Where zeros stand around it, both orders read the same text.
          const start = offset + before.length;
          expect(Math.abs(found[0]!.span.start - start), place).toBeLessThan(4);
        }
      }
    }
  },
);
