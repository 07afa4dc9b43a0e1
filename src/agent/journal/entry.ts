import { Decoder, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';
import { taskIdSchema } from '#core/action/action-id.ts';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const signedSchema = z.object({ bytes, signature: bytes });
const time = z.number().int().nonnegative();
const common = {
  v: z.literal(1),
  taskId: taskIdSchema,
  deadline: time,
  /** Order of arrival over the life of the journal. */
  sequence: z.number().int().nonnegative(),
};

/**
 * One task in the journal.
 *
 *   received  the order is verified and safe; nothing has been done
 *   begun     something may have been done: the disk knows, and recovery asks it
 *   reported  it has ended; the report is sent until the server has it
 *   recorded  the server has it; a tombstone with the report, for a server that has lost it, and against a replay
 *   refused   the server will never take the report; kept aside
 */
export const entrySchema = z.discriminatedUnion('state', [
  z.object({ ...common, state: z.literal('received'), order: signedSchema }),
  z.object({ ...common, state: z.literal('begun'), order: signedSchema, startedAt: time }),
  z.object({ ...common, state: z.enum(['reported', 'recorded', 'refused']), report: signedSchema }),
]);

export type Entry = z.infer<typeof entrySchema>;
export type EntryState = Entry['state'];
export type OpenEntry = Extract<Entry, { state: 'received' | 'begun' }>;
export type EndedEntry = Extract<Entry, { state: 'reported' | 'recorded' | 'refused' }>;

const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder();

export function encodeEntry(entry: Entry): Uint8Array {
  return encoder.encode(entry);
}

/** Undefined when the bytes are no entry. */
export function decodeEntry(encoded: Uint8Array): Entry | undefined {
  try {
    return entrySchema.parse(decoder.decode(encoded));
  } catch {
    return undefined;
  }
}
