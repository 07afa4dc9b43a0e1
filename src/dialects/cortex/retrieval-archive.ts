import type { Json } from '#core/custody/event.ts';
import { displayPath } from '#core/file/file-path.ts';
import type { ArchiveEntry } from '#core/ports/archiver.ts';
import type { Ports } from '#core/ports/ports.ts';
import { openEvidence } from '#core/verbs/deliver-evidence.ts';
import type { FetchedFile } from '#core/verbs/fetched-files.ts';
import { lossOf, partLost } from '#core/verbs/lost-evidence.ts';
import { archiveNames } from './archive-names.ts';
import { describeOutcome } from './outcome-words.ts';
import { isRetrieved } from './retrieved-files.ts';

const logName = 'retrieval_log.json';

/** What one endpoint's archive holds: the files that came, and a log that says of each asked file what became of it. */
export function archiveEntries(
  ports: Pick<Ports, 'blobs' | 'clock' | 'store' | 'log'>,
  files: readonly FetchedFile[],
): readonly ArchiveEntry[] {
  const retrieved = partLost(files.filter(isRetrieved)).kept;
  const names = archiveNames(
    retrieved.map((file) => file.path),
    [logName],
  );
  const entries = retrieved.map((file, index): ArchiveEntry => {
    const size = file.outcome?.size ?? null;
    return {
      name: names[index] ?? file.name,
      modifiedAt: file.outcome?.endedAt ?? file.action.createdAt,
      ...(size !== null && { size }),
      open: () => openEvidence(ports, file),
    };
  });
  const nameOf = new Map(retrieved.map((file, index) => [file, names[index] ?? null]));
  return [...entries, logEntry(ports, logOf(files, nameOf))];
}

function logOf(files: readonly FetchedFile[], names: ReadonlyMap<FetchedFile, string | null>): Json {
  return files.map((file) => ({
    action_id: file.action.id,
    endpoint_id: file.task.endpointId,
    endpoint_name: file.endpoint?.hostName ?? null,
    file_path: displayPath(file.path),
    status: file.outcome?.outcome ?? 'pending',
    description: descriptionOf(file),
    archive_name: names.get(file) ?? null,
    sha256: file.outcome?.sha256 ?? null,
    // What was known of a file that is another one now.
    indexed_sha256: file.outcome?.details.indexedSha256 ?? null,
    size: file.outcome?.size ?? null,
  }));
}

function descriptionOf({ outcome, evidence }: FetchedFile): string {
  const loss = evidence && lossOf(evidence);
  if (loss !== undefined) {
    return loss.message;
  }
  return outcome === undefined ? 'The endpoint has not reported yet.' : describeOutcome(outcome);
}

function logEntry(ports: Pick<Ports, 'clock'>, log: Json): ArchiveEntry {
  const bytes = new TextEncoder().encode(`${JSON.stringify(log, null, 2)}\n`);
  return {
    name: logName,
    modifiedAt: ports.clock.now(),
    size: bytes.length,
    open: async () => new Blob([bytes]).stream(),
  };
}
