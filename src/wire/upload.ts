import { z } from 'zod';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import { type EndpointId, endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';

/**
 * File contents travel beside the WebSocket, in the manner of tus: HEAD tells the offset, PATCH appends from it.
 *
 *   /agent/v1/uploads/{taskId}/{ordinal}
 *   HEAD   -> 200 with `upload-offset`; 204 when the evidence store holds the hash already and nothing need be sent
 *   PATCH  -> 204 with the new `upload-offset`; the one that completes the size is answered after the hash was compared
 *   409 wrong offset (HEAD again), 422 all bytes came and they have another hash: sending them again is of no use,
 *   401 bad signature, 403 not your open fetch task, 413 too large, 507 no evidence storage now, or no room in it (try again later)
 *
 * A file of a task has one request at a time: a newer one ends the older, whose connection is most likely dead. What a
 * PATCH brought before it broke off counts, and HEAD tells how far that is. Another hash for the same file begins anew.
 */
export const uploadsPath = '/agent/v1/uploads';

export const uploadHeaders = {
  endpoint: 'custody-endpoint',
  /** Milliseconds since 1970 at the agent; only for the log. */
  time: 'custody-time',
  sha256: 'custody-sha256',
  size: 'custody-size',
  offset: 'upload-offset',
  /** base64, of `uploadStatement`, by the device key, under `custody-upload-v1`. */
  signature: 'custody-signature',
} as const;

export interface UploadTarget {
  readonly endpointId: EndpointId;
  readonly taskId: TaskId;
  readonly ordinal: number;
  /** Of the whole file. */
  readonly sha256: Sha256;
  readonly size: number;
}

export const uploadTargetSchema = z.object({
  endpointId: endpointIdSchema,
  taskId: taskIdSchema,
  ordinal: z.coerce.number().int().nonnegative(),
  sha256: sha256Schema,
  size: z.coerce.number().int().nonnegative(),
});

export function uploadPath(taskId: TaskId, ordinal: number): string {
  return `${uploadsPath}/${taskId}/${ordinal}`;
}

/** Binds a request to its file, so that a signature is of no use for any other. */
export function uploadStatement(method: 'HEAD' | 'PATCH', target: UploadTarget, offset: number): Uint8Array {
  const { endpointId, taskId, ordinal, sha256, size } = target;
  return new TextEncoder().encode([method, endpointId, taskId, ordinal, sha256, size, offset].join('\n'));
}
