import { z } from 'zod';
import { explainIssue } from './explain-issue.ts';

export type Checked<Value> =
  | { readonly success: true; readonly data: Value; readonly error?: undefined }
  | { readonly success: false; readonly error: z.ZodError };

/**
 * Checks a value that came from outside against a schema; what is wrong with it is told in our own words, where the schema has none. Zod measures whatever has a `length`, and so throws over an object whose
 * `length` cannot be made a number: here that is refused like any other wrong shape, with the outermost field that holds it. What
 * else a schema throws is a mistake of ours, and thrown on.
 */
export function checkShape<Schema extends z.ZodType>(schema: Schema, value: unknown): Checked<z.output<Schema>> {
  try {
    return schema.safeParse(value, { error: explainIssue });
  } catch (cause) {
    const path = findUncountable(value);
    if (path === undefined) {
      throw cause;
    }
    const message = 'has an object with a `length` where a text or a list is expected';
    const error = new z.ZodError([{ code: 'custom', path: [...path], message, input: value }]);
    error.cause = cause;
    return { success: false, error };
  }
}

type Path = readonly [] | readonly [PropertyKey];

/** Neither recursive nor with whole paths: how deep a value is, its sender decides. */
function findUncountable(whole: unknown): Path | undefined {
  const waiting: { readonly value: unknown; readonly path: Path }[] = [{ value: whole, path: [] }];
  for (const { value, path } of waiting) {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
      continue;
    }
    if (typeof Reflect.get(value, 'length') === 'object') {
      return path;
    }
    for (const [key, inner] of Object.entries(value)) {
      waiting.push({ value: inner, path: path.length === 0 ? [key] : path });
    }
  }
  return undefined;
}
