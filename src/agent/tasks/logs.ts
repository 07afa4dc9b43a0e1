import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import type { Spooled } from '../child/job.ts';
import { ending } from '../operations/ending.ts';
import { replaceOwnFile } from '../platform/own-files.ts';
import type { RotatingFile } from '../platform/rotating-file.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { denied } from '../policy/guard.ts';
import { type EndpointPolicy, ruleAgainst } from '../policy/policy.ts';
import { type FetchTools, performFetch } from './fetch.ts';
import { makeSpool, readSpooled, spoolFile, spoolOf, writeSpooled } from './spool.ts';
import type { Heed } from './task-gate.ts';

export interface LogRoom {
  readonly fetching: FetchTools;
  readonly logs: RotatingFile;
}

/**
 * Sends this agent's own log files, as they are when the order begins. The order names no path, so that it reaches nothing
 * else, and the endpoint's policy may deny it by the verb or by where the files are. From the spool on it is a fetch.
 * @throws Abandoned when the signal is given.
 */
export async function performLogs({ fetching, logs }: LogRoom, order: Order, heed: Heed): Promise<ReportedFile[]> {
  const directory = spoolOf(fetching.spool, order.taskId);
  makeSpool(directory);
  const hasPrevious = readSpooled(directory, [1]).length > 0 || existsSync(logs.previous);
  const names = hasPrevious ? [logs.current, logs.previous] : [logs.current];
  const files = names.map((file) => ({ path: pathOf(file), vaultObject: null, indexedSha256: null }));
  for (const [ordinal, file] of names.entries()) {
    if (readSpooled(directory, [ordinal]).length === 0) {
      writeSpooled(directory, captureLog({ file, ordinal, directory, policy: fetching.policy }));
    }
  }
  return await performFetch(fetching, { ...order, parameters: { verb: 'fetch', files } }, heed);
}

interface Capturing {
  readonly file: string;
  readonly ordinal: number;
  readonly directory: string;
  readonly policy: EndpointPolicy;
}

/** Small enough to be read at once, so that a line which is being written is whole or not in it. */
function captureLog({ file, ordinal, directory, policy }: Capturing): Spooled {
  const path = pathOf(file);
  const rule = ruleAgainst(policy, { verb: 'logs', path });
  if (rule !== undefined) {
    return { state: 'ended', file: { ...ending({ ...denied(rule), path }), ordinal } };
  }
  const bytes = readLog(file);
  if (typeof bytes === 'string') {
    const outcome = bytes === 'ENOENT' ? 'not_found' : 'access_denied';
    const message = bytes === 'ENOENT' ? 'There is no such log file yet.' : `The log file cannot be read: ${bytes}.`;
    return { state: 'ended', file: { ...ending({ outcome, message, path }), ordinal } };
  }
  replaceOwnFile(spoolFile(directory, ordinal), bytes);
  const sha256 = sha256Schema.parse(createHash('sha256').update(bytes).digest('hex'));
  return { state: 'captured', ordinal, path, sha256, size: bytes.length, losses: [], details: {} };
}

function pathOf(file: string): FilePath {
  return filePathSchema.parse(new Uint8Array(Buffer.from(file)));
}

/** @returns the code of the system's failure when it cannot be read. */
function readLog(file: string): Uint8Array | string {
  try {
    return readFileSync(file);
  } catch (failure) {
    const code = systemErrorCode(failure);
    if (code === undefined) {
      throw failure;
    }
    return code;
  }
}
