import type { FileRecord } from '#core/file/file.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import type { FileRow } from '../schema.ts';

export function toFile(row: FileRow): FileRecord {
  return {
    guid: row.guid,
    endpointId: row.endpoint_id,
    path: filePathSchema.parse(row.path),
    displayPath: row.display_path,
    name: row.name,
    size: row.size,
    sha256: row.sha256,
    sha1: row.sha1,
    md5: row.md5,
    modifiedNs: row.modified_ns,
    changedNs: row.changed_ns,
    createdNs: row.created_ns,
    mode: row.mode,
    uid: row.uid,
    gid: row.gid,
    owner: row.owner,
    kind: row.kind,
    state: row.state,
    seenAt: row.seen_at,
    firstSeenAt: row.first_seen_at,
    package: row.package,
  };
}

export function toFileRow(file: FileRecord): FileRow {
  return {
    guid: file.guid,
    endpoint_id: file.endpointId,
    path: file.path,
    display_path: file.displayPath,
    display_path_lower: file.displayPath.toLowerCase(),
    name: file.name,
    name_lower: file.name.toLowerCase(),
    size: file.size,
    sha256: file.sha256,
    sha1: file.sha1,
    md5: file.md5,
    modified_ns: file.modifiedNs,
    changed_ns: file.changedNs,
    created_ns: file.createdNs,
    mode: file.mode,
    uid: file.uid,
    gid: file.gid,
    owner: file.owner,
    kind: file.kind,
    state: file.state,
    seen_at: file.seenAt,
    first_seen_at: file.firstSeenAt,
    package: file.package,
  };
}
