import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import { openEvidence } from '#core/verbs/deliver-evidence.ts';
import type { FetchedFile } from '#core/verbs/fetched-files.ts';
import { lossNote, type PartedFiles } from '#core/verbs/lost-evidence.ts';
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

type EvidencePorts = Pick<Ports, 'blobs' | 'store' | 'clock' | 'log'>;

/**
 * What goes into an archive of these files, under names that are safe to unpack; of those that are lost, a text that says so.
 */
export function archiveEntries(ports: EvidencePorts, { kept, lost }: PartedFiles): readonly ArchiveEntry[] {
  const names = archiveNames(
    kept.map(({ task, endpoint, outcome, name }) => ({
      endpointId: task.endpointId,
      machineName: endpoint?.hostName ?? task.endpointId,
      displayPath: outcome?.displayPath ?? name,
    })),
  );
  const entries = kept.map(
    (file, index): ArchiveEntry => ({
      name: names[index] ?? String(index),
      modifiedAt: modifiedAt(file),
      ...(file.outcome === undefined || file.outcome.size === null ? {} : { size: file.outcome.size }),
      open: () => openEvidence(ports, file),
    }),
  );
  return [...entries, ...lossNote(lost, { modifiedAt: ports.clock.now(), taken: names })];
}

/** Inventory's time when these are the bytes it saw, else when they were fetched. */
function modifiedAt({ record, outcome, action }: FetchedFile): number {
  const seen = record !== undefined && record.sha256 === outcome?.sha256;
  return seen ? Number(BigInt(record.modifiedNs) / 1_000_000n) : (outcome?.endedAt ?? action.createdAt);
}
