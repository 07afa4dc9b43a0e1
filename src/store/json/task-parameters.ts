import { z } from 'zod';
import type { TaskParameters } from '#core/action/verb.ts';
import type { Json } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import { type FilePath, isFilePath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { canonicalJson } from './canonical-json.ts';

const storedPath = z
  .base64()
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
  .refine(isFilePath);

/** The stored form: paths are bytes, and JSON has none, so they are base64. */
const storedSchema = z.discriminatedUnion('verb', [
  z.object({ verb: z.literal('fetch'), files: z.array(z.object({ path: storedPath })) }),
  z.object({ verb: z.literal('quarantine'), path: storedPath, sha256: sha256Schema }),
  z.object({ verb: z.literal('restore'), sha256: sha256Schema }),
]);

export function writeTaskParameters(parameters: TaskParameters): string {
  return canonicalJson(storedForm(parameters));
}

/** @throws Fault `internal` when the column holds no parameters of a task. */
export function readTaskParameters(json: string): TaskParameters {
  const parsed = storedSchema.safeParse(JSON.parse(json));
  if (!parsed.success) {
    throw new Fault('internal', "A task's parameters in the store cannot be read.", { cause: parsed.error });
  }
  return parsed.data;
}

function storedForm(parameters: TaskParameters): Json {
  switch (parameters.verb) {
    case 'fetch':
      return { verb: parameters.verb, files: parameters.files.map((file) => ({ path: toBase64(file.path) })) };
    case 'quarantine':
      return { verb: parameters.verb, path: toBase64(parameters.path), sha256: parameters.sha256 };
    case 'restore':
      return { verb: parameters.verb, sha256: parameters.sha256 };
  }
}

function toBase64(path: FilePath): string {
  return Buffer.from(path).toString('base64');
}
