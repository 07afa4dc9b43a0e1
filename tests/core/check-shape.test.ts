import { describe, expect, test } from 'bun:test';
import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';

const uncountable = { length: { toString: '0' } };

describe('A value from outside', () => {
  test('that fits is handed on', () => {
    expect(checkShape(z.string().max(3), 'abc')).toEqual({ success: true, data: 'abc' });
  });

  test('that does not fit is refused with the name of the field', () => {
    const checked = checkShape(z.object({ name: z.string() }), { name: 1 });
    expect(checked.error?.issues[0]?.path).toEqual(['name']);
  });

  test.each([z.string().max(3), z.array(z.unknown()).min(1), z.union([z.array(z.unknown()).max(3), z.string()])])(
    'whose length cannot be counted is refused, not thrown over (%#)',
    (schema) => {
      const checked = checkShape(schema, uncountable);
      expect(checked.success).toBe(false);
      expect(checked.error?.issues[0]?.message).toContain('`length`');
    },
  );

  test('is refused with the field that holds such an object, however deep', () => {
    const schema = z.object({ names: z.array(z.array(z.string().max(3))) });
    expect(checkShape(schema, { names: [['a', uncountable]] }).error?.issues[0]?.path).toEqual(['names']);
  });

  test('is not blamed for a mistake in the schema', () => {
    const faulty = z.string().refine(() => {
      throw new TypeError('our own');
    });
    expect(() => checkShape(faulty, 'a')).toThrow('our own');
  });
});
