import { delivering, openEvidence } from '#core/verbs/deliver-evidence.ts';
import { contentDisposition } from '../content-disposition.ts';
import { demandReason } from '../demand-reason.ts';
import { demandFile } from '../evidence.ts';
import { guarded } from '../operation.ts';
import { attachment } from '../reply.ts';
import { downloadFile } from '../schemas/evidence.ts';

export const downloadFileOperation = guarded(
  downloadFile,
  { permission: 'evidence.download', licence: [] },
  async ({ parameters, query: { reason } }, { ports, principal, connection }) => {
    demandReason(ports.policy, reason);
    const file = await demandFile(ports, parameters);
    const bytes = await openEvidence(ports, file);
    const { remoteAddress } = connection;
    return attachment(delivering(ports, { principal, remoteAddress, reason, files: [file] }, bytes), {
      mediaType: downloadFile.reply.mediaType,
      disposition: contentDisposition(file.name),
      size: file.outcome?.size ?? undefined,
    });
  },
);
