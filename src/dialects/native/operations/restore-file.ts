import { parsePath } from '#core/file/file-path.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { restoreFile } from '../schemas/order.ts';

export const restoreFileOperation = guarded(
  restoreFile,
  { permission: 'files.restore', licence: [] },
  async ({ body }, call) => {
    const { sha256, endpointId, vaultObject, to, ifOccupied, allow } = body;
    const action = await restoreFiles(call.ports, {
      origin: originOf(call, body),
      sha256,
      endpointId,
      vaultObject,
      to: to === undefined ? undefined : parsePath(to),
      ifOccupied,
      allow,
    });
    return showStarted(call, action);
  },
);
