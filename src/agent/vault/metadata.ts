import { z } from 'zod';
import { taskIdSchema } from '#core/action/action-id.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';

const decimal = z.string().regex(/^-?\d{1,20}$/);
const base64 = z.base64().transform((text): Uint8Array => new Uint8Array(Buffer.from(text, 'base64')));

/** A path in JSON: base64 of its bytes. */
export const encodedPathSchema = base64.pipe(filePathSchema);

export const nodeIdSchema = z.object({ device: decimal, inode: decimal });

export type NodeId = z.infer<typeof nodeIdSchema>;

const chainLinkSchema = nodeIdSchema.extend({ uid: z.number().int().nonnegative() });

/** A start and a length in bytes. */
const dataRangeSchema = z.tuple([z.number().int().nonnegative(), z.number().int().positive()]);

/** The parts of a file that were allocated, when there are no more than this. */
export const mostDataRanges = 100_000;

/**
 * What is known of a quarantined file beside its bytes. It stands inside the encryption, before them, so that it can
 * neither be read nor be swapped between objects (promise P24). Objects of the first agents lack what has a default.
 */
export const metadataSchema = z.object({
  v: z.literal(1),
  vaultObject: vaultObjectIdSchema,
  taskId: taskIdSchema,
  /** Milliseconds since 1970, by the endpoint's clock. */
  takenAt: z.number().int().nonnegative(),
  path: encodedPathSchema,
  sha256: sha256Schema,
  size: z.number().int().nonnegative(),
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  accessedNs: decimal,
  modifiedNs: decimal,
  sparse: z.boolean(),
  /** Bytes that were allocated for it; where nobody noted them, as many as there can be. */
  allocated: z.number().int().nonnegative().default(Number.MAX_SAFE_INTEGER),
  /** Where a sparse file had data; null: it was not sparse, or had more parts than are kept. */
  data: z.array(dataRangeSchema).max(mostDataRanges).nullable().default(null),
  /** The flags of chattr(1). */
  flags: z.number().int().nonnegative().default(0),
  /** Other names that the same bytes had at the time, this one included. */
  links: z.number().int().positive(),
  original: nodeIdSchema,
  parent: nodeIdSchema,
  /** Every directory on the way to the file, from the root to its parent (promises P4 and P5); empty: not noted. */
  chain: z.array(chainLinkSchema).max(4_096).default([]),
  attributes: z.array(z.object({ name: z.string().min(1).max(255), value: base64 })).max(4_096),
});

export type Metadata = z.infer<typeof metadataSchema>;

export function encodeMetadata(metadata: Metadata): Uint8Array {
  return Buffer.from(canonicalJson(metadata));
}

/** Keys sorted, no spaces, byte strings as base64. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString('base64');
  }
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
  }
  return value;
}
