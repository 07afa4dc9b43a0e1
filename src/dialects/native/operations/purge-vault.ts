import { purgeFiles } from '#core/verbs/purge-files.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { purgeVault } from '../schemas/order.ts';

export const purgeVaultOperation = guarded(
  purgeVault,
  { permission: 'files.purge', licence: [] },
  async ({ body }, call) => {
    const { endpointIds, sha256, vaultObject, vaultObjects } = body;
    return showStarted(
      call,
      await purgeFiles(call.ports, { origin: originOf(call, body), endpointIds, sha256, vaultObject, vaultObjects }),
    );
  },
);
