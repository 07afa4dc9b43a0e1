import type { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Frame } from './read-frames.ts';

/** The value that a frame carries. @throws ApiError `unexpected_reply` */
export function readData<Schema extends z.ZodType>(schema: Schema, { event, data }: Frame): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(data));
  if (!parsed.success) {
    const words = `The server's ${event} is not what this client knows.`;
    throw new ApiError(words, { code: 'unexpected_reply', status: 200, cause: parsed.error });
  }
  return parsed.data;
}

/** Undefined, which no schema takes, where the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
