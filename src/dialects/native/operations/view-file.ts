import { viewEvidence } from '#core/verbs/view-evidence.ts';
import { demandReason } from '../demand-reason.ts';
import { demandFile } from '../evidence.ts';
import { guarded } from '../operation.ts';
import { viewFile } from '../schemas/evidence.ts';

export const viewFileOperation = guarded(
  viewFile,
  { permission: 'evidence.download', licence: [] },
  async ({ parameters, query: { reason, offset, length } }, { ports, principal, connection }) => {
    demandReason(ports.policy, reason);
    const file = await demandFile(ports, parameters);
    const { remoteAddress } = connection;
    const bytes = await viewEvidence(ports, file, { principal, remoteAddress, reason, offset, length });
    return { name: file.name, size: file.outcome?.size ?? null, offset, bytes: Buffer.from(bytes).toString('base64') };
  },
);
