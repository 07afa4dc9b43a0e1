import { parsePath } from '#core/file/file-path.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { demandReason } from '../demand-reason.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { quarantineFile } from '../schemas/order.ts';

export const quarantineFileOperation = guarded(
  quarantineFile,
  { permission: 'files.quarantine', licence: [] },
  async ({ body }, call) => {
    demandReason(call.ports.policy, body.reason);
    const action = await quarantineFiles(call.ports, {
      origin: originOf(call, body),
      endpointIds: body.endpointIds,
      targetDigest: body.targetDigest,
      path: body.path === null ? null : parsePath(body.path),
      sha256: body.sha256,
      overrideProtection: body.overrideProtection,
    });
    return showStarted(call, action);
  },
);
