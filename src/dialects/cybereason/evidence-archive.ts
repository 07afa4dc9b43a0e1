import { Fault } from '#core/fault.ts';
import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import { openEvidence } from '#core/verbs/deliver-evidence.ts';
import type { FetchedFile } from '#core/verbs/fetched-files.ts';
import { archiveNames } from './archive-names.ts';

/**
 * The headers of an answer that is an archive. Clients find the name by its double quotes; one that is not ASCII is spelt out
 * behind it for those who read that (RFC 8187).
 * @param name safe to save a file under.
 */
export function archiveHeaders(name: string): Record<string, string> {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${ascii}"${ascii === name ? '' : `; filename*=UTF-8''${encoded}`}`,
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
  };
}

/** Before the first byte, while the answer can still be a failure. @throws Fault `evidence_unavailable` */
export async function demandStored(ports: Pick<Ports, 'blobs'>, files: readonly FetchedFile[]): Promise<void> {
  for (const { outcome } of files) {
    const hash = outcome?.sha256 ?? null;
    const size = hash === null ? undefined : await ports.blobs?.size(hash);
    if (size === undefined) {
      throw new Fault('evidence_unavailable', 'The bytes of this batch cannot be had from evidence storage now.');
    }
  }
}

/** What goes into an archive of these files, under names that are safe to unpack. */
export function archiveEntries(ports: Pick<Ports, 'blobs'>, files: readonly FetchedFile[]): readonly ArchiveEntry[] {
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
