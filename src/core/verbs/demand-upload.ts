import type { Task } from '../action/action.ts';
import type { TaskId } from '../action/action-id.ts';
import { deliverableStates } from '../action/task-state.ts';
import { mostLogFiles } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';
import { claimUpload } from './claim-upload.ts';
import { demandLiveStorage } from './demand-evidence-storage.ts';

/** Agents begin another log file long before. */
const longestLog = 64 * 1024 ** 2;

/** How many files a task may send. */
function filesSent({ parameters }: Task): number {
  if (parameters.verb === 'logs') {
    return mostLogFiles;
  }
  return parameters.verb === 'fetch' ? parameters.files.length : 0;
}

export interface OfferedFile {
  readonly endpointId: EndpointId;
  readonly taskId: TaskId;
  readonly ordinal: number;
  readonly sha256: Sha256;
  readonly size: number;
}

/**
 * Whether an agent may send a file's bytes: only for its own open fetch task, and only when they are not held yet.
 * @param isBegun some of them are here: storage has shown that it can be written, and the next write is proof enough.
 * Whether there is room for them is not asked here: what is held already needs none.
 * @throws Fault `permission_denied` for a task that is not this endpoint's open fetch, `too_large`,
 * `evidence_unavailable`
 */
export async function demandUpload(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'policy'>,
  offer: OfferedFile,
  isBegun = false,
): Promise<'needed' | 'stored'> {
  if (offer.size > ports.policy.evidenceSizeLimit) {
    throw new Fault('too_large', `Evidence storage takes files of at most ${ports.policy.evidenceSizeLimit} bytes.`);
  }
  const task = await ports.store.read(({ tasks }) => tasks.byId(offer.taskId));
  const asked = task === undefined ? 0 : filesSent(task);
  const own = task?.endpointId === offer.endpointId && deliverableStates.includes(task.state);
  if (task === undefined || !own || offer.ordinal >= asked) {
    throw new Fault('permission_denied', 'This is not an open fetch task of this endpoint.');
  }
  if (task.parameters.verb === 'logs' && offer.size > longestLog) {
    throw new Fault('too_large', `A log that an agent sends has at most ${longestLog} bytes.`);
  }
  const blobs = isBegun && ports.blobs !== undefined ? ports.blobs : await demandLiveStorage(ports);
  if ((await blobs.size(offer.sha256)) === offer.size) {
    return 'stored';
  }
  if (!isBegun) {
    await claimUpload(ports, task, offer);
  }
  return 'needed';
}
