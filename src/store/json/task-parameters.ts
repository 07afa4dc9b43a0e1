import { z } from 'zod';
import { actionIdSchema, taskIdSchema } from '#core/action/action-id.ts';
import { occupiedPolicies, type SearchPattern, type TaskParameters } from '#core/action/verb.ts';
import type { Json } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import { type FilePath, isFilePath } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { canonicalJson } from './canonical-json.ts';

const storedPath = z
  .base64()
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
  .refine(isFilePath);
const vaultObject = vaultObjectIdSchema.nullable().default(null);

const storedPattern = z.discriminatedUnion('by', [
  z.object({ by: z.literal('sha256'), sha256: sha256Schema }),
  z.object({ by: z.literal('sha1'), sha1: sha1Schema }),
  z.object({ by: z.literal('md5'), md5: md5Schema }),
  z.object({ by: z.literal('path'), path: storedPath }),
  z.object({ by: z.literal('glob'), glob: z.string() }),
  z.object({ by: z.literal('regex'), regex: z.string() }),
]);

/**
 * The stored form: paths are bytes, and JSON has none, so they are base64. Fields with a default are missing from tasks
 * that an older program stored.
 */
const storedSchema = z.discriminatedUnion('verb', [
  z.object({
    verb: z.literal('fetch'),
    files: z.array(z.object({ path: storedPath, vaultObject, indexedSha256: sha256Schema.nullable().default(null) })),
  }),
  z.object({
    verb: z.literal('quarantine'),
    path: storedPath.nullable(),
    sha256: sha256Schema.nullable(),
    overrideProtection: z.boolean().default(false),
  }),
  z.object({
    verb: z.literal('restore'),
    sha256: sha256Schema,
    vaultObject,
    to: storedPath.nullable().default(null),
    ifOccupied: z.enum(occupiedPolicies).default('fail'),
  }),
  z.object({
    verb: z.literal('restore_objects'),
    sha256: sha256Schema,
    objects: z.array(
      z.object({
        vaultObject: vaultObjectIdSchema,
        to: storedPath.nullable(),
        ifOccupied: z.enum(occupiedPolicies),
      }),
    ),
  }),
  z.object({ verb: z.literal('plan'), sha256: sha256Schema, vaultObject, to: storedPath.nullable() }),
  z.object({
    verb: z.literal('undo'),
    actionId: actionIdSchema,
    taskId: taskIdSchema,
    ifOccupied: z.enum(occupiedPolicies),
  }),
  z.object({
    verb: z.literal('purge'),
    sha256: sha256Schema,
    vaultObject: z.union([vaultObject, z.array(vaultObjectIdSchema)]),
  }),
  z.object({
    verb: z.literal('search'),
    pattern: storedPattern,
    live: z.boolean(),
    under: storedPath.nullable(),
    limit: z.number().int().positive(),
  }),
  z.object({ verb: z.literal('logs') }),
  z.object({ verb: z.literal('scan') }),
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
      return {
        verb: parameters.verb,
        files: parameters.files.map((file) => ({ ...file, path: toBase64(file.path) })),
      };
    case 'quarantine':
      return { ...parameters, path: toNullableBase64(parameters.path) };
    case 'restore':
    case 'plan':
      return { ...parameters, to: toNullableBase64(parameters.to) };
    case 'restore_objects':
      return {
        ...parameters,
        objects: parameters.objects.map((object) => ({ ...object, to: toNullableBase64(object.to) })),
      };
    case 'undo':
    case 'purge':
    case 'logs':
    case 'scan':
      return parameters;
    case 'search':
      return {
        ...parameters,
        pattern: storedFormOf(parameters.pattern),
        under: toNullableBase64(parameters.under),
      };
  }
}

function storedFormOf(pattern: SearchPattern): Json {
  return pattern.by === 'path' ? { by: pattern.by, path: toBase64(pattern.path) } : pattern;
}

function toNullableBase64(path: FilePath | null): string | null {
  return path === null ? null : toBase64(path);
}

function toBase64(path: FilePath): string {
  return Buffer.from(path).toString('base64');
}
