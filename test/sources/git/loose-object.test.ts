import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readLoose } from '../../../src/sources/git/loose-object.js';
import { PackKernel } from '../../../src/sources/git/pack-kernel.js';
import { MemoryAccess } from '../../../src/sources/random-access.js';
import { randomNumbers } from '../../support/random.js';

const LARGEST = 1024 ** 2;

/** What becomes of a file, or why nothing does. */
function outcome(packed: Buffer, kernel?: PackKernel): unknown {
  try {
    return readLoose(new MemoryAccess(packed), LARGEST, kernel);
  } catch (error) {
    return String(error);
  }
}

function object(content: Buffer, declared = content.length): Buffer {
  return Buffer.concat([Buffer.from(`blob ${declared}\0`), content]);
}

test('the kernel reads what zlib reads, and leaves to it what is damaged, cut short or large', () => {
  const kernel = new PackKernel();
  const random = randomNumbers(1);
  const text = Buffer.from('some text of some length\n'.repeat(40));
  const noise = Buffer.from(Array.from({ length: 3000 }, () => random() * 256));
  const whole = [
    object(Buffer.alloc(0)),
    object(text),
    object(noise),
    object(text, text.length + 1),
    object(text, text.length - 1),
    object(Buffer.alloc(200_000)),
    object(Buffer.alloc(LARGEST + 1)),
    Buffer.from('blob 3'),
    Buffer.from('tree -1\0x'),
  ].map((bytes) => deflateSync(bytes));
  const files = whole.flatMap((packed) => [packed, Buffer.concat([packed, Buffer.from('behind')])]);
  for (let round = 0; round < 90; round++) {
    const packed = Buffer.from(whole[round % whole.length]!);
    packed[Math.floor(random() * packed.length)] = Math.floor(random() * 256);
    files.push(packed, packed.subarray(0, Math.floor(random() * packed.length)));
  }
  for (const packed of files) expect(outcome(packed, kernel)).toEqual(outcome(packed));
  expect(files.filter((packed) => typeof outcome(packed) !== 'string').length).toBeGreaterThan(15);
});
