import { restoreFiles } from '#core/verbs/restore-files.ts';
import { originOf, restoreOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { restoreFile } from '../schemas/order.ts';

export const restoreFileOperation = guarded(
  restoreFile,
  { permission: 'files.restore', licence: [] },
  async ({ body }, call) => {
    const { endpointId, vaultObjects } = body;
    const action = await restoreFiles(call.ports, {
      ...restoreOf(body),
      ...{ origin: originOf(call, body), endpointId, vaultObjects },
    });
    return showStarted(call, action);
  },
);
