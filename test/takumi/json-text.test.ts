import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../src/takumi/json-text.js';

const parsed = (text: string) => parseJson(Buffer.from(text));

test('reads whatever JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const indent of [undefined, 2]) {
        const text = JSON.stringify(value, undefined, indent);
        expect(parsed(text)).toStrictEqual({ value: JSON.parse(text) });
      }
    }),
  );
});

test.each([
  '{"active":true,"active":false}',
  '{"tokens":[{"id":"a","id":"b"}]}',
  String.raw`{"a":1,"\u0061":2}`,
  '{"a" : 1, "a"\n:1}',
  '{"__proto__":1,"__proto__":2}',
])('believes none of what is said twice: %s', (text) => {
  expect(parsed(text)).toBeUndefined();
});

test.each([
  String.raw`{"a":"\",\"a\":"}`,
  String.raw`{"a\\":1,"a\\\"":"\\"}`,
  '["a",":b"]',
  '{"a":{"a":["a",{"a":"a:"}]}}',
])('takes no text for a name: %s', (text) => {
  expect(parsed(text)).toStrictEqual({ value: JSON.parse(text) });
});
