import { createHash } from 'node:crypto';
import { asFault, Fault } from '#core/fault.ts';
import type { BlobStore, UploadId } from '#core/ports/blobs.ts';
import type { Ports } from '#core/ports/ports.ts';
import { demandUpload } from '#core/verbs/demand-upload.ts';
import { recordEvidence } from '#core/verbs/record-evidence.ts';
import { uploadChunkBytes } from '#wire/limits.ts';
import { type UploadTarget, uploadHeaders } from '#wire/upload.ts';
import { authenticateUpload, type UploadRoute } from './authenticate-upload.ts';

type UploadPorts = Pick<Ports, 'store' | 'blobs' | 'policy' | 'clock' | 'log'>;

/**
 * HEAD and PATCH of one file of one fetch task, as wire/upload.ts has them.
 * @throws Fault `unauthenticated`, `permission_denied`, `conflict`, `too_large`, `evidence_unavailable`,
 * `invalid_request`, `timeout` for a body that broke off
 */
export async function handleUpload(ports: UploadPorts, request: Request, route: UploadRoute): Promise<Response> {
  const { target, offset } = await authenticateUpload(ports, request, route);
  if ((await demandUpload(ports, target)) === 'stored') {
    // Half of it may lie here: another task brought the same bytes while this one was interrupted.
    await ports.blobs?.discard(uploadId(target));
    await recordEvidence(ports, target);
    return answer(204, target.size);
  }
  const blobs = demandBlobs(ports);
  return route.method === 'HEAD'
    ? tellOffset({ ...ports, blobs }, target)
    : appendPart({ ...ports, blobs }, target, { offset, body: request.body ?? emptyBody() });
}

type WithBlobs = UploadPorts & { readonly blobs: BlobStore };

/** An upload whose last answer got lost is completed here: its agent has nothing left to send. */
async function tellOffset(ports: WithBlobs, target: UploadTarget): Promise<Response> {
  const staged = await ports.blobs.staged(uploadId(target));
  if (staged !== target.size) {
    return answer(200, staged);
  }
  if (staged === 0) {
    await ports.blobs.append(uploadId(target), { offset: 0, body: emptyBody(), limit: 0 });
  }
  try {
    await complete(ports, target);
    return answer(204, target.size);
  } catch (thrown) {
    if (asFault(thrown).code !== 'conflict') {
      throw thrown;
    }
    return answer(200, await ports.blobs.staged(uploadId(target)));
  }
}

interface Part {
  readonly offset: number;
  readonly body: ReadableStream<Uint8Array>;
}

async function appendPart(ports: WithBlobs, target: UploadTarget, { offset, body }: Part): Promise<Response> {
  const limit = Math.min(target.size, offset + uploadChunkBytes);
  const staged = await ports.blobs.append(uploadId(target), { offset, body, limit }).catch(explainBrokenStream);
  if (staged === target.size) {
    await complete(ports, target);
  }
  return answer(204, staged);
}

/** `commit` compares the hash; only then is the evidence recorded. */
async function complete(ports: WithBlobs, target: UploadTarget): Promise<void> {
  await ports.blobs.commit(uploadId(target), target.sha256);
  await recordEvidence(ports, target);
  const { endpointId, taskId, sha256, size } = target;
  ports.log.info('Evidence was stored.', { endpointId, taskId, sha256, size });
}

/** Agents go away in mid-upload all the time, and go on later: no error of the server's, and none of theirs. */
function explainBrokenStream(thrown: unknown): never {
  if (thrown instanceof Fault) {
    throw thrown;
  }
  throw new Fault('timeout', 'The upload broke off. Ask for its offset and go on there.', { cause: thrown });
}

function demandBlobs(ports: UploadPorts): BlobStore {
  if (ports.blobs === undefined) {
    throw new Fault('evidence_unavailable', 'Evidence storage is switched off on this server.');
  }
  return ports.blobs;
}

/** One upload per file of a task and content: a file that changes between two tries begins anew. */
function uploadId({ endpointId, taskId, ordinal, sha256 }: UploadTarget): UploadId {
  const name = [endpointId, taskId, ordinal, sha256].join('/');
  return createHash('sha256').update(name).digest('hex') as UploadId;
}

function answer(status: 200 | 204, offset: number): Response {
  return new Response(null, { status, headers: { [uploadHeaders.offset]: String(offset) } });
}

function emptyBody(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
