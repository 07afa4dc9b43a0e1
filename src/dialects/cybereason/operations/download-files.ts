import { Fault } from '#core/fault.ts';
import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import { delivering, openEvidence } from '#core/verbs/deliver-evidence.ts';
import { type FetchedFile, fetchedFiles } from '#core/verbs/fetched-files.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { archiveNames } from '../archive-names.ts';
import { openBatch } from '../batch.ts';
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
    const files = all.filter((file) => file.outcome?.outcome === 'done');
    if (files.length === 0) {
      throw nothingToDownload(all);
    }
    await demandStored(ports, files);
    const delivery = { principal, remoteAddress: connection.remoteAddress, files };
    const archive = ports.archiver.zip(entriesOf(ports, files));
    return new Response(delivering(ports, delivery, archive), {
      headers: {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="batch_${batch.batchNumber}.zip"`,
        'content-security-policy': "sandbox; default-src 'none'",
        'cross-origin-resource-policy': 'same-origin',
      },
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

/** Before the first byte, while the answer can still be a failure. @throws Fault `evidence_unavailable` */
async function demandStored(ports: Pick<Ports, 'blobs'>, files: readonly FetchedFile[]): Promise<void> {
  for (const { outcome } of files) {
    const hash = outcome?.sha256 ?? null;
    const size = hash === null ? undefined : await ports.blobs?.size(hash);
    if (size === undefined) {
      throw new Fault('evidence_unavailable', 'The bytes of this batch cannot be had from evidence storage now.');
    }
  }
}

function entriesOf(ports: Pick<Ports, 'blobs'>, files: readonly FetchedFile[]): readonly ArchiveEntry[] {
  const names = archiveNames(
    files.map(({ task, endpoint, outcome, name }) => ({
      endpointId: task.endpointId,
      machineName: endpoint?.hostName ?? task.endpointId,
      displayPath: outcome?.displayPath ?? name,
    })),
  );
  return files.map((file, index) => ({
    name: names[index] ?? String(index),
    modifiedAt: modifiedAt(file),
    ...(file.outcome === undefined || file.outcome.size === null ? {} : { size: file.outcome.size }),
    open: () => openEvidence(ports, file),
  }));
}

/** Inventory's time when these are the bytes it saw, else when they were fetched. */
function modifiedAt({ record, outcome, action }: FetchedFile): number {
  const seen = record !== undefined && record.sha256 === outcome?.sha256;
  return seen ? Number(BigInt(record.modifiedNs) / 1_000_000n) : (outcome?.endedAt ?? action.createdAt);
}
