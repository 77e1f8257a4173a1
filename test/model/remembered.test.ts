import { expect, test } from 'vitest';
import { Remembered } from '../../src/model/remembered.js';

test('makes a thing once, and forgets all when there are too many', () => {
  const made: string[] = [];
  const lengths = new Remembered((text) => {
    made.push(text);
    return text.length;
  });
  const texts = Array.from({ length: 512 }, (_, index) => `text ${index}`);
  for (let round = 0; round < 2; round++)
    expect(texts.map((text) => lengths.of(text))).toEqual(texts.map((text) => text.length));
  expect(made).toEqual(texts);
  lengths.of('one more');
  lengths.of(texts[511]!);
  expect(made).toEqual([...texts, 'one more', texts[511]]);
});
