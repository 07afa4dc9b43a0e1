import { createHash } from 'node:crypto';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { BlobStore, UploadId } from '#core/ports/blobs.ts';
import type { Ports } from '#core/ports/ports.ts';
import { demandBlobs } from '#core/verbs/demand-evidence-storage.ts';
import { demandUpload } from '#core/verbs/demand-upload.ts';
import { claimEvidence, recordEvidence } from '#core/verbs/record-evidence.ts';
import { type UploadTarget, uploadHeaders } from '#wire/upload.ts';
import { abortableBody } from './abortable-body.ts';
import { authenticateUpload, type UploadRoute } from './authenticate-upload.ts';
import type { UploadTurns } from './upload-turns.ts';

type UploadPorts = Pick<Ports, 'store' | 'blobs' | 'policy' | 'clock' | 'log' | 'uploadProgress'>;

/** What all uploads share. */
export interface UploadRoom {
  readonly turns: UploadTurns;
  /** Bytes in one PATCH at most. */
  readonly chunkBytes: number;
}

/**
 * HEAD and PATCH of one file of one fetch task, as wire/upload.ts has them.
 * @throws Fault `unauthenticated`, `permission_denied`, `conflict`, `too_large`, `evidence_unavailable`,
 * `invalid_request`, `rate_limited`, `timeout` for a body that broke off or a newer request
 */
export async function handleUpload(
  ports: UploadPorts,
  request: Request,
  { route, turns, chunkBytes }: UploadRoom & { readonly route: UploadRoute },
): Promise<Response> {
  const { target, offset } = await authenticateUpload(ports, request, route);
  const { endpointId } = target;
  return turns.take({ endpointId, place: placeOf(target) }, async (signal) => {
    const response =
      route.method === 'HEAD'
        ? await tellOffset(ports, target)
        : await appendPart(ports, target, {
            offset,
            chunkBytes,
            body: abortableBody(request.body ?? emptyBody(), signal),
          });
    noteProgress(ports, target, response);
    return response;
  });
}

/** Just what the agent is told: the offset is what is safe. */
function noteProgress(
  { uploadProgress }: Pick<UploadPorts, 'uploadProgress'>,
  { taskId, ordinal, size }: UploadTarget,
  { status, headers }: Response,
): void {
  if (status === 422) {
    uploadProgress.forget(taskId, ordinal);
    return;
  }
  uploadProgress.note(taskId, ordinal, { received: Number(headers.get(uploadHeaders.offset)), size });
}

type WithBlobs = UploadPorts & { readonly blobs: BlobStore };

/** Undefined when the bytes are held already: the file counts as sent. */
async function offer(given: UploadPorts, target: UploadTarget, offset = 0): Promise<WithBlobs | undefined> {
  const isHeld = (await demandUpload(given, target, offset > 0)) === 'stored';
  const ports = { ...given, blobs: demandBlobs(given) };
  if (!(isHeld && (await claimHeld(ports, target)))) {
    return ports;
  }
  // Half of it may lie here: another task brought the same bytes while this one was interrupted.
  await ports.blobs.discard(uploadIdOf(target));
  return undefined;
}

/** Looked at again, while nobody can delete them. */
function claimHeld(ports: WithBlobs, target: UploadTarget): Promise<boolean> {
  const { sha256, size } = target;
  return ports.blobs.alone(
    sha256,
    async () => (await ports.blobs.size(sha256)) === size && (await claimEvidence(ports, target)),
  );
}

/** An upload whose last answer got lost is completed here: its agent has nothing left to send. */
async function tellOffset(given: UploadPorts, target: UploadTarget): Promise<Response> {
  const ports = await offer(given, target);
  if (ports === undefined) {
    return answer(204, target.size);
  }
  const staged = await ports.blobs.staged(uploadIdOf(target));
  if (staged !== target.size) {
    // Of the whole rest, so that a file that does not fit takes nothing from those that do.
    await ports.blobs.demandRoom(target.size - staged);
    return answer(200, staged);
  }
  if (staged === 0) {
    await ports.blobs.append(uploadIdOf(target), { offset: 0, body: emptyBody(), limit: 0 });
  }
  return complete(ports, target);
}

interface Part {
  readonly offset: number;
  readonly body: ReadableStream<Uint8Array>;
  readonly chunkBytes: number;
}

async function appendPart(given: UploadPorts, target: UploadTarget, part: Part): Promise<Response> {
  const { offset, body, chunkBytes } = part;
  const ports = await offer(given, target, offset);
  if (ports === undefined) {
    return answer(204, target.size);
  }
  const limit = Math.min(target.size, offset + chunkBytes);
  const staged = await ports.blobs.append(uploadIdOf(target), { offset, body, limit }).catch(explainBrokenStream);
  return staged === target.size ? complete(ports, target) : answer(204, staged);
}

/** `commit` compares the hash; only then is the evidence recorded. */
async function complete(ports: WithBlobs, target: UploadTarget): Promise<Response> {
  const { endpointId, taskId, sha256, size } = target;
  await demandEnrolled(ports, endpointId);
  try {
    // Nobody deletes it between the two.
    await ports.blobs.alone(sha256, async () => {
      await ports.blobs.commit(uploadIdOf(target), sha256);
      await recordEvidence(ports, target);
    });
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.code !== 'conflict') {
      throw fault;
    }
    const { found } = fault.details;
    ports.log.warn('An upload is not what it was said to be.', { endpointId, taskId, sha256, why: fault.message });
    return found === undefined ? answer(409, await ports.blobs.staged(uploadIdOf(target))) : answer(422, 0);
  }
  ports.log.info('Evidence was stored.', { endpointId, taskId, sha256, size });
  return answer(204, target.size);
}

/** Bytes may have been on their way for minutes. @throws Fault `unauthenticated` */
async function demandEnrolled({ store }: Pick<UploadPorts, 'store'>, endpointId: EndpointId): Promise<void> {
  const revoked = await store.read(({ endpoints }) => endpoints.revokedAmong([endpointId]));
  if (revoked.length > 0) {
    throw new Fault('unauthenticated', 'This endpoint was revoked.');
  }
}

/** Agents go away in mid-upload all the time, and go on later: no error of the server's, and none of theirs. */
function explainBrokenStream(thrown: unknown): never {
  if (thrown instanceof Fault) {
    throw thrown;
  }
  throw new Fault('timeout', 'The upload broke off. Ask for its offset and go on there.', { cause: thrown });
}

/** The file of a task, whatever its content. */
function placeOf({ endpointId, taskId, ordinal }: UploadTarget): string {
  return hashOf([endpointId, taskId, ordinal].join('/')).slice(0, 32);
}

/** One upload per file of a task: a file that changes between two tries takes the place of what was sent of it. */
export function uploadIdOf(target: UploadTarget): UploadId {
  return `${placeOf(target)}${hashOf(`${target.sha256}/${target.size}`).slice(0, 32)}` as UploadId;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function answer(status: 200 | 204 | 409 | 422, offset: number): Response {
  return new Response(null, { status, headers: { [uploadHeaders.offset]: String(offset) } });
}

function emptyBody(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
