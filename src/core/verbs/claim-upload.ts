import type { Task } from '../action/action.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { UploadClaim } from '../ports/store/upload-claims.ts';
import { day } from '../time.ts';

/**
 * Counts what an agent says that it will send of one file of a task, before any of it is taken (promise P50). A file whose content
 * has changed since it was named counts again, because what came of it before may be stored; so does one that is said to have another
 * size now, which nobody has counted.
 * @throws Fault `too_large` when it is more than one agent may send within a day, or more than one action may bring.
 */
export async function claimUpload(
  ports: Pick<Ports, 'store' | 'clock' | 'policy'>,
  task: Pick<Task, 'endpointId' | 'actionId'>,
  offer: Pick<UploadClaim, 'taskId' | 'ordinal' | 'sha256' | 'size'>,
): Promise<void> {
  const { taskId, ordinal, sha256, size } = offer;
  const known = await ports.store.read(({ uploadClaims }) => uploadClaims.byFile(taskId, ordinal));
  if (known?.sha256 === sha256 && known.namedSize === size) {
    return;
  }
  const { endpointId, actionId } = task;
  const at = ports.clock.now();
  const { bytesOfEndpoint, bytesOfAction } = ports.policy.uploads;
  await ports.store.transact(async ({ uploadClaims }) => {
    const before = await uploadClaims.byFile(taskId, ordinal);
    const ofEndpoint = (await uploadClaims.sumOfEndpoint(endpointId, at - day)) + size;
    const ofAction = (await uploadClaims.sumOfAction(actionId)) + size;
    if (ofEndpoint > bytesOfEndpoint) {
      throw new Fault(
        'too_large',
        `An agent sends at most ${bytesOfEndpoint} bytes within a day. Order the rest later.`,
      );
    }
    if (ofAction > bytesOfAction) {
      throw new Fault('too_large', `An action brings at most ${bytesOfAction} bytes. Order the rest as another one.`);
    }
    const sizes = { namedSize: size, size: (before?.size ?? 0) + size };
    await uploadClaims.put({ taskId, ordinal, endpointId, actionId, sha256, ...sizes, at });
  });
}
