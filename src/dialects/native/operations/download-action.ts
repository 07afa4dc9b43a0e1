import { Fault } from '#core/fault.ts';
import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import { delivering, demandEvidence, openEvidence } from '#core/verbs/deliver-evidence.ts';
import { demandAnyKept, lossNote, type PartedFiles, partLost } from '#core/verbs/lost-evidence.ts';
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
    const fetched = partLost(all.filter((file) => file.outcome?.outcome === 'done'));
    demandAnyKept(fetched);
    const files = fetched.kept;
    if (files.length === 0) {
      throw new Fault('not_found', `Action ${actionId} has brought no file.`, { details: { what: 'evidence' } });
    }
    await demandEvidence(ports, files);
    const { remoteAddress } = connection;
    const archive = ports.archiver.zip(entriesOf(ports, fetched));
    return attachment(delivering(ports, { principal, remoteAddress, reason, files }, archive), {
      mediaType: downloadAction.reply.mediaType,
      disposition: contentDisposition(`custody-${actionId}.zip`),
    });
  },
);

type EvidencePorts = Pick<Ports, 'blobs' | 'store' | 'clock' | 'log'>;

function entriesOf(ports: EvidencePorts, { kept, lost }: PartedFiles): readonly ArchiveEntry[] {
  const names = archiveNames(kept);
  const entries = kept.map(
    (file, index): ArchiveEntry => ({
      name: names[index] ?? file.task.id,
      modifiedAt: file.outcome?.endedAt ?? file.action.createdAt,
      ...(typeof file.outcome?.size === 'number' && { size: file.outcome.size }),
      open: () => openEvidence(ports, file),
    }),
  );
  return [...entries, ...lossNote(lost, { modifiedAt: ports.clock.now(), taken: names })];
}
