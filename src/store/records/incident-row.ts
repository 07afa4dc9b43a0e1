import { filePathSchema } from '#core/file/file-path.ts';
import type { FileObservation, Incident, IncidentComment, ProcessObservation } from '#core/incident/incident.ts';
import type { IncidentCommentRow, IncidentFileRow, IncidentProcessRow, IncidentRow } from '../schema.ts';

export function toIncident(row: IncidentRow): Incident {
  return {
    id: row.id,
    guid: row.guid,
    name: row.name,
    description: row.description,
    severity: row.severity,
    status: row.status,
    assignedTo: row.assigned_to,
    createdBy: { kind: row.created_by_kind, id: row.created_by_id, name: row.created_by_name },
    dialect: row.dialect,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    resolvedAt: row.resolved_at,
    externalId: row.external_id,
    manualSeverity: row.manual_severity,
    starred: row.starred === 1,
    resolveComment: row.resolve_comment,
  };
}

export function toIncidentRow(incident: Incident): IncidentRow {
  return {
    id: incident.id,
    guid: incident.guid,
    name: incident.name,
    description: incident.description,
    severity: incident.severity,
    status: incident.status,
    assigned_to: incident.assignedTo,
    created_by_kind: incident.createdBy.kind,
    created_by_id: incident.createdBy.id,
    created_by_name: incident.createdBy.name,
    dialect: incident.dialect,
    created_at: incident.createdAt,
    updated_at: incident.updatedAt,
    resolved_at: incident.resolvedAt,
    external_id: incident.externalId,
    manual_severity: incident.manualSeverity,
    starred: incident.starred ? 1 : 0,
    resolve_comment: incident.resolveComment,
  };
}

export function toProcess(row: IncidentProcessRow): ProcessObservation {
  return {
    incidentId: row.incident_id,
    guid: row.guid,
    endpointId: row.endpoint_id,
    path: filePathSchema.parse(row.path),
    displayPath: row.display_path,
    name: row.name,
    sha256: row.sha256,
    pid: row.pid,
    commandLine: row.command_line,
    userName: row.user_name,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

export function toProcessRow(process: ProcessObservation, ordinal: number): IncidentProcessRow {
  return {
    incident_id: process.incidentId,
    guid: process.guid,
    ordinal,
    endpoint_id: process.endpointId,
    path: process.path,
    display_path: process.displayPath,
    name: process.name,
    sha256: process.sha256,
    pid: process.pid,
    command_line: process.commandLine,
    user_name: process.userName,
    started_at: process.startedAt,
    ended_at: process.endedAt,
  };
}

export function toFile(row: IncidentFileRow): FileObservation {
  return {
    incidentId: row.incident_id,
    fileGuid: row.file_guid,
    endpointId: row.endpoint_id,
    path: filePathSchema.parse(row.path),
    displayPath: row.display_path,
    sha256: row.sha256,
  };
}

export function toFileRow(file: FileObservation, ordinal: number): IncidentFileRow {
  return {
    incident_id: file.incidentId,
    file_guid: file.fileGuid,
    ordinal,
    endpoint_id: file.endpointId,
    path: file.path,
    display_path: file.displayPath,
    sha256: file.sha256,
  };
}

export function toComment(row: IncidentCommentRow): IncidentComment {
  return {
    id: row.id,
    incidentId: row.incident_id,
    at: row.at,
    author: { kind: row.author_kind, id: row.author_id, name: row.author_name },
    text: row.body,
  };
}

export function toCommentRow(comment: IncidentComment): IncidentCommentRow {
  return {
    id: comment.id,
    incident_id: comment.incidentId,
    at: comment.at,
    author_kind: comment.author.kind,
    author_id: comment.author.id,
    author_name: comment.author.name,
    body: comment.text,
  };
}
