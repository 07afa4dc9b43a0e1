import { z } from 'zod';

export type Checked<Value> =
  | { readonly success: true; readonly data: Value; readonly error?: undefined }
  | { readonly success: false; readonly error: z.ZodError };

/**
 * Checks a value that came from outside against a schema; never throws. Zod measures whatever has a `length`, and so an object
 * whose `length` cannot be made a number throws inside it instead of being refused: here it is refused like any other.
 */
export function checkShape<Schema extends z.ZodType>(schema: Schema, value: unknown): Checked<z.output<Schema>> {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    const message = 'has an object with a `length` where a text or a list is expected';
    const error = new z.ZodError([{ code: 'custom', path: [], message, input: value }]);
    error.cause = cause;
    return { success: false, error };
  }
}
