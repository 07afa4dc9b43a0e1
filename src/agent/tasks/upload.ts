import type { KeyObject } from 'node:crypto';
import { asFault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import type { Net, NetResponse } from '#core/ports/net.ts';
import type { Random } from '#core/ports/random.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { uploadChunkBytes } from '#wire/limits.ts';
import { signBytes } from '#wire/signature.ts';
import { type UploadTarget, uploadHeaders, uploadPath, uploadStatement } from '#wire/upload.ts';
import { backoff } from '../link/backoff.ts';
import type { Bandwidth } from '../link/bandwidth.ts';
import { pause } from './pause.ts';
import type { JudgingClock } from './server-clock.ts';
import { partOf } from './upload-part.ts';

export interface UploadTools {
  readonly net: Net;
  readonly clock: JudgingClock;
  readonly random: Random;
  readonly log: Log;
  readonly deviceKey: KeyObject;
  /** Shared by all uploads of this agent. */
  readonly bandwidth: Bandwidth;
  /** Bytes in one PATCH. Default: `uploadChunkBytes`; a server takes no more than its own. */
  readonly chunkBytes?: number;
  /** Where the captured bytes come from. Default: the spool's file. */
  readonly readPart?: typeof partOf;
}

export interface Upload {
  readonly target: UploadTarget;
  /** The captured bytes. */
  readonly file: string;
  readonly deadline: Milliseconds;
  readonly signal: AbortSignal;
}

/**
 * `abandoned`: the agent is stopping; the upload goes on in its next life. `no_room`: the deadline passed, and evidence storage took
 * nothing when it was asked last.
 */
export type UploadEnd = 'stored' | 'too_large' | 'refused' | 'deadline' | 'no_room' | 'abandoned';

/** `full`: as `later`, because evidence storage takes nothing now. */
type Step = Exclude<UploadEnd, 'no_room'> | { readonly next: number } | 'again' | 'later' | 'full';

const longestPause = 30 * second;
/** Answers of 409 before the upload is given up: an agent and a server that never agree on the offset. */
const mostConflicts = 10;

/** Where an upload stands between two requests. */
interface Standing {
  /** Undefined while the server has to be asked. */
  readonly offset: number | undefined;
  /** In a row. */
  readonly failures: number;
  readonly conflicts: number;
  /** The highest offset that the server has told. */
  readonly reached: number;
  /** Whether the last answer was that nothing is taken now. */
  readonly isFull: boolean;
}

/**
 * Offers the hash, then sends what the server does not have, from where it is; goes on through every failure that may
 * pass until the deadline. `stored` means that the evidence is durable on the server.
 */
export async function upload(tools: UploadTools, upload: Upload): Promise<UploadEnd> {
  let standing: Standing = { offset: undefined, failures: 0, conflicts: 0, reached: 0, isFull: false };
  for (;;) {
    const early = standing.conflicts > mostConflicts ? 'refused' : endsEarly(tools, upload, standing);
    if (early !== undefined) {
      return early;
    }
    const step = await takeStep(tools, upload, standing.offset);
    if (isEnd(step)) {
      return step;
    }
    standing = after(step, standing);
    if (step === 'later' || step === 'full') {
      const delay = Math.min(longestPause, backoff(standing.failures, tools.random));
      const left = upload.deadline - tools.clock.now();
      await pause(tools.clock, left > 0 ? Math.min(delay, left) : delay, upload.signal);
    }
  }
}

function isEnd(step: Step): step is Exclude<UploadEnd, 'no_room'> {
  return typeof step === 'string' && step !== 'again' && step !== 'later' && step !== 'full';
}

function after(step: Exclude<Step, UploadEnd>, standing: Standing): Standing {
  const { failures, conflicts, reached } = standing;
  if (step === 'again') {
    return { ...standing, offset: undefined, conflicts: conflicts + 1, isFull: false };
  }
  if (step === 'later' || step === 'full') {
    return { ...standing, offset: undefined, failures: failures + 1, isFull: step === 'full' };
  }
  // Only bytes that came through show that the way is free: a server may answer every question and break off every part.
  const { next } = step;
  return {
    offset: next,
    failures: next > reached ? 0 : failures,
    conflicts,
    reached: Math.max(next, reached),
    isFull: false,
  };
}

function endsEarly(
  { clock }: UploadTools,
  { deadline, signal }: Upload,
  { isFull }: Pick<Standing, 'isFull'>,
): UploadEnd | undefined {
  if (signal.aborted) {
    return 'abandoned';
  }
  if (clock.now() < deadline || clock.isUnsure(deadline)) {
    return undefined;
  }
  return isFull ? 'no_room' : 'deadline';
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

async function askOffset(tools: UploadTools, { target, signal }: Upload): Promise<Step> {
  const response = await tools.net.request({
    method: 'HEAD',
    path: uploadPath(target.taskId, target.ordinal),
    headers: headersOf(tools, 'HEAD', { target, offset: 0 }),
    signal,
  });
  return response.status === 204 ? 'stored' : readOffset(tools, target, response);
}

async function sendPart(tools: UploadTools, { target, file, signal }: Upload, offset: number): Promise<Step> {
  const length = Math.min(tools.chunkBytes ?? uploadChunkBytes, target.size - offset);
  const response = await tools.net.request({
    method: 'PATCH',
    path: uploadPath(target.taskId, target.ordinal),
    headers: {
      ...headersOf(tools, 'PATCH', { target, offset }),
      'content-type': 'application/offset+octet-stream',
      'content-length': String(length),
    },
    body:
      length === 0 ? new Uint8Array() : (tools.readPart ?? partOf)({ file, offset, length, signal }, tools.bandwidth),
    signal,
  });
  const step = readOffset(tools, target, response);
  if (typeof step !== 'object') {
    return step;
  }
  if (step.next === target.size) {
    return 'stored';
  }
  return step.next > offset ? step : 'later';
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
    case 507:
      return 'full';
    case 400:
    case 401:
    case 403:
    case 404:
    case 422:
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
