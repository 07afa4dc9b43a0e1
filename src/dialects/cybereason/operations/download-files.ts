import { Fault } from '#core/fault.ts';
import { delivering, demandEvidence } from '#core/verbs/deliver-evidence.ts';
import { type FetchedFile, fetchedFiles } from '#core/verbs/fetched-files.ts';
import { demandAnyKept, partLost } from '#core/verbs/lost-evidence.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { openBatch } from '../batch.ts';
import { archiveEntries, archiveHeaders } from '../evidence-archive.ts';
import { stateWithoutOutcome } from '../status.ts';

/**
 * `GET /rest/fetchfile/getfiles/{batchID}`: a ZIP of those of the batch's files that have arrived, again and again
 * until the batch is closed or expires. Every failure is 500, which clients read as a batch that cannot be had.
 */
export const downloadFiles: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/fetchfile/getfiles/:batchID'],
  access: { permission: 'evidence.download', licence: [] },
  async run({ ports, principal, parameters, connection }) {
    const batch = await openBatch(ports, principal, parameters['batchID'] ?? '');
    const all = await fetchedFiles(ports, [batch]);
    const fetched = partLost(all.filter((file) => file.outcome?.outcome === 'done'));
    demandAnyKept(fetched);
    const files = fetched.kept;
    if (files.length === 0) {
      throw nothingToDownload(all);
    }
    await demandEvidence(ports, files);
    const delivery = { principal, remoteAddress: connection.remoteAddress, files };
    const archive = ports.archiver.zip(archiveEntries(ports, fetched));
    return new Response(delivering(ports, delivery, archive), {
      headers: archiveHeaders(`batch_${batch.batchNumber}.zip`),
    });
  },
};

function nothingToDownload(files: readonly FetchedFile[]): Fault {
  const details = { what: 'batch' };
  const coming = files.some((file) => isComing(file));
  return coming
    ? new Fault('not_found', 'The batch is not ready: none of its files has arrived yet. Try again later.', { details })
    : new Fault('not_found', 'The batch holds nothing: none of its files could be fetched.', { details });
}

function isComing({ outcome, status }: FetchedFile): boolean {
  return outcome === undefined && stateWithoutOutcome[status] !== 'Failed';
}
