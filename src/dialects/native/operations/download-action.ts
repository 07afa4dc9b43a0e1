import { Fault } from '#core/fault.ts';
import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import { delivering, openEvidence } from '#core/verbs/deliver-evidence.ts';
import type { FetchedFile } from '#core/verbs/fetched-files.ts';
import { archiveNames } from '../archive-name.ts';
import { contentDisposition } from '../content-disposition.ts';
import { demandReason } from '../demand-reason.ts';
import { filesOfAction } from '../evidence.ts';
import { guarded } from '../operation.ts';
import { attachment } from '../reply.ts';
import { downloadAction } from '../schemas/evidence.ts';

export const downloadActionOperation = guarded(
  downloadAction,
  { permission: 'evidence.download', licence: [] },
  async ({ parameters: { actionId }, query: { reason } }, { ports, principal, connection }) => {
    demandReason(ports.policy, reason);
    const all = await filesOfAction(ports, actionId);
    const files = all.filter((file) => file.outcome?.outcome === 'done');
    if (files.length === 0) {
      throw new Fault('not_found', `Action ${actionId} has brought no file.`, { details: { what: 'evidence' } });
    }
    const { remoteAddress } = connection;
    const archive = ports.archiver.zip(entriesOf(ports, files));
    return attachment(delivering(ports, { principal, remoteAddress, reason, files }, archive), {
      mediaType: downloadAction.reply.mediaType,
      disposition: contentDisposition(`custody-${actionId}.zip`),
    });
  },
);

function entriesOf(ports: Pick<Ports, 'blobs'>, files: readonly FetchedFile[]): readonly ArchiveEntry[] {
  const names = archiveNames(files);
  return files.map((file, index) => ({
    name: names[index] ?? file.task.id,
    modifiedAt: file.outcome?.endedAt ?? file.action.createdAt,
    ...(typeof file.outcome?.size === 'number' && { size: file.outcome.size }),
    open: () => openEvidence(ports, file),
  }));
}
