import { filePathSchema } from '#core/file/file-path.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { QuarantineRow } from '../schema.ts';

export function toRecord(row: QuarantineRow): QuarantineRecord {
  return {
    vaultObject: row.vault_object,
    guid: row.guid,
    fileGuid: row.file_guid,
    endpointId: row.endpoint_id,
    path: filePathSchema.parse(row.path),
    displayPath: row.display_path,
    sha256: row.sha256,
    size: row.size,
    actionId: row.action_id,
    quarantinedAt: row.quarantined_at,
    takenAt: row.taken_at,
    state: row.state,
    restoredAt: row.restored_at,
    restoredBy: row.restored_by,
    damagedAt: row.damaged_at,
  };
}

export function toQuarantineRow(record: QuarantineRecord): QuarantineRow {
  return {
    vault_object: record.vaultObject,
    guid: record.guid,
    file_guid: record.fileGuid,
    endpoint_id: record.endpointId,
    path: record.path,
    display_path: record.displayPath,
    sha256: record.sha256,
    size: record.size,
    action_id: record.actionId,
    quarantined_at: record.quarantinedAt,
    taken_at: record.takenAt,
    state: record.state,
    restored_at: record.restoredAt,
    restored_by: record.restoredBy,
    damaged_at: record.damagedAt,
  };
}
