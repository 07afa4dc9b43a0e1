import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Json } from '#core/custody/event.ts';
import { pythonJson } from '#dialects/cortex/python-json.ts';

describe("JSON as Python's json.dumps writes it", () => {
  const table: readonly (readonly [Json, string])[] = [
    [{ a: 1, b: [true, null, 'x'] }, '{"a": 1, "b": [true, null, "x"]}'],
    [{}, '{}'],
    [[], '[]'],
    ['é\u2028\u007f', String.raw`"\u00e9\u2028\u007f"`],
    ['😀', String.raw`"\ud83d\ude00"`],
    ['\n\t\b\f\r\u0001"\\/', String.raw`"\n\t\b\f\r\u0001\"\\/"`],
  ];
  for (const [value, text] of table) {
    test(`is ${text}`, () => expect(pythonJson(value)).toBe(text));
  }

  test('means the same as any other JSON, in printable ASCII', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = pythonJson(value as Json);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
      }),
    );
  });
});
