import type { FetchParameters } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FileRecord } from '../file/file.ts';
import type { Guid } from '../file/guid.ts';
import type { QuarantineRecord } from '../file/quarantine-record.ts';
import type { Reader } from '../ports/store/store.ts';

/** Where the bytes of one file are. */
export interface FetchSource {
  readonly endpointId: EndpointId;
  readonly file: FetchParameters['files'][number];
  /** The same for two GUIDs that mean the same bytes. */
  readonly key: string;
}

/**
 * Where the file of each GUID is to be had, in the order of the GUIDs; unknown ones are left out. What stands on the disk
 * comes before what an older file of the same place left in the vault, and the newest of several there.
 */
export async function sourcesOf(
  reader: Pick<Reader, 'files' | 'quarantine'>,
  guids: readonly Guid[],
): Promise<ReadonlyMap<Guid, FetchSource>> {
  const files = new Map((await reader.files.byGuids(guids)).map((file) => [file.guid, file]));
  const held = await reader.quarantine.heldByGuids(guids);
  // The newest is first in the list, so last in the reversed one: it is what the map keeps.
  const byGuid = new Map(held.map((record) => [record.guid, record]));
  const byFile = new Map(held.toReversed().map((record) => [record.fileGuid, record]));
  const sources = new Map<Guid, FetchSource>();
  for (const guid of guids) {
    const source = sourceOf(files.get(guid), byGuid.get(guid) ?? byFile.get(guid));
    if (source !== undefined) {
      sources.set(guid, source);
    }
  }
  return sources;
}

function sourceOf(file: FileRecord | undefined, held: QuarantineRecord | undefined): FetchSource | undefined {
  if (file !== undefined && (file.state === 'present' || held === undefined)) {
    return onDisk(file);
  }
  return held === undefined ? undefined : inVault(held);
}

function onDisk({ endpointId, guid, path, sha256 }: FileRecord): FetchSource {
  return { endpointId, file: { path, vaultObject: null, indexedSha256: sha256 }, key: guid };
}

function inVault({ endpointId, path, vaultObject, sha256 }: QuarantineRecord): FetchSource {
  return { endpointId, file: { path, vaultObject, indexedSha256: sha256 }, key: vaultObject };
}
