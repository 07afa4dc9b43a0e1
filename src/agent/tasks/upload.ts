import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { asFault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { Net, NetResponse } from '#core/ports/net.ts';
import type { Random } from '#core/ports/random.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { uploadChunkBytes } from '#wire/limits.ts';
import { signBytes } from '#wire/signature.ts';
import { type UploadTarget, uploadHeaders, uploadPath, uploadStatement } from '#wire/upload.ts';
import { backoff } from '../link/backoff.ts';
import { pause } from './pause.ts';

export interface UploadTools {
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly deviceKey: KeyObject;
}

export interface Upload {
  readonly target: UploadTarget;
  /** The captured bytes. */
  readonly file: string;
  readonly deadline: Milliseconds;
  readonly signal: AbortSignal;
}

/** `abandoned`: the agent is stopping; the upload goes on in its next life. */
export type UploadEnd = 'stored' | 'too_large' | 'refused' | 'deadline' | 'abandoned';

type Step = UploadEnd | { readonly next: number } | 'again' | 'later';

const longestPause = 30 * second;
/** Answers of 409 in a row before the upload is given up. */
const mostConflicts = 5;

/**
 * Offers the hash, then sends what the server does not have, from where it is; goes on through every failure that may
 * pass until the deadline. `stored` means that the evidence is durable on the server.
 */
export async function upload(tools: UploadTools, upload: Upload): Promise<UploadEnd> {
  let offset: number | undefined;
  let failures = 0;
  let conflicts = 0;
  for (;;) {
    const early = endsEarly(tools, upload);
    if (early !== undefined) {
      return early;
    }
    const step = await takeStep(tools, upload, offset);
    if (typeof step === 'object') {
      offset = step.next;
      failures = 0;
    } else if (step === 'again') {
      offset = undefined;
      conflicts += 1;
    } else if (step === 'later') {
      offset = undefined;
      failures += 1;
      const delay = Math.min(longestPause, backoff(failures, tools.random), upload.deadline - tools.clock.now());
      await pause(tools.clock, delay, upload.signal);
    } else {
      return step;
    }
    if (conflicts > mostConflicts) {
      return 'refused';
    }
  }
}

function endsEarly({ clock }: UploadTools, { deadline, signal }: Upload): UploadEnd | undefined {
  if (signal.aborted) {
    return 'abandoned';
  }
  return clock.now() >= deadline ? 'deadline' : undefined;
}

async function takeStep(tools: UploadTools, upload: Upload, offset: number | undefined): Promise<Step> {
  try {
    return offset === undefined ? await askOffset(tools, upload) : await sendPart(tools, upload, offset);
  } catch (thrown) {
    const cause = asFault(thrown);
    tools.log.debug('An upload was interrupted.', { taskId: upload.target.taskId, why: cause.message });
    return 'later';
  }
}

async function askOffset(tools: UploadTools, { target }: Upload): Promise<Step> {
  const response = await tools.net.request({
    method: 'HEAD',
    path: uploadPath(target.taskId, target.ordinal),
    headers: headersOf(tools, 'HEAD', { target, offset: 0 }),
  });
  return response.status === 204 ? 'stored' : readOffset(tools, target, response);
}

async function sendPart(tools: UploadTools, { target, file }: Upload, offset: number): Promise<Step> {
  const length = Math.min(uploadChunkBytes, target.size - offset);
  const response = await tools.net.request({
    method: 'PATCH',
    path: uploadPath(target.taskId, target.ordinal),
    headers: {
      ...headersOf(tools, 'PATCH', { target, offset }),
      'content-type': 'application/offset+octet-stream',
      'content-length': String(length),
    },
    body: length === 0 ? new Uint8Array() : partOf(file, offset, length),
  });
  const step = readOffset(tools, target, response);
  return typeof step === 'object' && step.next === target.size ? 'stored' : step;
}

/** Statuses as wire/upload.ts has them. */
function readOffset({ log }: UploadTools, target: UploadTarget, response: NetResponse): Step {
  switch (response.status) {
    case 200:
    case 204: {
      const next = Number(response.headers[uploadHeaders.offset]);
      return Number.isSafeInteger(next) && next >= 0 && next <= target.size ? { next } : 'later';
    }
    case 409:
      return 'again';
    case 413:
      return 'too_large';
    case 400:
    case 401:
    case 403:
    case 404:
      log.warn('The server refused an upload.', { taskId: target.taskId, status: response.status });
      return 'refused';
    default:
      return 'later';
  }
}

function headersOf(
  tools: UploadTools,
  method: 'HEAD' | 'PATCH',
  { target, offset }: { readonly target: UploadTarget; readonly offset: number },
): Record<string, string> {
  const signature = signBytes('custody-upload-v1', uploadStatement(method, target, offset), tools.deviceKey);
  return {
    [uploadHeaders.endpoint]: target.endpointId,
    [uploadHeaders.time]: String(tools.clock.now()),
    [uploadHeaders.sha256]: target.sha256,
    [uploadHeaders.size]: String(target.size),
    [uploadHeaders.offset]: String(offset),
    [uploadHeaders.signature]: Buffer.from(signature).toString('base64'),
  };
}

async function* readPart(file: string, offset: number, length: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(file, { start: offset, end: offset + length - 1 })) {
    if (chunk instanceof Uint8Array) {
      yield chunk;
    }
  }
}

/** Pulled only as fast as the connection takes it: a large file never stands in memory. */
function partOf(file: string, offset: number, length: number): ReadableStream<Uint8Array> {
  const source = readPart(file, offset, length);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done === true) {
        controller.close();
        return;
      }
      controller.enqueue(value);
    },
    async cancel() {
      await source.return(undefined);
    },
  });
}
